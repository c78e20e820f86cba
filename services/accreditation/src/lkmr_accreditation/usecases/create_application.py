"""Begin an application by one of the built-in forms."""

import uuid
from collections.abc import Mapping
from datetime import date

from lkmr_accreditation.domain.application import Application, next_warning_day
from lkmr_accreditation.domain.errors import ApplicationOpen, FormUnknown, RefilePause
from lkmr_accreditation.domain.facts import held_specialties
from lkmr_accreditation.domain.forms import Form
from lkmr_accreditation.domain.portfolio import refile_day
from lkmr_accreditation.usecases.application_parts import (
    ApplicationParts,
    moved_fact,
    today_for,
)
from lkmr_accreditation.usecases.ports import StoredWorker, UnitOfWork
from lkmr_accreditation.usecases.read_compliance import worker_facts
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.identity import Caller

METHOD = "CreateApplication"


async def create_application(
    worker: str,
    *,
    form: str,
    specialty: str,
    answers: Mapping[str, str],
    caller: Caller,
    request_id: str,
    body: bytes,
    parts: ApplicationParts,
) -> str:
    """The id of the draft; the organisation is that of the worker's job in the specialty.

    Raises FormUnknown, ApplicationOpen, RefilePause, FIELDS_INVALID, RegisterUnavailable.
    """
    asked = parts.forms.get(form)
    if asked.path is None or "WORKER" not in asked.who:
        raise FormUnknown
    stored, today, chosen = await look_up(worker, specialty, parts)
    check_answers(asked, answers)
    now = parts.clock.now()
    draft = Application(
        id=str(uuid.uuid4()),
        worker=worker,
        form=form,
        path=asked.path,
        specialty=chosen,
        organization_oid=_organization(stored, chosen, today.isoformat()),
        answers=_prefilled(asked, stored, chosen) | dict(answers),
        create_time=now,
        update_time=now,
        state_time=now,
    )
    async with parts.new_uow() as uow:
        made = await uow.requests.replay(caller, METHOD, request_id, body)
        if made is not None:
            return made.decode()
        await _add(draft, uow, parts)
        await uow.requests.store(caller, METHOD, request_id, draft.id.encode())
        await uow.commit()
    return draft.id


async def look_up(
    worker: str, specialty: str, parts: ApplicationParts
) -> tuple[StoredWorker, date, str]:
    """The worker, their present day, and the specialty that is meant.

    Raises FIELDS_INVALID, RegisterUnavailable.
    """
    stored, facts = await worker_facts(worker, parts.compliance())
    known = {one.casefold(): one for one in held_specialties(facts, parts.book.registry.posts)}
    known |= {one.entry.specialty.casefold(): one.entry.specialty for one in facts.records}
    return stored, facts.today, _chosen(specialty, known)


async def _add(draft: Application, uow: UnitOfWork, parts: ApplicationParts) -> None:
    now = parts.clock.now()
    today = today_for(draft, now)
    law, calendar = parts.book.law, parts.book.registry.calendar
    if draft.form == "F1":
        failed = await uow.applications.last_failure(draft.worker, draft.specialty)
        pause = law.number("accr.refile_days.periodic", today)
        if failed is not None and today < (opens := refile_day(failed.date(), pause)):
            raise RefilePause(open_date=opens.strftime("%d.%m.%Y"))
    timed = draft.timed(today, law, calendar)
    if standing := await uow.applications.add(timed):
        raise ApplicationOpen(application=standing)
    await uow.applications.save(timed, turn=next_warning_day(timed, today), now=now)
    await uow.announce.facts([moved_fact(timed)])


def _chosen(specialty: str, known: Mapping[str, str]) -> str:
    if not specialty and len(known) == 1:
        return next(iter(known.values()))
    found = known.get(specialty.strip().casefold())
    if found is None:
        words = "Выберите специальность, по которой вы работаете или аккредитованы."
        fault = FieldFault("specialty", "UNKNOWN", words)
        raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=[fault])
    return found


def check_answers(form: Form, answers: Mapping[str, str]) -> None:
    """Raises FIELDS_INVALID."""
    if faults := form.faults(answers):
        raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=faults)


def _organization(stored: StoredWorker, specialty: str, today: str) -> str:
    jobs = [one for one in stored.jobs if one.end_date is None or one.end_date.isoformat() >= today]
    fitting = [one for one in jobs if one.specialty.casefold() == specialty.casefold()]
    chosen = fitting or jobs
    return chosen[0].organization_oid if chosen else ""


def _prefilled(form: Form, stored: StoredWorker, specialty: str) -> dict[str, str]:
    """What the register already answers."""
    level = next(
        (
            one.entry.education_level
            for one in stored.entries
            if one.entry.specialty.casefold() == specialty.casefold()
        ),
        "",
    )
    options = next((one.options for one in form.fields() if one.name == "education_level"), {})
    return {"education_level": level} if level in options else {}
