"""Months of the journal go their way: from the table into the archive, and out of it by policy.

A crash loses nothing: the file is whole before its statement is there, the statement is there and
the file read back before the database lets the month go, and each round begins with what is left.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from lkmr_auth.domain.journal import GENESIS, ChainedRow
from lkmr_auth.domain.month_statement import MonthKind, MonthStatement
from lkmr_auth.domain.retention import Month, Retention
from lkmr_auth.domain.verification import Verification
from lkmr_auth.usecases.archive_ports import (
    Archive,
    ArchiveReader,
    FileUnreadable,
    Months,
    MonthStays,
    StoredMonth,
)
from lkmr_auth.usecases.chain_ports import ChainReader
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.telemetry import log


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthParts:
    """Ports of the keeping of months. `terms` are those of today."""

    months: Months
    chain: ChainReader
    archive: Archive
    clock: Clock
    terms: Callable[[], Awaitable[Retention]]


class MonthUnsound(Exception):
    """Rows of the table or of a file are not what they were: nothing is archived or dropped."""


async def keep_months(parts: MonthParts) -> int:
    """Archive what is older than the hot term, end what is older than the whole one; how many.

    A month that cannot go stays and is told in the log; younger ones wait behind it, as the chain
    may have no gap. Raises ServiceError DATABASE_UNAVAILABLE.
    """
    terms, today = await parts.terms(), day_in(MOSCOW, parts.clock.now())
    done, stored_months = 0, await parts.months.list()
    for stored in stored_months:
        if today < terms.archive_on(stored.month):
            break
        try:
            gone = await _archive(stored, parts)
        except (MonthUnsound, MonthStays) as fault:
            kind = type(fault).__name__
            log.error("journal.month_stays", month=str(stored.month), kind=kind)
            break
        if not gone:
            break
        log.info("journal.month_archived", month=str(stored.month))
        done += 1
    left = {one.month for one in stored_months[done:]}
    return done + await _end(terms, today, left, parts)


async def _archive(stored: StoredMonth, parts: MonthParts) -> bool:
    written = next(
        (
            one.statement
            for one in parts.archive.months()
            if one.statement is not None
            and one.statement.month == stored.month
            and one.statement.kind is MonthKind.ARCHIVED
            and one.has_file
        ),
        None,
    )
    if written is None or not await _holds(written, stored, parts.archive):
        written = await _write(stored, parts)
    return await parts.months.let_go(written, parts.clock.now())


async def _write(stored: StoredMonth, parts: MonthParts) -> MonthStatement:
    """Raises MonthUnsound for rows that are no chain, or a file that reads back otherwise."""
    if not _follows(stored, parts.archive):
        raise MonthUnsound
    checked = Verification(first=stored.before.seq + 1, before=stored.before.hash)

    async def pages() -> AsyncIterator[list[ChainedRow]]:
        async for rows in parts.chain.rows(stored.before.seq, stored.last):
            checked.take(rows)
            if not checked.sound:
                raise MonthUnsound
            yield rows

    now = parts.clock.now()
    written = await parts.archive.write(stored.month, stored.before, pages(), now)
    if not await _holds(written, stored, parts.archive):
        raise MonthUnsound
    return written


def _follows(stored: StoredMonth, archive: ArchiveReader) -> bool:
    """Whether the first row goes on from the end of what was archived last."""
    ends = [one.statement.last for one in archive.months() if one.statement is not None]
    before = {one.seq: one.hash for one in ends} | {0: GENESIS}
    return before.get(stored.before.seq) == stored.before.hash


async def _holds(statement: MonthStatement, stored: StoredMonth, archive: ArchiveReader) -> bool:
    """Whether a file, read back, is the month: every row, its end, its sum, its signature."""
    said = (statement.first, statement.before, statement.last.seq)
    if said != (stored.before.seq + 1, stored.before.hash, stored.last):
        return False
    checked = Verification(first=statement.first, before=statement.before)
    try:
        if await archive.sum_of(statement) != statement.sha256:
            return False
        async for rows in archive.read(statement):
            checked.take(rows)
    except (FileUnreadable, FileNotFoundError):
        return False
    return checked.sound and checked.head == statement.last and statement.holds(archive.public_key)


async def _end(terms: Retention, today: date, stored: set[Month], parts: MonthParts) -> int:
    """End files whose term is over; never one whose rows are still in the table."""
    done = 0
    for kept in parts.archive.months():
        statement = kept.statement
        if statement is None or statement.month in stored or today < terms.end_on(statement.month):
            continue
        if statement.kind is MonthKind.ENDED and not kept.has_file:
            continue
        now = parts.clock.now()
        if statement.kind is MonthKind.ARCHIVED:
            await parts.months.note_end(statement, now)
        parts.archive.end(statement, now)
        log.info("journal.month_ended", month=str(statement.month), rows=statement.rows)
        done += 1
    return done
