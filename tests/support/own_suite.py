"""Suites that a folder of tests has for itself, and how tests look into them."""

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx2
from nats.aio.client import Client

from lkmr_rig import postgres
from lkmr_rig.credentials import password
from lkmr_rig.guard import free_base
from lkmr_rig.layout import PROGRAMS, snake
from lkmr_rig.threaded import ThreadedSuite, running

WORKERS = "200"
T = TypeVar("T")


@contextmanager
def own_suite(purpose: str, **environment: str) -> Iterator[ThreadedSuite]:
    """Everything, in a folder of its own, with a small register."""
    home = Path(tempfile.mkdtemp(prefix=f"lkmr-{purpose}-"))
    try:
        settings = {"LKMR_REGISTER_WORKERS": WORKERS, **environment}
        with running(home, free_base(), env=settings) as started:
            yield started
    finally:
        if os.environ.get("LKMR_KEEP_HOME"):
            print(f"kept: {home}")  # noqa: T201 - asked for by the person who runs the tests
        else:
            shutil.rmtree(home, ignore_errors=True)


def eventually(condition: Callable[[], object], seconds: float, what: str) -> Any:
    """The first true value of a condition. Raises AssertionError that says what never came."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return found


def eventually_nothing(look: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until a look finds nothing. Raises AssertionError with what it found to the end."""
    end = time.monotonic() + seconds
    while left := look():
        assert time.monotonic() < end, f"after {seconds:.0f} s {what}: {left}"
        time.sleep(0.1)


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a thread: a browser of the session keeps a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def rows(suite: ThreadedSuite, service: str, statement: str, *values: object) -> list[Any]:
    """What a query says about the database of a service, as its superuser sees it."""
    dsn = postgres.dsn(suite.home, suite.ports, snake(service))
    return apart(_rows(dsn, statement, values))


async def _rows(dsn: str, statement: str, values: tuple[object, ...]) -> list[Any]:
    connection = await asyncpg.connect(dsn, timeout=5, ssl=False)
    try:
        found: list[Any] = await connection.fetch(statement, *values)
        return found
    finally:
        await connection.close()


def with_streams(suite: ThreadedSuite, look: Callable[[Client], Any]) -> Any:
    """The result of a coroutine over NATS with the account that may do everything."""
    return apart(_with_streams(suite, look))


async def _with_streams(suite: ThreadedSuite, look: Callable[[Client], Any]) -> Any:
    client = Client()
    secret = password(suite.home, "nats", "bootstrap_password")
    address = f"nats://127.0.0.1:{suite.ports.nats}"
    await client.connect(address, user="bootstrap", password=secret)
    try:
        return await look(client)
    finally:
        await client.close()


def metrics_port(suite: ThreadedSuite, program: str, instance: int = 1) -> int:
    """Where a program tells its metrics."""
    ports = suite.ports
    own = {"gateway": ports.gateway_metrics, "partner": ports.partner_metrics}
    return own[program](instance) if program in own else ports.metrics(program, instance)


def metrics(suite: ThreadedSuite, program: str, instance: int = 1) -> str:
    """The metrics page of a program."""
    port = metrics_port(suite, program, instance)
    answer = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=5)
    assert answer.status_code == 200
    return answer.text


def listed_programs(suite: ThreadedSuite) -> list[tuple[str, int]]:
    """Our programs that run now, as the rig lists them."""
    listed = json.loads(suite.home.processes.read_text(encoding="utf-8"))
    return [(row["role"], row["instance"]) for row in listed if row["role"] in PROGRAMS]
