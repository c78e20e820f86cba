"""Personnel asks for the extract of a member of the staff (F3), who agrees or refuses."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from lkmr_accreditation.domain.application import Actor, Application, Path, State
from lkmr_accreditation.domain.errors import (
    AccreditationNotFound,
    ApplicationNotFound,
    ApplicationOpen,
    ConsentRequired,
    TransitionRefused,
)
from lkmr_accreditation.usecases.application_parts import (
    ApplicationParts,
    keep_step,
    take_step,
    today_for,
)
from lkmr_accreditation.usecases.ports import IssuedExtract, UnitOfWork
from lkmr_accreditation.usecases.read_applications import read_staff_application
from lkmr_accreditation.usecases.read_compliance import worker_facts
from lkmr_accreditation.usecases.staff import StaffReader, staff_member
from lkmr_accreditation.usecases.staff_forms import METHOD, check_personnel, staff_draft
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.identity import Caller

FORM = "F3"
_NO_ENTRY = "В реестре нет действующей записи по этой специальности"
Issue = Callable[[str, str, str], Awaitable[IssuedExtract]]
"""Makes the extract of a worker, an entry, and the origin of the page that checks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffExtracts:
    """What the extracts of personnel are made with."""

    issue: Issue
    staff: StaffReader
    parts: ApplicationParts


async def ask_extract(
    worker: str,
    *,
    specialty: str,
    answers: Mapping[str, str],
    caller: Caller,
    request_id: str,
    body: bytes,
    staff: StaffReader,
    parts: ApplicationParts,
) -> str:
    """The id of the request; nothing is given out before the worker agrees.

    One open request for each organisation, worker and specialty. The purpose is required, because
    a worker agrees to a purpose. Source: 152-ФЗ, ст. 9.
    Raises StaffMemberNotFound, SelfConfirmation, ApplicationOpen, FIELDS_INVALID,
    OrganizationRequired, RegisterUnavailable.
    """
    draft = await staff_draft(
        worker,
        form=FORM,
        path=Path.STAFF_EXTRACT,
        specialty=specialty,
        answers=answers,
        caller=caller,
        staff=staff,
        parts=parts,
    )
    if not answers.get("purpose", "").strip():
        _refuse(
            "purpose", "REQUIRED", "Назовите, куда нужна выписка: сотрудник соглашается на это."
        )
    async with parts.new_uow() as uow:
        made = await uow.requests.replay(caller, METHOD, request_id, body)
        if made is not None:
            return made.decode()
        if not await uow.applications.has_entry(worker, draft.specialty):
            _refuse("specialty", "NO_ENTRY", f"{_NO_ENTRY}.")
        if standing := await uow.applications.add(draft):
            raise ApplicationOpen(application=standing)
        asked, step = draft.moved(State.CONSENT_ASKED, actor=Actor.HR, now=parts.clock.now())
        await keep_step(asked, step, uow=uow, parts=parts)
        await uow.requests.store(caller, METHOD, request_id, draft.id.encode())
        await uow.commit()
    return draft.id


async def grant(found: Application, _: str, uow: UnitOfWork, parts: ApplicationParts) -> None:
    """The worker agrees: personnel may take the extract for the term of the consent.

    Raises TransitionRefused.
    """
    _check_asked(found, State.READY, parts)
    if await uow.applications.has_entry(found.worker, found.specialty):
        await take_step(found, State.READY, actor=Actor.WORKER, uow=uow, parts=parts)
        return
    await take_step(
        found, State.REFUSED, actor=Actor.CABINET, uow=uow, parts=parts, reason=_NO_ENTRY
    )


async def deny(found: Application, reason: str, uow: UnitOfWork, parts: ApplicationParts) -> None:
    """The worker refuses; no reason is asked for. Raises TransitionRefused."""
    _check_asked(found, State.REFUSED, parts)
    await take_step(found, State.REFUSED, actor=Actor.WORKER, uow=uow, parts=parts, reason=reason)


async def issue_staff_extract(
    application: str, *, caller: Caller, verify_origin: str, by: StaffExtracts
) -> IssuedExtract:
    """The extract to which a member of the staff agreed, while the consent lasts.

    Raises ApplicationNotFound, ConsentRequired, StaffMemberNotFound, OrganizationRequired,
    AccreditationNotFound, RegisterUnavailable.
    """
    check_personnel(caller)
    found = (await read_staff_application(caller, application, parts=by.parts)).application
    if found.path is not Path.STAFF_EXTRACT:
        raise ApplicationNotFound
    if found.state is not State.READY or _is_over(found, by.parts):
        raise ConsentRequired
    await staff_member(caller, found.worker, reader=by.staff)
    _, facts = await worker_facts(found.worker, by.parts.compliance())
    record = facts.best((found.specialty,))
    if record is None:
        raise AccreditationNotFound
    return await by.issue(found.worker, record.id, verify_origin)


def _check_asked(found: Application, to: State, parts: ApplicationParts) -> None:
    if found.state is not State.CONSENT_ASKED or _is_over(found, parts):
        raise TransitionRefused(state=found.state.value, to=to.value)


def _is_over(found: Application, parts: ApplicationParts) -> bool:
    return found.limit is not None and today_for(found, parts.clock.now()) > found.limit


def _refuse(field: str, code: str, words: str) -> None:
    fault = FieldFault(field, code, words)
    raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=[fault])
