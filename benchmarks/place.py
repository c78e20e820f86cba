"""Where the measurements run: the whole suite, or the accreditation service alone.

Both give the same: a PostgreSQL with the register, a worker with 20 entries, a caller token in a
file, and the reference programs over the same data. `alone` needs neither gateway nor auth; it is
for work on the service and for quick tests.
"""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from benchmarks import alone, cabinet
from benchmarks.measure import PYTHON, Failed, Variant, cpu_seconds
from benchmarks.reference.monolith import SCHEMA
from lkmr_rig import Suite, postgres
from lkmr_rig.credentials import password
from lkmr_rig.environment import TLS_13_ONLY, Environment
from lkmr_rig.guard import free_base
from lkmr_rig.layout import CHECKOUT, SERVICES, Home, Ports, write_private
from lkmr_rig.threaded import ThreadedSuite

ENTRIES = 20
ROUTE = "/api/v1/accreditations"
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0"
_START_SECONDS = 20.0
_TOKEN_SECONDS = 60.0
_SETTLE_SECONDS = 900
_QUIET_SHARE = 0.2  # of a core, for all services together
_IS_SETTLED = """
SELECT (SELECT count(*) >= $1 FROM compliance) AND NOT EXISTS (SELECT 1 FROM compliance_due)
"""
_NO_LIMIT = "1000000"  # one session asks as often as the machine can answer
_SPARE = 90  # offsets of the port base that the suite leaves to others


class Programs(Protocol):
    """A running suite, whatever holds it."""

    @property
    def home(self) -> Home: ...

    @property
    def ports(self) -> Ports: ...

    def pid(self, role: str, instance: int = 1) -> int | None: ...


@dataclass(slots=True)
class Place:
    """A running suite with a worker to ask about. `cookie` is empty without a gateway."""

    programs: Programs
    worker: str
    cookie: str
    issue_token: Callable[[], Awaitable[str]]
    stack: AsyncExitStack
    _started: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def home(self) -> Home:
        return self.programs.home

    @property
    def ports(self) -> Ports:
        return self.programs.ports

    @property
    def whole(self) -> bool:
        """Whether the gateway and everything behind it runs."""
        return bool(self.cookie)

    def pid(self, role: str) -> int:
        """Raises Failed when the program is down."""
        pid = self.programs.pid(role)
        if pid is None:
            raise Failed(f"{role} does not run")
        return pid

    def admin_dsn(self) -> str:
        """The accreditation database for its superuser."""
        return postgres.dsn(self.home, self.ports, "accreditation")

    def app_dsn(self) -> str:
        """The accreditation database as the service itself opens it."""
        secret = password(self.home, "accreditation", "database_password")
        return postgres.url(self.ports, "accreditation").replace("@", f":{secret}@", 1)

    async def ours(self) -> Variant:
        """The whole path, nothing cached; without a gateway the edge before the service."""
        return await (self.uncached() if self.whole else self.edge())

    async def uncached(self) -> Variant:
        """A second gateway over the same services, as the first but for the answer cache."""
        port = self.ports.gateway_http(2)
        pid, _ = await self._program(
            "gateway-uncached", ("-m", "lkmr_gateway"), self._gateway(), port
        )
        return self._gateway_variant("whole path", port, pid)

    def cached(self) -> Variant:
        """The first gateway, as it is delivered: with the answer cache."""
        return self._gateway_variant(
            "gateway cache warm", self.ports.gateway_http(1), self.pid("gateway")
        )

    def _gateway_variant(self, name: str, port: int, pid: int) -> Variant:
        host = f"localhost:{self.ports.gateway_http(1)}"
        request = request_for(ROUTE, host=host, cookie=self.cookie)
        processes = {
            "gateway": pid,
            "accreditation": self.pid("accreditation"),
            "postgres": self.pid("postgres"),
        }
        return Variant(name, port, [request], processes)

    async def edge(self, *, carried: bool = True) -> Variant:
        """The edge without checks, in front of the same service.

        Not `carried`: it makes each call as a call of its own.
        """
        token = self.home.folder("run") / "benchmark.token"
        if not self._started.keys() & {"edge", "edge_alone"}:
            await self._keep_token(token)
        settings = {
            "BENCH_TARGET": f"127.0.0.1:{self.ports.grpc('accreditation')}",
            "BENCH_TLS": str(self.home.tls("gateway")),
            "BENCH_WORKER": self.worker,
            "BENCH_TOKEN": str(token),
        }
        if carried:
            name, program = "edge without checks", "edge"
        else:
            name, program = "the same, each call alone", "edge_alone"
            settings["BENCH_ALONE"] = "1"
        pid, port = await self._reference(program, settings)
        processes = {
            "edge": pid,
            "accreditation": self.pid("accreditation"),
            "postgres": self.pid("postgres"),
        }
        return Variant(name, port, [request_for(ROUTE)], processes)

    async def floor(self, path: str = "", name: str = "floor") -> Variant:
        """Bare ASGI and asyncpg."""
        pid, port = await self._reference("floor", {"BENCH_DSN": self.app_dsn()})
        request = request_for(path or f"/accreditations/{self.worker}")
        return Variant(name, port, [request], {"floor": pid, "postgres": self.pid("postgres")})

    async def monolith(self) -> Variant:
        """FastAPI and ORM; it finds its own session in its own table."""
        if "monolith" not in self._started:
            await self._open_session()
        pid, port = await self._reference("monolith", {"BENCH_DSN": self.app_dsn()})
        request = request_for(ROUTE, cookie="monolith-session")
        return Variant(
            "monolith", port, [request], {"monolith": pid, "postgres": self.pid("postgres")}
        )

    async def _open_session(self) -> None:
        connection = await asyncpg.connect(self.admin_dsn(), ssl=False)
        try:
            await connection.execute(SCHEMA)
            await connection.execute("TRUNCATE monolith.session, monolith.person")
            person = uuid.uuid4()
            await connection.execute(
                "INSERT INTO monolith.person VALUES ($1, $2, 'Образцова Проба', 'DOCTOR')",
                person,
                uuid.UUID(self.worker),
            )
            await connection.execute(
                "INSERT INTO monolith.session VALUES ($1, $2, now() + interval '1 day', false)",
                hashlib.sha256(b"monolith-session").digest(),
                person,
            )
        finally:
            await connection.close()

    async def _keep_token(self, path: Path) -> None:
        write_private(path, await self.issue_token())

        async def renew() -> None:
            while True:
                await asyncio.sleep(_TOKEN_SECONDS)
                write_private(path, await self.issue_token())

        task = asyncio.create_task(renew())
        self.stack.callback(task.cancel)

    def _gateway(self) -> dict[str, str]:
        caller = {**os.environ, "GATEWAY_ANSWER_CACHE": "false"}
        return Environment(self.home, self.ports, 1, caller).gateway(2)

    async def _reference(self, name: str, settings: Mapping[str, str]) -> tuple[int, int]:
        port = self.ports.at(_SPARE + ("edge", "floor", "monolith", "edge_alone").index(name))
        environment = {
            **os.environ,
            "GRPC_SSL_CIPHER_SUITES": TLS_13_ONLY,
            "PGSSLMODE": "disable",
            "BENCH_LISTEN": f"127.0.0.1:{port}",
            **settings,
        }
        module = f"benchmarks.reference.{name.removesuffix('_alone')}"
        return await self._program(name, ("-m", module), environment, port)

    async def _program(
        self, name: str, command: tuple[str, ...], environment: Mapping[str, str], port: int
    ) -> tuple[int, int]:
        """Start a program once; its pid and port when it listens. Raises Failed."""
        if name in self._started:
            return self._started[name]
        log = self.home.folder("log") / f"{name}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *PYTHON,
                *command,
                cwd=CHECKOUT,
                env=environment,
                stdout=output,
                stderr=output,
            )
        self.stack.push_async_callback(_stop, process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not await _listens(port):
                    if process.returncode is not None:
                        raise Failed(f"{name} ended\n{log.read_text(encoding='utf-8')[-2000:]}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Failed(f"{name} does not listen; see {log}") from None
        self._started[name] = (process.pid, port)
        return self._started[name]


def request_for(path: str, *, host: str = "localhost", cookie: str = "") -> str:
    """A request as a program sends it; the same headers for all, but for the cookie."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"host: {host}",
        f"user-agent: {USER_AGENT}",
        "accept: application/json",
    ]
    if cookie:
        lines.append(f"cookie: __Host-lkmr={cookie}")
    return "\r\n".join(lines) + "\r\n\r\n"


@asynccontextmanager
async def service_alone(home: Path, *, workers: int) -> AsyncIterator[Place]:
    """PostgreSQL, NATS and accreditation, with generated rows and a token of our own."""
    suite = Suite(
        home,
        free_base(),
        env={"ACCREDITATION_REGISTER_SYNC_ENABLED": "false"},
        only={"postgres", "nats", "accreditation"},
    )
    async with AsyncExitStack() as stack:
        keys = alone.Keys()
        await stack.enter_async_context(keys.served(suite.home, suite.ports))
        await stack.enter_async_context(suite)
        place = Place(suite, alone.WORKER, "", keys.token, stack)
        await alone.fill(place.admin_dsn(), 0, workers)
        yield place


@asynccontextmanager
async def whole_suite(home: Path, *, workers: int, login: str = "ivanova") -> AsyncIterator[Place]:
    """The whole suite in a folder of its own, once the register is loaded and judged.

    What happens once after a first start would share the two cores with what is measured.
    """
    env = {"LKMR_REGISTER_WORKERS": str(workers), "LKMR_LIMIT_FACTOR": _NO_LIMIT}
    suite = Suite(home, free_base(), env=env)
    async with suite, in_suite(suite, login=login) as place:
        await _settled(place.admin_dsn(), workers)
        await _quiet(place)
        yield place


async def _settled(dsn: str, workers: int) -> None:
    """Wait until all workers are stored and judged. Raises Failed."""
    connection = await asyncpg.connect(dsn, ssl=False)
    try:
        for _ in range(_SETTLE_SECONDS):
            if await connection.fetchval(_IS_SETTLED, workers):
                return
            await asyncio.sleep(1)
    finally:
        await connection.close()
    raise Failed(f"the register was not judged within {_SETTLE_SECONDS} s")


async def _quiet(place: Place) -> None:
    """Wait until the services have heard all that a first start announces. Raises Failed."""
    pids = [place.pid(role) for role in SERVICES]
    before = sum(map(cpu_seconds, pids))
    for _ in range(_SETTLE_SECONDS):
        await asyncio.sleep(1)
        now = sum(map(cpu_seconds, pids))
        if now - before < _QUIET_SHARE:
            return
        before = now
    raise Failed(f"the services had work for longer than {_SETTLE_SECONDS} s")


@asynccontextmanager
async def in_suite(
    programs: Suite | ThreadedSuite, *, login: str = "ivanova"
) -> AsyncIterator[Place]:
    """A person signs in at a running suite and gets 20 entries for as long as the block lasts."""
    visit = await asyncio.to_thread(cabinet.Visit.begin, programs, login, ENTRIES)
    try:
        async with AsyncExitStack() as stack:
            session = await visit.session()
            yield Place(programs, session.worker, visit.cookie, visit.caller_token, stack)
    finally:
        await asyncio.to_thread(visit.end)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _stop(process: Any) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        process.kill()
        await process.wait()
