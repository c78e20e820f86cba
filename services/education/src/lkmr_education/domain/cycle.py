"""Cycles of continuing education (цикл НМО): one per specialty and admission, never overlapping."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lkmr_education.domain.activity import specialty_key
from lkmr_education.domain.counting import Line, Period, Statement, Verdict
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.record import Entry, Record
from lkmr_servicekit.events import event_id_for

YEARS = 5
CLOSE_DAYS = 180
_YELLOW = 0.8
_OFF = frozenset({"ANNULLED", "NOT_ADMITTED_YET"})


class CycleState(StrEnum):
    """Whether hours may still be earned."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    SUPERSEDED = "SUPERSEDED"


class Pace(StrEnum):
    """How hours keep up with the time that has gone by."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """From an admission to its end; the next admission cuts it off. Days are inclusive."""

    id: str
    specialty: str
    specialty_code: str
    start: date
    end: date
    expire_date: date | None
    basis: str
    state: CycleState

    @property
    def period(self) -> Period:
        """Days whose finished studies belong to this cycle."""
        return Period(start=self.start, end=self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year of a cycle: recommended and credited (рекомендация портала, ничего не запрещает)."""

    start: date
    end: date
    programme: int
    portal: int
    waiting: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A cycle with its account."""

    cycle: Cycle
    statement: Statement
    pace: Pace
    expected: int
    days_left: int | None
    years: tuple[Year, ...]


def cycles_of(record: Record, today: date) -> list[Cycle]:
    """All cycles of a worker, open ones first, then newest first.

    A cycle begins on the day of the entry in the register and ends with the admission; a newer
    entry of the same specialty ends it on the day before, so that no day belongs to two. The last
    cycle of a specialty goes on after its end until the next entry: studies finished then belong to
    the portfolio that is handed in late.
    """
    by_specialty: dict[str, list[Entry]] = defaultdict(list)
    for entry in record.entries:
        if entry.record_date is not None and entry.state not in _OFF:
            by_specialty[specialty_key(entry.specialty)].append(entry)
    made: list[Cycle] = []
    for entries in by_specialty.values():
        made += _chain(record.worker, entries, today)
    return sorted(made, key=lambda one: (one.state is not CycleState.OPEN, -one.start.toordinal()))


def _chain(worker: str, entries: Sequence[Entry], today: date) -> list[Cycle]:
    starts: dict[date, Entry] = {}
    for entry in sorted(entries, key=lambda one: (one.expire_date or date.max, one.kind)):
        if entry.record_date is not None:
            starts[entry.record_date] = entry
    days = sorted(starts)
    made = []
    for place, start in enumerate(days):
        entry = starts[start]
        own_end = entry.expire_date or years_after(start, YEARS)
        if place + 1 < len(days):
            end, state = days[place + 1] - timedelta(days=1), CycleState.SUPERSEDED
        elif own_end < today:
            end, state = today, CycleState.CLOSED
        else:
            end, state = own_end, CycleState.OPEN
        made.append(
            Cycle(
                id=str(event_id_for("cycle", worker, specialty_key(entry.specialty), str(start))),
                specialty=entry.specialty,
                specialty_code=entry.specialty_code,
                start=start,
                end=max(start, end),
                expire_date=own_end,
                basis=entry.registry_number,
                state=state,
            )
        )
    return made


def years_after(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def progress_of(cycle: Cycle, account: Statement, *, norms: Norms, today: date) -> Progress:
    """The pace of a cycle against the time that has gone by, and its years."""
    end = cycle.expire_date or cycle.end
    expected = expected_hours(cycle.start, end, account.required, today)
    left = (end - today).days
    return Progress(
        cycle=cycle,
        statement=account,
        pace=pace_of(account, expected, left),
        expected=expected,
        days_left=left,
        years=years_of(cycle, account.lines, norms=norms, today=today),
    )


def expected_hours(start: date, end: date, required: int, today: date) -> int:
    """Hours that an even pace would have brought by today, cut down to whole hours."""
    whole = max(1, (end - start).days)
    gone = min(max(0, (today - start).days), whole)
    return required * gone // whole


def pace_of(account: Statement, expected: int, days_left: int) -> Pace:
    """GREEN on the line, YELLOW from four fifths of it, RED below or when little time is left.

    Source: решение проекта over the rule of 144 hours.
    """
    if days_left < CLOSE_DAYS and not account.sufficient:
        return Pace.RED
    if account.counted >= expected:
        return Pace.GREEN
    return Pace.YELLOW if account.counted >= _YELLOW * expected else Pace.RED


def years_of(cycle: Cycle, lines: Sequence[Line], *, norms: Norms, today: date) -> tuple[Year, ...]:
    """Credited hours by year of the cycle; a year begins on the day of the admission."""
    made = []
    last = cycle.expire_date or cycle.end
    for number in range(YEARS):
        start = years_after(cycle.start, number)
        if start > last:
            break
        end = min(years_after(cycle.start, number + 1) - timedelta(days=1), last)
        if number == YEARS - 1:
            end = max(last, cycle.end)
        mine = [line for line in lines if start <= line.study.activity.end_date <= end]
        done = [line for line in mine if line.verdict is Verdict.COUNTED]
        made.append(
            Year(
                start=start,
                end=end,
                programme=sum(x.counted for x in done if x.study.activity.kind.is_programme),
                portal=sum(x.counted for x in done if x.study.activity.kind.is_portal),
                waiting=sum(x.hours for x in mine if x.verdict is Verdict.WAITING),
                target=norms.number("cpd.zet.year", today),
            )
        )
    return tuple(made)
