"""A connection that PostgreSQL ends under a unit of work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import sqlalchemy as sa

from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.errors import ServiceError

pytestmark = pytest.mark.servers


@pytest.fixture
async def store(database: Callable[[str], Any]) -> AsyncIterator[Database]:
    async with Database(database("notify").url) as opened:
        yield opened


async def end_connection_of(work: UnitOfWork, store: Database) -> None:
    """End the server's side of a unit of work, and wait until it is gone."""
    process = await work.connection.scalar(sa.text("SELECT pg_backend_pid()"))
    await store.pool.execute("SELECT pg_terminate_backend($1, 5000)", process)


async def test_a_statement_over_a_lost_connection_says_that_the_database_is_away(
    store: Database,
) -> None:
    with pytest.raises(ServiceError, match="DATABASE_UNAVAILABLE"):
        async with UnitOfWork(store) as work:
            await end_connection_of(work, store)
            await work.connection.execute(sa.text("SELECT 1"))


async def test_a_raw_statement_over_a_lost_connection_says_so_too(store: Database) -> None:
    with pytest.raises(ServiceError, match="DATABASE_UNAVAILABLE"):
        async with UnitOfWork(store) as work:
            raw: Any = await work.connection.get_raw_connection()
            await end_connection_of(work, store)
            await raw.driver_connection.fetch("SELECT 1")


async def test_a_connection_that_is_lost_after_the_work_harms_nothing(store: Database) -> None:
    async with UnitOfWork(store) as work:
        found = await work.connection.scalar(sa.text("SELECT 7"))
        await end_connection_of(work, store)
    async with UnitOfWork(store) as work:
        again = await work.connection.scalar(sa.text("SELECT 7"))

    assert (found, again) == (7, 7)


async def test_connections_that_the_server_ended_while_idle_are_opened_anew(
    store: Database,
) -> None:
    async with AsyncExitStack() as stack:
        works = [await stack.enter_async_context(UnitOfWork(store)) for _ in range(4)]
        processes = [
            await one.connection.scalar(sa.text("SELECT pg_backend_pid()")) for one in works
        ]
        raws: list[Any] = [await one.connection.get_raw_connection() for one in works]
        idle = [one.driver_connection for one in raws]
    await store.pool.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM unnest($1::int[]) AS pid", processes
    )
    async with asyncio.timeout(10):
        while not all(one.is_closed() for one in idle):
            await asyncio.sleep(0.01)

    async with AsyncExitStack() as stack:
        works = [await stack.enter_async_context(UnitOfWork(store)) for _ in range(4)]
        found = [await one.connection.scalar(sa.text("SELECT 7")) for one in works]

    assert found == [7, 7, 7, 7]


async def test_of_two_who_wait_for_each_other_one_is_told_to_try_again(store: Database) -> None:
    first, second = (sa.text(f"SELECT pg_advisory_xact_lock({number})") for number in (1, 2))
    held = asyncio.Barrier(2)

    async def hold(*locks: sa.TextClause) -> str:
        try:
            async with UnitOfWork(store) as work:
                await work.connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
                await work.connection.execute(locks[0])
                await held.wait()
                await work.connection.execute(locks[1])
        except ServiceError as refusal:
            return refusal.reason
        return "done"

    ends = await asyncio.gather(hold(first, second), hold(second, first))

    assert sorted(ends) == ["DATABASE_UNAVAILABLE", "done"]


@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
async def test_who_waits_longer_than_the_role_may_is_told_to_try_again(
    store: Database, limit: str
) -> None:
    lock = sa.text("SELECT pg_advisory_xact_lock(1)")
    async with UnitOfWork(store) as holder:
        await holder.connection.execute(lock)
        with pytest.raises(ServiceError, match="DATABASE_UNAVAILABLE"):
            async with UnitOfWork(store) as work:
                await work.connection.execute(sa.text(f"SET LOCAL {limit} = '20ms'"))
                await work.connection.execute(lock)
