"""For integration tests: one PostgreSQL and one NATS for a run, a fresh database for a module."""

import asyncio
import concurrent.futures
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from nats.aio.client import Client

from lkmr_rig import postgres
from lkmr_rig.credentials import password
from lkmr_rig.guard import free_base
from lkmr_rig.layout import CHECKOUT, Home, Ports, prefix, snake
from lkmr_rig.threaded import ThreadedSuite, running

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """A database of its own. `url` has the password of the program's role, `owner_url` the owner's.

    `name` and `password` are there for settings that take them apart.
    """

    __test__ = False
    service: str
    name: str
    password: str
    plain_url: str
    url: str
    owner_url: str
    superuser_url: str


@dataclass(slots=True)
class Infra:
    """PostgreSQL and NATS of this test run, with all roles and accounts of the suite."""

    home: Home
    ports: Ports
    templates: set[str] = field(default_factory=set)

    @property
    def nats_address(self) -> str:
        """`127.0.0.1:port`."""
        return f"127.0.0.1:{self.ports.nats}"

    def nats_url(self, program: str) -> str:
        """`nats://notify@127.0.0.1:port`; `bootstrap` may do everything."""
        return f"nats://{program}@{self.nats_address}"

    def nats_password(self, program: str) -> str:
        """The password of a NATS account."""
        if program == "bootstrap":
            return password(self.home, "nats", "bootstrap_password")
        return password(self.home, program, "nats_password")

    def database(self, service: str, *, migrated: bool = True) -> TestDatabase:
        """A new database of a service: its migrations applied, or empty. Callable anywhere.

        Raises CalledProcessError with the output of the migrations when they fail.
        """
        template = "template0"
        if migrated:
            template = f"template_{snake(service)}"
            if template not in self.templates:
                self._migrate(service, template)
                self.templates.add(template)
        name = f"{snake(service)}_{next(_numbers)}"
        _run(self._create(service, name, template))
        secret = password(self.home, service, "database_password")
        plain = postgres.url(self.ports, service, name)
        return TestDatabase(
            service=service,
            name=name,
            password=secret,
            plain_url=plain,
            url=plain.replace("@", f":{secret}@", 1),
            owner_url=postgres.owner_url(self.home, self.ports, service, name),
            superuser_url=postgres.dsn(self.home, self.ports, name),
        )

    def drop(self, database: TestDatabase) -> None:
        """Remove a database and whoever is still in it."""
        _run(self._sql(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)'))

    def clear_streams(self) -> None:
        """Remove every stream with its consumers, so that a test begins with silence."""
        _run(self._clear())

    def _migrate(self, service: str, template: str) -> None:

        _run(self._create(service, template, "template0"))
        address = postgres.owner_url(self.home, self.ports, service, template)
        subprocess.run(
            [sys.executable, "-m", "lkmr_servicekit.migrate", f"services/{service}"],
            check=True,
            cwd=CHECKOUT,
            env=os.environ | {f"{prefix(service)}MIGRATION_URL": address},
        )

    async def _create(self, service: str, name: str, template: str) -> None:

        connection = await self._connect()
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await postgres.create_database(connection, service, name, template)
        finally:
            await connection.close()
        if template == "template0":
            await postgres.grant(postgres.dsn(self.home, self.ports, name), service)

    async def _sql(self, statement: str) -> None:
        connection = await self._connect()
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _connect(self) -> asyncpg.Connection:

        return await asyncpg.connect(postgres.dsn(self.home, self.ports), timeout=5)

    async def _clear(self) -> None:

        client = Client()
        secret = self.nats_password("bootstrap")
        await client.connect(f"nats://{self.nats_address}", user="bootstrap", password=secret)
        try:
            streams = client.jetstream()
            for stream in await streams.streams_info():
                if stream.config.name:
                    await streams.delete_stream(stream.config.name)
        finally:
            await client.close()


@pytest.fixture(scope="session")
def infra() -> Iterator[Infra]:
    """PostgreSQL and NATS for this run, in a temporary folder, on free ports."""
    folder = Path(tempfile.mkdtemp(prefix="lkmr-infra-"))
    base = free_base()
    output = folder / "rig.log"
    with output.open("w", encoding="utf-8") as log:
        rig = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "lkmr_rig", "infra"),
                *("--home", str(folder / "home"), "--ports", str(base)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        if rig.stdout is None or not rig.stdout.readline().startswith("ready"):
            rest = rig.stdout.read() if rig.stdout and rig.poll() is not None else ""
            pytest.fail(f"PostgreSQL or NATS did not start\n{rest}\n{output.read_text()}")
        yield Infra(Home(folder / "home"), Ports(base))
    finally:
        rig.send_signal(signal.SIGTERM)
        rig.communicate(timeout=15)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def database(infra: Infra) -> Iterator[Callable[..., TestDatabase]]:
    """Makes databases that are dropped after the module: `database("auth")`."""
    made: list[TestDatabase] = []

    def make(service: str, *, migrated: bool = True) -> TestDatabase:
        made.append(infra.database(service, migrated=migrated))
        return made[-1]

    yield make
    for one in made:
        infra.drop(one)


@pytest.fixture(scope="module")
def silent_nats(infra: Infra) -> Infra:
    """NATS without any stream at the begin of the module."""
    infra.clear_streams()
    return infra


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedSuite]:
    """The whole suite for this run, in a folder and on ports of its own (for `tests/journeys`)."""
    home = tmp_path_factory.mktemp("suite") / "home"
    with running(home, free_base(), env={"LKMR_REGISTER_WORKERS": "2000"}) as one:
        yield one


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end in a thread of its own, so that a running event loop does not matter."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()
