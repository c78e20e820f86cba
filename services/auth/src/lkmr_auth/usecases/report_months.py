"""The report about the policy of keeping: which months there are, where, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lkmr_auth.domain.month_statement import MonthKind
from lkmr_auth.domain.retention import Month, Place, Retention
from lkmr_auth.usecases.archive_ports import ArchiveReader, Months


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """One month. `late` when the policy wants it elsewhere already."""

    month: Month
    place: Place
    first: int
    last: int
    archive_on: date
    end_on: date
    late: bool


async def report_months(
    months: Months, archive: ArchiveReader, terms: Retention, today: date
) -> list[MonthLine]:
    """All months, the oldest first; a month that lies in both counts as one of the table.

    Raises ServiceError DATABASE_UNAVAILABLE.
    """
    found = {one.month: (Place.TABLE, one.before.seq + 1, one.last) for one in await months.list()}
    for kept in archive.months():
        if kept.statement is not None and kept.statement.month not in found:
            ended = kept.statement.kind is MonthKind.ENDED
            place = Place.ENDED if ended else Place.ARCHIVE
            found[kept.statement.month] = (place, kept.statement.first, kept.statement.last.seq)
    return [
        MonthLine(
            month=month, place=place, first=first, last=last,
            archive_on=terms.archive_on(month), end_on=terms.end_on(month),
            late=_is_late(month, place, terms, today),
        )
        for month, (place, first, last) in sorted(found.items())
    ]  # fmt: skip


def _is_late(month: Month, place: Place, terms: Retention, today: date) -> bool:
    if place is Place.TABLE:
        return today > terms.archive_on(month)
    return place is Place.ARCHIVE and today > terms.end_on(month)


def report_lines(lines: Iterable[MonthLine]) -> Iterable[str]:
    """The report for an operator."""
    words = {
        Place.TABLE: "под рукой",
        Place.ARCHIVE: "в архиве",
        Place.ENDED: "срок закончился, осталась отметка",
    }
    for one in lines:
        until = {
            Place.TABLE: f"в архив с {one.archive_on}",
            Place.ARCHIVE: f"хранится до {one.end_on}",
            Place.ENDED: f"закончился {one.end_on}",
        }[one.place]
        late = "\tПРОСРОЧЕНО" if one.late else ""
        yield f"{one.month}\t{words[one.place]}\tстроки {one.first}…{one.last}\t{until}{late}"
