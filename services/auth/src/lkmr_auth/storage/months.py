"""Months of the journal in PostgreSQL; the owner's function decides whether one may go."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from asyncpg import CheckViolationError, LockNotAvailableError
from sqlalchemy.exc import DBAPIError

from lkmr_auth.domain.journal import Head
from lkmr_auth.domain.month_statement import MonthStatement
from lkmr_auth.domain.retention import Month
from lkmr_auth.storage.journal import OwnJournal
from lkmr_auth.usecases.archive_ports import MonthStays, StoredMonth
from lkmr_servicekit.audit import Act, apart
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import AWAY, Database, UnitOfWork, unavailable
from lkmr_servicekit.errors import ServiceError

ARCHIVED, ENDED = "journal.month_archived", "journal.month_ended"
_NEXT = "SELECT seq, chain_time, prev_hash FROM journal_entry WHERE seq > $1 ORDER BY seq LIMIT 1"
_LAST = "SELECT max(seq) FROM journal_entry WHERE chain_time >= $1 AND chain_time < $2"
_LET_GO = sa.text(
    "SELECT let_month_of_journal_go(:month, :first, :before, :last, :own, :file, :now)"
)


class StoredMonths:
    """The port `Months`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._journal = database, OwnJournal(database, clock)

    async def list(self) -> list[StoredMonth]:
        found, place = [], 0
        try:
            while row := await self._database.pool.fetchrow(_NEXT, place):
                month = Month.of(row["chain_time"])
                place = await self._database.pool.fetchval(_LAST, month.start, month.end)
                before = Head(row["seq"] - 1, bytes(row["prev_hash"]))
                found.append(StoredMonth(month, before, place))
        except AWAY as fault:
            raise unavailable() from fault
        return found

    async def let_go(self, statement: MonthStatement, now: datetime) -> bool:
        try:
            await self._note(ARCHIVED, statement, now, _values(statement, now))
        except DBAPIError as fault:
            if isinstance(getattr(fault.orig, "__cause__", None), CheckViolationError):
                raise MonthStays(str(statement.month)) from fault
            raise
        except ServiceError as refusal:
            if _is_busy(refusal):
                return False
            raise
        return True

    async def note_end(self, statement: MonthStatement, now: datetime) -> None:
        await self._note(ENDED, statement, now)

    async def _note(
        self,
        operation: str,
        statement: MonthStatement,
        now: datetime,
        leaving: Mapping[str, object] | None = None,
    ) -> None:
        act = Act(
            operation=operation,
            object=f"journal/months/{statement.month}",
            actor="programs/auth",
            time=now,
        )
        with apart():
            async with UnitOfWork(self._database) as uow:
                if leaving is not None:
                    await uow.connection.execute(_LET_GO, leaving)
                await self._journal.write(uow.connection, act)
                await uow.commit()


def _is_busy(refusal: ServiceError) -> bool:
    """Whether somebody works with the journal for longer than the month may wait."""
    fault = refusal.__cause__
    cause = getattr(fault.orig, "__cause__", None) if isinstance(fault, DBAPIError) else None
    return isinstance(cause, LockNotAvailableError)


def _values(statement: MonthStatement, now: datetime) -> Mapping[str, object]:
    return {
        "month": statement.month.start.date(),
        "first": statement.first,
        "before": statement.before,
        "last": statement.last.seq,
        "own": statement.last.hash,
        "file": statement.sha256,
        "now": now,
    }
