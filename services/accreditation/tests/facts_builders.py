"""Facts for tests of the rules: a calm worker, of whom one thing at a time is changed."""

from dataclasses import replace
from datetime import date
from typing import Any

from lkmr_accreditation.domain.compliance import Registry, judge
from lkmr_accreditation.domain.facts import Documents, Facts, Identity, Record, records_of
from lkmr_accreditation.domain.hours import Activity, DocumentCheck, Outcome, Statement
from lkmr_accreditation.domain.verdicts import RuleResult
from lkmr_accreditation.domain.worker import Job
from lkmr_accreditation.storage.shipped import shipped_registry

from .builders import an_entry

REGISTRY: Registry = shipped_registry()
LAW = REGISTRY.law
TODAY = date(2026, 11, 23)
START, END = date(2023, 12, 18), date(2028, 12, 18)
DOCUMENTS = Documents(
    categories=(), medical_exam=None, signatures=(), licences=(), mentoring=(), steps=()
)


def a_job(**changes: Any) -> Job:
    job = Job(
        organization_oid="1.2.643.5.1.13.13.12.2.77.90001",
        organization_name="Поликлиника (проба)",
        position="врач-терапевт",
        specialty="терапия",
        department="терапевтическое отделение",
        start_date=date(2015, 1, 1),
    )
    return replace(job, **changes)


def records(*entries: Any, today: date = TODAY) -> tuple[Record, ...]:
    return records_of([(f"r{n}", one) for n, one in enumerate(entries)], LAW, today)


def an_activity(hours: int, *, programme: bool = True, id_: str = "", **changes: Any) -> Activity:
    activity = Activity(
        id=id_ or f"a{hours}{programme}",
        title="Программа",
        programme=programme,
        hours=hours,
        outcome=Outcome.COUNTED,
        finished_on=date(2025, 5, 5),
        check=DocumentCheck.FOUND if programme else DocumentCheck.NOT_NEEDED,
    )
    return replace(activity, **changes)


def a_statement(*activities: Activity, start: date = START, end: date = END) -> Statement:
    return Statement(specialty="терапия", start=start, end=end, activities=activities)


def some_facts(today: date = TODAY, **changes: Any) -> Facts:
    facts = Facts(
        today=today,
        jobs=(a_job(),),
        records=records(an_entry(), today=today),
        gaps=(),
        fetched_on=today,
        identity=Identity(checked_on=today, equal=True),
        hours={"терапия": a_statement(an_activity(144))},
        documents=DOCUMENTS,
    )
    return replace(facts, **changes)


def rule(number: int, facts: Facts) -> RuleResult:
    """The result of R-ACC-NN."""
    found = {one.id: one for one in judge(facts, REGISTRY)}
    return found[f"R-ACC-{number:02}"]
