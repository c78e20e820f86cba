"""A connection that PostgreSQL ends under a unit of work."""

from collections.abc import AsyncIterator, Callable
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
