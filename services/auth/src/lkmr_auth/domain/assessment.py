"""Assessments of protection (КЗИ, зрелость) that the operator makes, and when the next is due."""

import uuid
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from lkmr_auth.domain.retention import Month

MOST_LETTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentTerm:
    """How often something is assessed; from a day on, with its act."""

    kind: str
    words: str
    valid_from: date
    months: int
    report_working_days: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One that was made: its day, its value in the words of its method, its document."""

    id: uuid.UUID
    kind: str
    assess_date: date
    value: str
    document: str
    record_time: datetime


@dataclass(frozen=True, slots=True)
class AssessmentTerms:
    """All terms of the data file."""

    rows: tuple[AssessmentTerm, ...]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """From the data file. Raises TypeError for a row without one of its fields."""
        return cls(tuple(AssessmentTerm(**row) for row in content["term"]))

    def in_force(self, day: date) -> tuple[AssessmentTerm, ...]:
        """One for each kind, in the order of the kinds."""
        found: dict[str, AssessmentTerm] = {}
        for row in sorted(self.rows, key=lambda one: one.valid_from):
            if row.valid_from <= day:
                found[row.kind] = row
        return tuple(found.values())

    def checked(self, made: Assessment, today: date) -> Assessment:
        """One that may be recorded. Raises ValueError that names the field."""
        if made.kind not in {one.kind for one in self.in_force(today)}:
            raise ValueError("kind")
        if made.assess_date > today:
            raise ValueError("assess_date")
        for field in ("value", "document"):
            if not 0 < len(getattr(made, field).strip()) <= MOST_LETTERS:
                raise ValueError(field)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentDue:
    """Where a kind stands: the last one made, and the day by which the next must be."""

    term: AssessmentTerm
    last: Assessment | None
    due_on: date

    def late(self, today: date) -> bool:
        """Whether the day has passed."""
        return today > self.due_on


def dues(
    terms: Iterable[AssessmentTerm], made: Iterable[Assessment], began_on: date
) -> tuple[AssessmentDue, ...]:
    """For each term the last assessment and the next day; `began_on` is the first day of work."""
    latest: dict[str, Assessment] = {}
    for one in sorted(made, key=lambda one: (one.assess_date, one.record_time)):
        latest[one.kind] = one
    return tuple(
        AssessmentDue(
            term=term,
            last=(last := latest.get(term.kind)),
            due_on=_later(
                last.assess_date if last else max(began_on, term.valid_from), term.months
            ),
        )
        for term in terms
    )


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    to = Month(day.year, day.month).plus(months)
    return date(to.year, to.month, min(day.day, monthrange(to.year, to.month)[1]))
