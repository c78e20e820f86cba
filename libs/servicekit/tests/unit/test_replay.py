"""The look for dead events outlives whatever a dying PostgreSQL makes of a conversation."""

import asyncio
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from lkmr.auth.v1.events_pb2 import SessionRevoked

from lkmr_servicekit import inbox
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.inbox import Consumer, Subscription

FAULTS = (
    asyncpg.InternalClientError("got result for unknown protocol state 3"),
    asyncpg.InternalServerError(),
    asyncpg.InterfaceError("closed"),
    asyncpg.CannotConnectNowError(),
    ConnectionRefusedError(),
    TimeoutError(),
)


class DyingPool:
    """Fails in each way once, then answers."""

    def __init__(self) -> None:
        self.faults, self.answered = list(FAULTS), asyncio.Event()

    async def fetch(self, *_: object) -> list[Any]:
        if self.faults:
            raise self.faults.pop()
        self.answered.set()
        return []


async def test_each_kind_of_fault_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "REPLAY_POLL_SECONDS", 0.001)
    pool: Any = DyingPool()

    async def handle(_: Any) -> None: ...

    nothing: Any = None
    database: Any = SimpleNamespace(pool=pool)
    consumer = Consumer(
        Subscription(SessionRevoked, handle),
        service="notify",
        bus=nothing,
        database=database,
        clock=FakeClock(),
    )
    work = asyncio.create_task(consumer._replay())
    try:
        async with asyncio.timeout(5):
            await pool.answered.wait()
    finally:
        work.cancel()

    assert pool.faults == []
