"""The report about compliance with norms (RPT-COMPL): totals and the lists behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.staff import Admission, admission_of
from lkmr_accreditation.usecases.document_rights import levels_of
from lkmr_accreditation.usecases.staff import (
    BoardRow,
    CountedGroup,
    Counts,
    Scope,
    Source,
    StaffFilter,
    StaffReader,
    scope_of,
    source_of,
    today_in,
    without_small_groups,
)
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

ALL = 100_000
NOT_HERE = (
    "overtime",
    "rest_violations",
    "reminders_sent",
)
"""Parts of the report that sections not yet kept here will bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffReport:
    """The report. Lists are empty for those who see totals only."""

    scope: Scope
    today: date
    source: Source
    organization_name: str
    counts: Counts
    by_group: Sequence[CountedGroup]
    by_specialty: Sequence[CountedGroup]
    expired: Sequence[BoardRow]
    missing: Sequence[BoardRow]
    behind: Sequence[BoardRow]
    waiting_register: Sequence[BoardRow]
    violations: Sequence[BoardRow]
    documents_expired: Mapping[str, int]


async def staff_report(
    caller: Caller, *, reader: StaffReader, law: Law, clock: Clock
) -> StaffReport:
    """The report about what the caller may see. Raises OrganizationRequired.

    Expired are those whose last day has passed, missing those without any record; both may not
    work. `documents_expired` counts, by kind, documents open to the caller that are over and have
    no later one of their kind and specialty; of documents that only owners see nothing is told.
    Source: the list of fields of the report for the health authority of a region.
    """
    scope = scope_of(caller)
    today = today_in(scope, clock)
    everything = StaffFilter()
    counts = await reader.counts(scope, everything, today)
    groups = await reader.groups(scope, "staff_group", today)
    specialties = await reader.groups(scope, "specialty", today)
    name = "" if scope.region else (await reader.choices(scope))[0]
    papers: Mapping[str, int] = {}
    if scope.kind == "a":
        rows: Sequence[BoardRow] = ()
        groups, specialties = without_small_groups(groups), without_small_groups(specialties)
    else:
        rows = await reader.rows(scope, everything, today, None, ALL)
        levels = sorted(one.value for one in levels_of(caller))
        papers = await reader.expired_documents(scope, levels, today) if levels else {}
    over = [one for one in rows if _admission(one, today) is Admission.CANNOT_WORK]
    return StaffReport(
        scope=scope,
        today=today,
        source=await source_of(reader, law, clock),
        organization_name=name,
        counts=counts,
        by_group=groups,
        by_specialty=specialties,
        expired=[one for one in over if one.valid_until is not None],
        missing=[one for one in over if one.valid_until is None],
        behind=[one for one in rows if one.behind],
        waiting_register=[one for one in rows if one.hours_waiting],
        violations=[one for one in rows if one.failed],
        documents_expired=papers,
    )


def _admission(row: BoardRow, today: date) -> Admission:
    return admission_of(checked=row.checked, valid_until=row.valid_until, today=today)
