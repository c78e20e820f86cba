"""What stands between a worker and the next accreditation, now or with courses yet to be taken."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from lkmr_accreditation.domain.application import Application
from lkmr_accreditation.domain.application_words import STATES
from lkmr_accreditation.domain.compliance import Registry, Report, report
from lkmr_accreditation.domain.discrepancies import Discrepancy, discrepancies_of
from lkmr_accreditation.domain.facts import Facts, Identity, OpenStep, gives_right, held_specialties
from lkmr_accreditation.domain.holdings import EMPTY, Holdings
from lkmr_accreditation.domain.hours import Statement
from lkmr_accreditation.domain.rules_accreditation import years_after
from lkmr_accreditation.domain.verdicts import Unknown
from lkmr_accreditation.usecases.list_accreditations import Refresh, find_fresh, is_stale
from lkmr_accreditation.usecases.ports import Reader, StoredWorker
from lkmr_accreditation.usecases.recompute import Loaded, facts_of
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.errors import Category, FieldFault, ServiceError

MAX_COURSES, MAX_HOURS = 20, 2000
KINDS = frozenset(
    {"PK", "RETRAINING", "EVENT", "IOM", "SEMINAR", "WEBINAR", "CONFERENCE", "DISTANCE", "OTHER"}
)
NO_HOURS = Unknown("Служба обучения не отвечает, часы проверить не у кого")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course that a worker thinks of taking; `kind` as education knows it."""

    title: str
    kind: str
    hours: int
    end_date: date
    specialty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What else is kept of a worker, with the days on which contradictions were found."""

    gaps: tuple[str, ...] | None = None
    identity: Identity | None = None
    found_on: Mapping[tuple[str, str], date] | None = None
    holdings: Holdings = EMPTY


class TraitReader(Protocol):
    """A worker and all that is kept of them."""

    async def find_whole(self, worker: str) -> tuple[StoredWorker, Traits] | None:
        """In one read; None when nothing is stored of the worker."""
        ...

    async def find_traits(self, worker: str) -> Traits:
        """Only the traits; empty ones when nothing is stored of the worker."""
        ...


class StepReader(Protocol):
    """Applications whose next step is to be taken by somebody outside."""

    async def open_steps(self, worker: str) -> Sequence[Application]: ...

    async def count_open(self, worker: str) -> int: ...


class Hours(Protocol):
    """Hours of continuing education, kept by another service."""

    async def statement(
        self, worker: str, specialty: str, start: date, end: date, courses: Sequence[Course]
    ) -> Statement:
        """Every activity towards a cycle with its outcome; `courses` counted as if finished.

        Raises ServiceError.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """The report about a worker with what contradicts and where it comes from."""

    worker: StoredWorker
    facts: Facts
    report: Report
    discrepancies: Sequence[tuple[Discrepancy, date]]
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """The report as it is, and as it would be with some courses."""

    now: Compliance
    then: Compliance
    courses: Sequence[Course]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceParts:
    """What reading compliance works with."""

    reader: Reader
    traits: TraitReader
    steps: StepReader | None = None
    hours: Hours | None
    refresh: Refresh
    registry: Registry
    clock: Clock


async def read_compliance(worker: str, parts: ComplianceParts) -> Compliance:
    """Judge a worker now. Raises RegisterUnavailable when nothing is stored of them."""
    stored, facts, found_on = await _facts(worker, parts)
    known = await _with_hours(worker, facts, parts, ())
    return _compliance(stored, known, found_on, parts)


async def simulate_compliance(
    worker: str, courses: Sequence[Course], parts: ComplianceParts
) -> Simulated:
    """Judge a worker as if some courses were taken. Nothing is stored.

    Raises FIELDS_INVALID, RegisterUnavailable.
    """
    check_courses(courses)
    stored, facts, found_on = await _facts(worker, parts)
    held = held_specialties(facts, parts.registry.posts)
    aimed = [replace(one, specialty=one.specialty or (held[0] if held else "")) for one in courses]
    now, then = await asyncio.gather(
        _with_hours(worker, facts, parts, ()), _with_hours(worker, facts, parts, aimed)
    )
    return Simulated(
        now=_compliance(stored, now, found_on, parts),
        then=_compliance(stored, then, found_on, parts),
        courses=aimed,
    )


def check_courses(courses: Sequence[Course]) -> None:
    """Raises ServiceError FIELDS_INVALID that names each field which cannot be taken."""
    faults = []
    if not 1 <= len(courses) <= MAX_COURSES:
        faults.append(
            FieldFault("courses", "COUNT", f"Назовите от одного до {MAX_COURSES} курсов.")
        )
    for number, one in enumerate(courses):
        place = f"courses.{number}"
        if one.kind not in KINDS:
            faults.append(
                FieldFault(
                    f"{place}.kind", "UNKNOWN", "Вид курса: PK, EVENT, IOM или другой вид занятия."
                )
            )
        if not 1 <= one.hours <= MAX_HOURS:
            words = f"Часы — целое число от 1 до {MAX_HOURS}."
            faults.append(FieldFault(f"{place}.hours", "RANGE", words))
    if faults:
        raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=faults)


async def worker_facts(worker: str, parts: ComplianceParts) -> tuple[StoredWorker, Facts]:
    """A worker with the facts about them, without hours. Raises RegisterUnavailable."""
    stored, facts, _ = await _facts(worker, parts)
    return stored, facts


async def _facts(
    worker: str, parts: ComplianceParts
) -> tuple[StoredWorker, Facts, Mapping[tuple[str, str], date]]:
    stored, traits = await _fresh_whole(worker, parts)
    loaded = Loaded(
        id=worker,
        jobs=stored.jobs,
        register_version=stored.register_version,
        fetch_time=stored.fetch_time,
        entries=stored.entries,
        gaps=traits.gaps,
        identity=traits.identity,
        holdings=traits.holdings,
    )
    facts = facts_of(loaded, parts.registry, parts.clock.now(), {})
    if parts.steps is not None:
        steps = [open_step(one) for one in await parts.steps.open_steps(worker)]
        documents = replace(facts.documents, steps=[one for one in steps if one is not None])
        facts = replace(facts, documents=documents)
    return stored, facts, traits.found_on or {}


async def _fresh_whole(worker: str, parts: ComplianceParts) -> tuple[StoredWorker, Traits]:
    """One read when what is stored is fresh; else the register is asked first."""
    law, clock = parts.registry.law, parts.clock
    found = await parts.traits.find_whole(worker)
    if found is not None and not is_stale(found[0], law, clock.now()):
        return found
    stored = await find_fresh(
        worker, reader=parts.reader, refresh=parts.refresh, law=law, clock=clock
    )
    return stored, await parts.traits.find_traits(worker)


def open_step(application: Application) -> OpenStep | None:
    """The present step of an application with its limit; None for a step without one."""
    if application.limit is None:
        return None
    return OpenStep(
        application=application.id,
        step=STATES[application.state],
        start=day_in(MOSCOW, application.state_time),
        limit=application.limit,
    )


async def _with_hours(
    worker: str, facts: Facts, parts: ComplianceParts, courses: Sequence[Course]
) -> Facts:
    held = held_specialties(facts, parts.registry.posts)
    asked = [_hours(worker, one, facts, parts, courses) for one in held]
    found = [await asked[0]] if len(asked) == 1 else await asyncio.gather(*asked)
    hours = {one.casefold(): value for one, value in zip(held, found, strict=True)}
    return replace(facts, hours=hours)


async def _hours(
    worker: str, specialty: str, facts: Facts, parts: ComplianceParts, courses: Sequence[Course]
) -> Statement | Unknown:
    if parts.hours is None:
        return NO_HOURS
    start, end = cycle_of(specialty, facts, parts.registry)
    own = [one for one in courses if one.specialty.casefold() == specialty.casefold()]
    try:
        return await parts.hours.statement(worker, specialty, start, end, own)
    except ServiceError:
        return NO_HOURS


def cycle_of(specialty: str, facts: Facts, registry: Registry) -> tuple[date, date]:
    """The period in which hours count: of the present record, else the last five years.

    Source: Положение об аккредитации (709н), the period since the last accreditation.
    """
    years = registry.law.number("accr.validity_years", facts.today)
    record = facts.best((specialty,))
    if record is not None and gives_right(record) and record.term.effective:
        return record.entry.record_date or facts.today, record.term.effective
    return years_after(facts.today, -years), facts.today


def _compliance(
    stored: StoredWorker,
    facts: Facts,
    found_on: Mapping[tuple[str, str], date],
    parts: ComplianceParts,
) -> Compliance:
    now: datetime = parts.clock.now()
    return Compliance(
        worker=stored,
        facts=facts,
        report=report(facts, parts.registry),
        discrepancies=[
            (one, found_on.get((one.kind, one.subject), facts.today))
            for one in discrepancies_of(facts, parts.registry)
        ],
        stale=is_stale(stored, parts.registry.law, now),
    )
