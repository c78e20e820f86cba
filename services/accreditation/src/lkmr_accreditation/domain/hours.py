"""Hours of continuing education (НМО) towards the next accreditation: the sums of the hours rule.

Which activity counts is said by the service that keeps them; here they are only added up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from lkmr_accreditation.domain.law import Law


class Outcome(Enum):
    """Whether an activity counts."""

    COUNTED = "COUNTED"
    WAITING = "WAITING"
    NOT_COUNTED = "NOT_COUNTED"


class DocumentCheck(Enum):
    """What the register of education documents (ФИС ФРДО) said about a document.

    NO_CONSENT: it may not be asked (152-ФЗ, ст. 9 ч. 2).
    """

    FOUND = "FOUND"
    WAITING = "WAITING"
    NOT_FOUND = "NOT_FOUND"
    NOT_NEEDED = "NOT_NEEDED"
    NOT_CHECKED = "NOT_CHECKED"
    NO_CONSENT = "NO_CONSENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity as it stands towards one cycle; `programme` marks hours of ДПП ПК."""

    id: str
    title: str
    programme: bool
    hours: int
    outcome: Outcome
    reason: str = ""
    finished_on: date | None = None
    issued_on: date | None = None
    document: str = ""
    check: DocumentCheck = DocumentCheck.NOT_NEEDED
    todo: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """All activities of a worker towards the cycle of one specialty."""

    specialty: str
    start: date
    end: date
    activities: tuple[Activity, ...] = ()

    @property
    def once(self) -> tuple[Activity, ...]:
        """Activities without repeats of one id: an hour never counts twice."""
        return tuple({one.id: one for one in self.activities}.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The sums of the hours rule in academic hours (45 min)."""

    programme: int
    portal: int
    waiting: int
    missing_programme: int
    missing_total: int
    needed: int
    needed_programme: int

    @property
    def counted(self) -> int:
        """All that counts."""
        return self.programme + self.portal

    @property
    def complete(self) -> bool:
        """Whether the rule is met: only programmes, or programmes and the portal together."""
        return self.missing_programme == 0 and self.missing_total == 0

    @property
    def missing(self) -> int:
        """Hours still to earn, programmes of them at least `missing_programme`."""
        return max(self.missing_programme, self.missing_total)


def tally(statement: Statement, law: Law, day: date) -> Tally:
    """Add up what counts. Variant A: programmes alone; B: a minimum of them, the rest portal.

    Source: Положение об аккредитации (709н); norms `accr.hours.total` and `accr.hours.pk_min`.
    """
    counted = [one for one in statement.once if one.outcome is Outcome.COUNTED]
    programme = _sum(one for one in counted if one.programme)
    portal = _sum(one for one in counted if not one.programme)
    needed = law.number("accr.hours.total", day)
    minimum = law.number("accr.hours.pk_min", day)
    return Tally(
        programme=programme,
        portal=portal,
        waiting=_sum(one for one in statement.once if one.outcome is Outcome.WAITING),
        missing_programme=max(0, minimum - programme),
        missing_total=max(0, needed - programme - portal),
        needed=needed,
        needed_programme=minimum,
    )


def _sum(activities: Iterable[Activity]) -> int:
    return sum(max(one.hours, 0) for one in activities)


def expected_hours(statement: Statement, law: Law, day: date) -> int:
    """Hours that an even pace would have brought by a day, rounded down."""
    whole = (statement.end - statement.start).days
    if whole <= 0:
        return law.number("accr.hours.total", day)
    passed = min(max((day - statement.start).days, 0), whole)
    return law.number("accr.hours.total", day) * passed // whole


@dataclass(frozen=True, slots=True)
class PacePoint:
    """Hours counted by the end of a day."""

    day: date
    hours: int


def growth(statement: Statement) -> tuple[PacePoint, ...]:
    """How the counted hours grew, one point for each day on which something was finished."""
    total, made = 0, {}
    counted = [one for one in statement.once if one.outcome is Outcome.COUNTED]
    for one in sorted(counted, key=lambda one: (one.finished_on or statement.start, one.id)):
        total += max(one.hours, 0)
        made[one.finished_on or statement.start] = total
    return tuple(PacePoint(day, hours) for day, hours in made.items())
