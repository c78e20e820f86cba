"""A running suite as an object: the same for `make run`, the journeys and the chaos tests."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from lkmr_rig import credentials, guard, nats, postgres, seal, tls
from lkmr_rig.environment import clock_offset
from lkmr_rig.layout import PROGRAMS, Home, Ports
from lkmr_rig.processes import Plan, infrastructure, suite
from lkmr_rig.supervisor import Process, StartFailed, Supervisor, Task

__all__ = ["StartFailed", "Suite"]

INFRASTRUCTURE = frozenset({"postgres", "nats"})
LEFTOVER_TRIES = 25


def _silent(_: str) -> None:
    """Tests read the logs instead."""


class Suite:
    """Everything of one data folder: `async with Suite(home, base) as suite: …`.

    `env` stands over the environment of the caller; `only` leaves out all roles but those named
    (PostgreSQL and NATS alone: `INFRASTRUCTURE`). Entering returns once all programs answer.
    """

    def __init__(
        self,
        home: Path | Home,
        port_base: int,
        *,
        env: Mapping[str, str] | None = None,
        only: Collection[str] | None = None,
        say: Callable[[str], None] = _silent,
    ) -> None:
        self.home = home if isinstance(home, Home) else Home(home.absolute())
        caller = {**os.environ, **(env or {}), "LKMR_PORT_BASE": str(port_base)}
        caller.setdefault("LKMR_CLOCK_OFFSET_SECONDS", str(clock_offset(caller.get("LKMR_NOW"))))
        self.plan = Plan.from_env(self.home, caller)
        self._only, self._say = only, say
        self._stack = contextlib.ExitStack()
        self.supervisor: Supervisor

    @property
    def ports(self) -> Ports:
        return self.plan.ports

    async def start(self) -> None:
        """Prepare the data folder and begin. Raises StartFailed."""
        entries = self._entries()
        with contextlib.ExitStack() as stack:
            stack.enter_context(guard.only_rig(self.home))
            await self._wait_for_ports(entries)
            await self._prepare()
            self._stack = stack.pop_all()
        self.plan.remember()
        self.supervisor = Supervisor(self.home, entries, self._say)
        self.supervisor.start()

    async def wait_ready(self, seconds: float = 120.0) -> None:
        """Until every program answers. Raises StartFailed."""
        await self.supervisor.wait_ready(seconds)

    async def stop(self) -> None:
        """Stop everything in reverse order, within 10 s."""
        try:
            await self.supervisor.stop()
        finally:
            self._stack.close()

    async def __aenter__(self) -> Self:
        await self.start()
        try:
            await self.wait_ready()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def pid(self, role: str, instance: int = 1) -> int | None:
        """The number of a program, None while it is down."""
        return self.supervisor.pid(f"{role}-{instance}")

    def kill(self, role: str, instance: int = 1, number: int = signal.SIGKILL) -> int:
        """Send a signal to a program; its number. Raises ProcessLookupError when it is down."""
        pid = self.pid(role, instance)
        if pid is None:
            raise ProcessLookupError(f"{role}-{instance} does not run")
        os.kill(pid, number)
        return pid

    async def restarted(
        self, role: str, instance: int = 1, *, after: int, seconds: float = 30
    ) -> None:
        """Until a program answers under another number than `after`. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self.supervisor.replaced(f"{role}-{instance}", after)

    def url(self, role: str, instance: int = 1) -> str:
        """The address of a program with pages or an HTTP interface. Raises KeyError otherwise."""
        ports = {
            "gateway": self.ports.gateway_http(instance),
            "gosuslugi": self.ports.gosuslugi,
            "egisz": self.ports.egisz,
            "mailbox": self.ports.mailbox,
        }
        return f"http://localhost:{ports[role]}"

    async def _wait_for_ports(self, entries: list[Process | Task]) -> None:
        """Raises StartFailed for a taken port; programs of a killed rig get a moment to end."""
        processes = [one for one in entries if isinstance(one, Process)]
        wanted = {port: one.name for one in processes for port in one.ports.values()}
        tries = LEFTOVER_TRIES if guard.was_killed(self.home) else 1
        for left in reversed(range(tries)):
            try:
                guard.check_ports(wanted)
            except StartFailed:
                if not left:
                    raise
                await asyncio.sleep(0.2)

    async def _prepare(self) -> None:
        """First start: keys, passwords, certificates, cluster; at each start fresh leaves."""
        await asyncio.to_thread(credentials.make_all, self.home)
        steps = [
            asyncio.to_thread(postgres.prepare, self.home, self.ports),
            asyncio.to_thread(nats.prepare, self.home, self.ports),
            asyncio.to_thread(tls.make_all, self.home),
            asyncio.to_thread(seal.make, self.home),
        ]
        if self._only is None or "auth" in self._only:
            from lkmr_rig import esia_client  # noqa: PLC0415 - GOST is loaded where it is needed

            steps.append(asyncio.to_thread(esia_client.make, self.home))
        await asyncio.gather(*steps)
        if self._only is None or "partner" in self._only:
            from lkmr_rig import partners  # noqa: PLC0415 - GOST is loaded where it is needed

            await asyncio.to_thread(partners.make, self.home)

    def _entries(self) -> list[Process | Task]:
        if self._only is not None and set(self._only) <= INFRASTRUCTURE:
            return [
                one
                for one in infrastructure(self.plan)
                if isinstance(one, Task) or one.role in self._only
            ]
        entries = suite(self.plan)
        if self._only is None:
            return entries
        wanted = set(self._only)
        return [one for one in entries if _belongs(one, wanted)]


def _belongs(entry: Process | Task, roles: set[str]) -> bool:
    if isinstance(entry, Process):
        return entry.role in roles
    if entry.name == "databases":
        return "postgres" in roles
    if entry.name == "readyz":
        return set(PROGRAMS) <= roles
    return entry.name.removesuffix("-migrations") in roles or (
        entry.name == "people-import" and "auth" in roles
    )
