"""The rig as a program: with real PostgreSQL and NATS, killed, stopped and started twice."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from lkmr_rig import Suite, postgres
from lkmr_rig.guard import free_base
from lkmr_rig.layout import CHECKOUT, PROGRAMS, Home, Ports
from lkmr_rig.suite import INFRASTRUCTURE

pytestmark = pytest.mark.servers


class Rig:
    """`python -m lkmr_rig infra` on a folder and ports of its own."""

    def __init__(self, home: Path, *before: str, base: int = 0) -> None:
        self.home, self.base = Home(home), base or free_base()
        words = (*before, sys.executable, "-m", "lkmr_rig", "infra", "--home", str(home))
        self.process = subprocess.Popen(
            [*words, "--ports", str(self.base)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=CHECKOUT,
        )

    def wait_ready(self) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready"), line + self.process.communicate(timeout=15)[0]

    def listed(self) -> dict[str, int]:
        return {one["role"]: one["pid"] for one in json.loads(self.home.processes.read_text())}

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        output = self.process.communicate(timeout=15)[0]
        return self.process.returncode, output

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate(timeout=15)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    one = Rig(tmp_path / "home")
    yield one
    one.end()


def _family(pids: list[int]) -> list[psutil.Process]:
    parents = [psutil.Process(pid) for pid in pids]
    return parents + [child for one in parents for child in one.children(recursive=True)]


async def _execute(home: Home, base: int, statement: str) -> object:
    connection = await asyncpg.connect(postgres.dsn(home, Ports(base)))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def test_killed_rig_leaves_no_process_behind(rig: Rig) -> None:
    rig.wait_ready()
    family = _family([*rig.listed().values(), rig.process.pid])
    assert {"postgres", "nats-server"} <= {one.name() for one in family}
    rig.process.kill()
    rig.process.wait(5)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


def test_killed_rig_can_be_started_again_at_once_on_the_same_ports(rig: Rig) -> None:
    rig.wait_ready()
    rig.process.kill()
    rig.process.wait(5)
    again = Rig(rig.home.root, base=rig.base)
    try:
        again.wait_ready()
    finally:
        again.end()


def test_stop_takes_less_than_ten_seconds_and_the_next_start_finds_the_data(rig: Rig) -> None:
    rig.wait_ready()
    asyncio.run(_execute(rig.home, rig.base, "CREATE TABLE kept AS SELECT 42 AS answer"))
    family = _family(list(rig.listed().values()))
    began = time.monotonic()
    code, output = rig.stop()
    assert (code, "принудительно" in output) == (0, False)
    assert time.monotonic() - began < 10
    assert psutil.wait_procs(family, timeout=1)[1] == []
    assert rig.listed() == {}
    again = Rig(rig.home.root)
    try:
        again.wait_ready()
        assert asyncio.run(_execute(again.home, again.base, "SELECT answer FROM kept")) == 42
    finally:
        again.end()


def test_second_rig_on_the_same_folder_is_refused_with_the_number_of_the_first(rig: Rig) -> None:
    rig.wait_ready()
    second = Rig(rig.home.root, base=rig.base)
    output = second.process.communicate(timeout=15)[0]
    assert second.process.returncode == 1
    assert f"процесс {rig.process.pid}" in output
    assert str(rig.home.root) in output


def test_taken_port_is_named_with_its_owner(tmp_path: Path) -> None:
    base = free_base()
    with socket.create_server(("127.0.0.1", Ports(base).nats)):
        refused = Rig(tmp_path / "home", base=base)
        output = refused.process.communicate(timeout=15)[0]
    assert refused.process.returncode == 1
    assert f"Порт {base + 21} (nats-1) занят" in output
    assert f"процесс {os.getpid()}" in output


async def test_killed_database_comes_back_with_what_it_acknowledged(tmp_path: Path) -> None:
    suite = Suite(tmp_path / "home", free_base(), only=INFRASTRUCTURE)
    async with suite:
        await _execute(suite.home, suite.ports.base, "CREATE TABLE kept AS SELECT 7 AS answer")
        for role in ("postgres", "nats"):
            killed = suite.kill(role)
            await suite.restarted(role, after=killed)
            assert suite.pid(role) not in (None, killed)
        answer = await _execute(suite.home, suite.ports.base, "SELECT answer FROM kept")
        assert answer == 7
    assert json.loads(suite.home.processes.read_text()) == []


def test_stale_pid_file_of_a_killed_server_does_not_stop_the_next_start(rig: Rig) -> None:
    """After a crash of the machine the number in the file may belong to another program."""
    rig.wait_ready()
    rig.end()
    stale = rig.home.root / "pg" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n1700000000\n1\n\n127.0.0.1\n\n")
    again = Rig(rig.home.root)
    try:
        again.wait_ready()
        assert "postgres" in again.listed()
    finally:
        again.end()


def test_secrets_are_readable_by_their_owner_only(rig: Rig) -> None:
    rig.wait_ready()
    rig.end()
    places = ("secrets", "keys", "tls", "nats/nats.conf", "pg/data")
    for place in places:
        for path in (rig.home.root / place, *(rig.home.root / place).rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    config = (rig.home.root / "nats" / "nats.conf").read_text()
    assert len(re.findall(r'"\$2b\$04\$', config)) == len(PROGRAMS) + 1  # and bootstrap


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_rig_works_as_an_ordinary_user() -> None:
    """Needs an interpreter that others may read; a private home of root hides it."""
    user = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    tried = subprocess.run([*user, sys.executable, "-c", "import lkmr_rig"], check=False)
    if tried.returncode:
        pytest.skip(f"{sys.executable} is not readable for an ordinary user")
    folder = Path(subprocess.check_output([*user, "mktemp", "-d"], text=True).strip())
    one = Rig(folder / "home", *user)
    try:
        one.wait_ready()
        assert {psutil.Process(pid).uids().real for pid in one.listed().values()} == {65534}
    finally:
        one.end()
        shutil.rmtree(folder)
