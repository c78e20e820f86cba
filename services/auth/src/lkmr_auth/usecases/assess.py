"""Assessments of protection: recorded by the operator, and told of before the next one is due."""

from datetime import date
from typing import Protocol

from lkmr_auth.domain.assessment import Assessment, AssessmentDue, AssessmentTerms, dues
from lkmr_auth.domain.outside_term import OutsideTerm
from lkmr_servicekit.clock import MOSCOW, Clock, day_in

DUE = {"KZI": "KZI_DUE", "MATURITY": "MATURITY_DUE"}
"""Kinds of incidents that tell of a day to come."""


class Assessments(Protocol):
    """What was recorded; nothing of it is changed or removed."""

    async def add(self, made: Assessment) -> None:
        """Keep it, and journal that it was recorded."""
        ...

    async def list(self) -> list[Assessment]: ...

    async def began_on(self) -> date | None:
        """The day on which the journal began; None while it is empty."""
        ...


async def record_assessment(
    made: Assessment, *, terms: AssessmentTerms, assessments: Assessments, clock: Clock
) -> None:
    """Keep what the operator assessed. Raises ValueError that names a wrong field."""
    await assessments.add(terms.checked(made, day_in(MOSCOW, clock.now())))


async def list_dues(
    *, terms: AssessmentTerms, assessments: Assessments, clock: Clock
) -> tuple[AssessmentDue, ...]:
    """Where each kind stands today."""
    today = day_in(MOSCOW, clock.now())
    began = await assessments.began_on() or today
    return dues(terms.in_force(today), await assessments.list(), began)


async def terms_to_warn_of(
    *, terms: AssessmentTerms, assessments: Assessments, clock: Clock
) -> list[OutsideTerm]:
    """The same as terms of which security administrators are warned."""
    found = await list_dues(terms=terms, assessments=assessments, clock=clock)
    return [
        OutsideTerm(kind=DUE[one.term.kind], last_day=one.due_on)
        for one in found
        if one.term.kind in DUE
    ]
