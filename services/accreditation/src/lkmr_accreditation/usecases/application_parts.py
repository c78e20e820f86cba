"""What every use case about applications works with, and steps that several of them share."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from lkmr_accreditation.domain.application import (
    Actor,
    Application,
    State,
    Step,
    next_warning_day,
)
from lkmr_accreditation.domain.errors import ApplicationChanged
from lkmr_accreditation.domain.events import ApplicationMoved, StepTerm
from lkmr_accreditation.domain.forms import Forms
from lkmr_accreditation.domain.holdings import Held
from lkmr_accreditation.domain.portfolio import Known
from lkmr_accreditation.domain.zones import zone_of
from lkmr_accreditation.usecases.application_ports import ApplicationReader
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_accreditation.usecases.read_compliance import (
    Compliance,
    ComplianceParts,
    read_compliance,
)
from lkmr_servicekit.clock import MOSCOW, Clock, day_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationParts:
    """Made in `main`; `compliance` is asked for anew, because the law may have turned.

    `recheck` has registers asked anew about the documents of a worker.
    """

    recheck: Callable[[str], Awaitable[None]]
    new_uow: Callable[[], UnitOfWork]
    reader: ApplicationReader
    compliance: Callable[[], ComplianceParts]
    forms: Forms
    book: LawBook
    clock: Clock


def today_for(application: Application, now: datetime) -> date:
    """The present day of the organisation of an application."""
    oid = application.organization_oid
    return day_in(zone_of(oid) if oid else MOSCOW, now)


def check_version(application: Application, version: int) -> None:
    """0 means that the caller does not care. Raises ApplicationChanged."""
    if version and version != application.version:
        raise ApplicationChanged(version=application.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the cabinet knows of a worker: the report about them, and their documents."""

    made: Compliance
    held: Sequence[Held]


async def look(worker: str, parts: ApplicationParts) -> Seen:
    """Judge a worker now. Raises RegisterUnavailable when nothing is stored of them."""
    compliance = parts.compliance()
    made = await read_compliance(worker, compliance)
    traits = await compliance.traits.find_traits(worker)
    return Seen(made=made, held=[one for one in traits.holdings.documents if one.counts])


def known_of(application: Application, seen: Seen, forms: Forms) -> Known:
    """What a portfolio is assembled from."""
    made, wanted = seen.made, application.specialty.casefold()
    standing = next(
        (one for one in made.report.standings if one.specialty.casefold() == wanted), None
    )
    return Known(
        form=forms.get(application.form),
        facts=made.facts,
        standing=standing,
        rules=made.report.rules,
        held=seen.held,
    )


async def take_step(
    application: Application,
    to: State,
    *,
    actor: Actor,
    uow: UnitOfWork,
    parts: ApplicationParts,
    reason: str = "",
    outgoing: str | None = None,
    from_outside: bool = False,
) -> Application:
    """One step inside an open unit of work: state, term, history and announcement together.

    Raises TransitionRefused, ApplicationOpen.
    """
    now = parts.clock.now()
    moved, step = application.moved(
        to, actor=actor, now=now, reason=reason, from_outside=from_outside
    )
    await keep_step(moved, step, uow=uow, parts=parts, outgoing=outgoing)
    return moved


async def keep_step(
    moved: Application,
    step: Step,
    *,
    uow: UnitOfWork,
    parts: ApplicationParts,
    outgoing: str | None = None,
) -> None:
    """Keep a step that was taken, with the term of the new state, and announce it."""
    now = parts.clock.now()
    today = today_for(moved, now)
    registry = parts.book.registry
    timed = moved.timed(today, registry.law, registry.calendar)
    turn = next_warning_day(timed, today)
    await uow.applications.save(timed, step, turn=turn, outgoing=outgoing, now=now)
    over = StepTerm(worker=moved.worker, application=moved.id, version=moved.version)
    await uow.announce.facts([moved_fact(timed, step.before.value), over])


def late_fact(application: Application) -> StepTerm:
    """The fact that the term of its present step has passed."""
    oid = application.organization_oid
    return StepTerm(
        worker=application.worker,
        application=application.id,
        version=application.version,
        limit=application.limit,
        time_zone=(zone_of(oid) if oid else MOSCOW).key,
    )


def moved_fact(application: Application, before: str = "") -> ApplicationMoved:
    """The fact that an application stands where it stands now."""
    return ApplicationMoved(
        worker=application.worker,
        application=application.id,
        form=application.form,
        state=application.state.value,
        version=application.version,
        before=before,
        warning=application.warned,
    )


def with_file_set(application: Application) -> Application:
    """The application whose next set of files is a new version."""
    return replace(application, file_set=application.file_set + 1)
