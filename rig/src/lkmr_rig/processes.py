"""The list: every program of the suite, its ports, its needs and its environment."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from lkmr_rig import nats, postgres, probes
from lkmr_rig.environment import Environment
from lkmr_rig.layout import CHECKOUT, SERVICES, STAND_INS, Home, Ports, snake, write_json
from lkmr_rig.supervisor import Process, StartFailed, Task
from lkmr_rig.tasks import run_program

POSTGRES, NATS, STAND_IN, SERVICE, GATEWAY = 0, 1, 2, 3, 4  # stopped from the right
PEOPLE = CHECKOUT / "stand_ins" / "kit" / "src" / "lkmr_stand_in_kit" / "people.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be started: where, how many of each, with which settings of the caller."""

    home: Home
    ports: Ports
    instances: int
    caller: Mapping[str, str]

    @classmethod
    def from_env(cls, home: Home, caller: Mapping[str, str] | None = None) -> "Plan":
        """`LKMR_PORT_BASE`, `LKMR_INSTANCES`. Raises StartFailed when they cannot be read."""
        given = os.environ if caller is None else caller
        try:
            base = int(given.get("LKMR_PORT_BASE", "8080"))
            instances = int(given.get("LKMR_INSTANCES", "1"))
        except ValueError as fault:
            raise StartFailed(f"LKMR_PORT_BASE и LKMR_INSTANCES — числа: {fault}") from None
        if not 1024 <= base <= 65000 or instances not in (1, 2):  # noqa: PLR2004 - ports above 1023
            raise StartFailed("LKMR_PORT_BASE: 1024…65000, LKMR_INSTANCES: 1 или 2")
        return cls(home, Ports(base), instances, given)

    def remember(self) -> None:
        """Note what an operator's command needs in order to reach this suite."""
        offset = self.caller.get("LKMR_CLOCK_OFFSET_SECONDS", "0")
        write_json(
            self.home.folder("run") / "suite.json",
            {
                "LKMR_PORT_BASE": str(self.ports.base),
                "LKMR_INSTANCES": str(self.instances),
                "LKMR_CLOCK_OFFSET_SECONDS": offset,
            },
        )


def infrastructure(plan: Plan) -> list[Process | Task]:
    """PostgreSQL with its roles and databases, and NATS."""
    home, ports = plan.home, plan.ports
    environment = Environment(plan.home, plan.ports, plan.instances, plan.caller)
    return [
        Process(
            "postgres",
            postgres.command(home),
            partial(postgres.answers, home, ports),
            ports={"postgres": ports.postgres},
            environment=environment.base(),
            stop_signal=signal.SIGINT,
            level=POSTGRES,
        ),
        Task("databases", partial(postgres.provision, home, ports), needs=("postgres-1",)),
        Process(
            "nats",
            nats.command(home),
            partial(nats.answers, ports),
            ports={"nats": ports.nats, "monitoring": ports.nats_monitoring},
            environment=environment.base(),
            level=NATS,
        ),
    ]


def suite(plan: Plan) -> list[Process | Task]:
    """Everything, in the order in which a person would explain it."""
    entries = infrastructure(plan)
    entries += [_stand_in(plan, name) for name in STAND_INS]
    entries += [_migrations(plan, service) for service in SERVICES]
    entries.append(_people(plan))
    numbers = range(1, plan.instances + 1)
    entries += [_service(plan, service, number) for service in SERVICES for number in numbers]
    entries += [_gateway(plan, number) for number in numbers]
    entries += [_partner(plan, number) for number in numbers]
    gateways = tuple(f"gateway-{number}" for number in numbers)
    entries.append(Task("readyz", partial(_all_serve, plan), needs=gateways))
    return entries


async def _all_serve(plan: Plan) -> None:
    """Until the gateway says that it and all services serve."""
    everything = probes.http(plan.ports.gateway_http(), "/readyz")
    while not await everything():  # noqa: ASYNC110 - the state of other programs
        await asyncio.sleep(0.1)


def _stand_in(plan: Plan, name: str) -> Process:
    ports = plan.ports
    listens = {
        "mailbox": {"http": ports.mailbox, "smtp": ports.smtp},
        "gosuslugi": {"http": ports.gosuslugi},
        "egisz": {"http": ports.egisz, "mtls": ports.egisz_mtls},
    }[name]
    return Process(
        name,
        _module(f"lkmr_{name}_stand_in"),
        probes.http(listens["http"], "/_control/behaviour"),
        ports=listens,
        environment=_environment(plan).stand_in(name),
        level=STAND_IN,
    )


def _migrations(plan: Plan, service: str) -> Task:
    environment = _environment(plan).migrations(service)
    folder = f"services/{service}"
    command = (sys.executable, "-m", "lkmr_servicekit.migrate", folder)
    work = partial(run_program, plan.home, f"{service}-migrations", command, environment)
    return Task(f"{service}-migrations", work, needs=("databases",))


def _people(plan: Plan) -> Task:
    environment = _environment(plan).service("auth", 1)
    command = (sys.executable, "-m", "lkmr_auth.people_import", str(PEOPLE))
    work = partial(run_program, plan.home, "people-import", command, environment)
    return Task("people-import", work, needs=("auth-migrations",))


def _service(plan: Plan, service: str, number: int) -> Process:
    ports = plan.ports
    listens = {"grpc": ports.grpc(service, number), "metrics": ports.metrics(service, number)}
    if service == "egisz-bridge":
        listens["callback"] = ports.bridge_callback(number)
    if service == "notify":
        listens["bounces"] = ports.bounces(number)
    needs = [f"{service}-migrations", "nats-1"]
    if service == "auth":
        needs += ["people-import", "gosuslugi-1"]  # it trusts what gosuslugi publishes at start
    return Process(
        service,
        _module(f"lkmr_{snake(service)}"),
        probes.http(listens["metrics"], "/readyz/self"),
        instance=number,
        ports=listens,
        environment=_environment(plan).service(service, number),
        needs=tuple(needs),
        level=SERVICE,
    )


def _gateway(plan: Plan, number: int) -> Process:
    ports = plan.ports
    listens = {
        "http": ports.gateway_http(number),
        "https": ports.gateway_https(number),
        "metrics": ports.gateway_metrics(number),
    }
    return Process(
        "gateway",
        _module("lkmr_gateway"),
        probes.http(listens["http"], "/healthz"),
        instance=number,
        ports=listens,
        environment=_environment(plan).gateway(number),
        needs=("nats-1", "gosuslugi-1"),
        level=GATEWAY,
    )


def _partner(plan: Plan, number: int) -> Process:
    ports = plan.ports
    listens = {"grpc": ports.partner(number), "metrics": ports.partner_metrics(number)}
    return Process(
        "partner",
        _module("lkmr_gateway.partner"),
        probes.http(listens["metrics"], "/readyz/self"),
        instance=number,
        ports=listens,
        environment=_environment(plan).partner(number),
        needs=("nats-1", "gosuslugi-1"),
        level=GATEWAY,
    )


def _environment(plan: Plan) -> Environment:
    return Environment(plan.home, plan.ports, plan.instances, plan.caller)


def _module(name: str) -> tuple[str, ...]:
    """A Python program of ours; it ends with the rig, however that ends."""
    return ("setpriv", "--pdeathsig", "KILL", sys.executable, "-m", name)
