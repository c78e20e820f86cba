"""Judge workers anew and keep what boards, reports and reminders need."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Self

from lkmr_accreditation.domain.compliance import Registry, judge, next_turn
from lkmr_accreditation.domain.discrepancies import Discrepancy, discrepancies_of
from lkmr_accreditation.domain.events import (
    ComplianceChanged,
    DiscrepancyDetected,
    TermNow,
    WorkerFact,
    document_terms,
    term_facts,
    terms_of,
)
from lkmr_accreditation.domain.facts import Facts, Identity, records_of
from lkmr_accreditation.domain.holdings import EMPTY, Holdings, documents_of
from lkmr_accreditation.domain.hours import Statement
from lkmr_accreditation.domain.pauses import Pause
from lkmr_accreditation.domain.staff import Member, members_of
from lkmr_accreditation.domain.verdicts import RuleResult, Unknown, Verdict, worst_verdict
from lkmr_accreditation.domain.worker import Job
from lkmr_accreditation.domain.zones import zone_of
from lkmr_accreditation.usecases.ports import StoredEntry, StoredWorker
from lkmr_servicekit.clock import MOSCOW, day_in

NO_GAPS = Unknown("Карточка ФРМР получена до того, как кабинет стал проверять её поля")
NEVER_IN = Unknown("Вы ещё не входили в кабинет, сверять было не с чем")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A worker as stored, with what was computed before."""

    id: str
    jobs: tuple[Job, ...]
    register_version: int
    fetch_time: datetime
    entries: tuple[StoredEntry, ...]
    gaps: tuple[str, ...] | None
    identity: Identity | None
    revision: int = 0
    print: str = ""
    terms: Mapping[str, TermNow] | None = None
    memberships: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    discrepancies: frozenset[tuple[str, str]] = frozenset()
    hours: Mapping[str, Statement] = field(default_factory=dict)
    holdings: Holdings = EMPTY
    pauses: tuple[Pause, ...] = ()

    @classmethod
    def without_history(cls, worker: str, stored: StoredWorker) -> Self:
        """Only what the register says: enough to tell specialties and terms."""
        return cls(
            id=worker,
            jobs=stored.jobs,
            register_version=stored.register_version,
            fetch_time=stored.fetch_time,
            entries=stored.entries,
            gaps=None,
            identity=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is kept of a worker, and what is announced."""

    worker: str
    register_version: int
    revision: int
    print: str
    verdict: Verdict
    terms: Mapping[str, TermNow]
    next_date: date
    today: date
    members: tuple[Member, ...]
    memberships: Mapping[str, tuple[int, str]]
    discrepancies: tuple[Discrepancy, ...]
    known_discrepancies: frozenset[tuple[str, str]]
    facts: tuple[WorkerFact, ...]


def facts_of(
    loaded: Loaded, registry: Registry, now: datetime, hours: Mapping[str, Statement | Unknown]
) -> Facts:
    """What the rules look at, on the present day of the worker's organisation."""
    today = today_of_jobs(loaded.jobs, now)
    entries = [(one.id, one.entry) for one in loaded.entries]
    facts = Facts(
        today=today,
        jobs=loaded.jobs,
        records=records_of(entries, registry.law, today),
        gaps=NO_GAPS if loaded.gaps is None else loaded.gaps,
        fetched_on=day_in(MOSCOW, loaded.fetch_time),
        identity=loaded.identity or NEVER_IN,
        hours=hours,
    )
    documents = documents_of(
        loaded.holdings, registry.catalogue, registry.posts, facts.current_jobs, today
    )
    return replace(facts, documents=documents)


def today_of_jobs(jobs: Sequence[Job], now: datetime) -> date:
    """The present day in the zone of the first job that lasts; Moscow without one."""
    day = day_in(MOSCOW, now)
    for job in jobs:
        if job.current(day):
            return day_in(zone_of(job.organization_oid), now)
    return day


def judged(loaded: Loaded, registry: Registry, now: datetime) -> Judged:
    """Judge one worker. No I/O."""
    facts = facts_of(loaded, registry, now, loaded.hours)
    rules = judge(facts, registry)
    revision = loaded.revision + 1
    print_ = print_of(rules)
    zone = zone_of(facts.current_jobs[0].organization_oid) if facts.current_jobs else MOSCOW
    made, terms = term_facts(
        loaded.id,
        loaded.terms,
        (
            *terms_of(facts, registry, zone.key, loaded.pauses),
            *document_terms(loaded.holdings, registry, facts.today, zone.key, loaded.pauses),
        ),
        today=facts.today,
        revision=revision,
        recommended_months=registry.law.number("accr.recommend.months_agreed", facts.today),
    )
    found = discrepancies_of(facts, registry)
    if loaded.revision:
        if print_ != loaded.print:
            made.append(ComplianceChanged(worker=loaded.id, revision=revision))
        made += [
            DiscrepancyDetected(
                worker=loaded.id,
                kind=one.kind,
                subject=one.subject,
                corrected_by=one.actor.value,
                revision=revision,
            )
            for one in found
            if (one.kind, one.subject) not in loaded.discrepancies
        ]
    return Judged(
        worker=loaded.id,
        register_version=loaded.register_version,
        revision=revision,
        print=print_,
        verdict=worst_verdict(rule.verdict for rule in rules),
        terms=terms,
        next_date=min(next_turn(facts, registry), *_ends(loaded.pauses, facts.today)),
        today=facts.today,
        members=members_of(facts, rules, registry),
        memberships=loaded.memberships,
        discrepancies=found,
        known_discrepancies=loaded.discrepancies,
        facts=tuple(made),
    )


def _ends(pauses: Sequence[Pause], today: date) -> Iterator[date]:
    """The days on which reminders go on again, and one that never is the first."""
    yield date.max
    for one in pauses:
        if one.until is not None and one.until >= today:
            yield one.until + timedelta(days=1)


def print_of(rules: Sequence[RuleResult]) -> str:
    """The verdicts in short: it differs when something is said otherwise."""
    parts = [f"{rule.id[-2:]}{rule.verdict.value[0]}{rule.worst.deadline or ''}" for rule in rules]
    return " ".join(parts)
