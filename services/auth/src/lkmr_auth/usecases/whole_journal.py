"""The journal as one chain: months of the archive, then the table."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from lkmr_auth.domain.journal import ChainedRow
from lkmr_auth.domain.month_statement import MonthKind, MonthStatement
from lkmr_auth.usecases.archive_ports import ArchiveReader, Kept
from lkmr_auth.usecases.chain_ports import ChainReader


@dataclass(frozen=True, slots=True)
class ArchivedStretch:
    """A month of the archive; without `rows` its term is over."""

    kept: Kept
    statement: MonthStatement
    rows: AsyncIterator[list[ChainedRow]] | None


async def archived_stretches(
    chain: ChainReader, archive: ArchiveReader, *, after: int = 0
) -> list[ArchivedStretch]:
    """Months that are not in the table any more, in the order of the chain.

    A month that is written but not yet dropped counts as one of the table. Words that cannot be
    read are left out. Raises ServiceError DATABASE_UNAVAILABLE.
    """
    first, found = await chain.first(), []
    for kept in archive.months():
        statement = kept.statement
        if statement is None or not after < statement.last.seq < first:
            continue
        ended = statement.kind is MonthKind.ENDED
        found.append(ArchivedStretch(kept, statement, None if ended else archive.read(statement)))
    return sorted(found, key=lambda one: one.statement.first)
