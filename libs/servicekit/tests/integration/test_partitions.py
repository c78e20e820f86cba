import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import asyncpg
import pytest

from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.database import Database
from lkmr_servicekit.partitions import AHEAD_MONTHS, ensure_months

pytestmark = pytest.mark.servers
DECEMBER = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
_INSERT = (
    "INSERT INTO exchange_log (time, id, system, operation, result, code, duration_ms, trace_id)"
    " VALUES ($1, $2, '', '', '', '', 0, '') RETURNING tableoid::regclass::text"
)


async def put(database: Database, moment: datetime) -> str:
    part: str = await database.pool.fetchval(_INSERT, moment, uuid.uuid4())
    return part


async def test_rows_lie_in_the_month_of_their_moment_in_utc(
    database: Callable[..., TestDatabase],
) -> None:
    async with Database(database("egisz-bridge").url) as opened:
        for _ in range(2):
            await ensure_months(opened, ("exchange_log",), DECEMBER)

        assert await put(opened, DECEMBER) == "months.exchange_log_2026_12"
        new_year = datetime(2027, 1, 1, tzinfo=UTC)
        assert await put(opened, new_year) == "months.exchange_log_2027_01"
        made = await opened.pool.fetchval(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'exchange_log'::regclass"
        )
        assert made == AHEAD_MONTHS + 1


async def test_a_month_that_was_never_made_refuses_no_row_and_stays_in_the_rest(
    database: Callable[..., TestDatabase],
) -> None:
    async with Database(database("egisz-bridge").url) as opened:
        assert await put(opened, DECEMBER) == "months.exchange_log_rest"

        await ensure_months(opened, ("exchange_log",), DECEMBER)

        assert await put(opened, DECEMBER) == "months.exchange_log_rest"


async def test_a_program_makes_months_of_such_tables_only(
    database: Callable[..., TestDatabase],
) -> None:
    async with Database(database("egisz-bridge").url) as opened:
        with pytest.raises(asyncpg.RaiseError):
            await opened.pool.execute("SELECT make_month('outbox', $1)", DECEMBER)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await opened.pool.execute("CREATE TABLE months.own (id int)")
