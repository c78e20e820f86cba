"""Personnel enters the mentoring (наставничество) of a member of the staff by form F8."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from lkmr_access.matrix import allowed
from lkmr_accreditation.domain.application import Actor, Application, State
from lkmr_accreditation.domain.documents import (
    Check,
    Checked,
    Content,
    Document,
    DocumentFact,
    Happening,
    Source,
    Version,
    Visibility,
)
from lkmr_accreditation.domain.errors import (
    DocumentDuplicate,
    FormUnknown,
    OrganizationRequired,
    SelfConfirmation,
)
from lkmr_accreditation.usecases.application_parts import ApplicationParts, moved_fact
from lkmr_accreditation.usecases.create_application import check_answers, look_up
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_accreditation.usecases.staff import StaffReader, staff_member
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.identity import Caller

METHOD, FORM, SECTION, KIND = "CreateStaffApplication", "F8", "accreditation_forms", "MENTORSHIP"
LONGEST = timedelta(days=3 * 366)  # ФЗ-424 of 17.11.2025: up to three years
_STEPS = (State.SUBMITTED, State.IN_WORK, State.DONE)


async def record_mentoring(
    worker: str,
    *,
    form: str,
    specialty: str,
    answers: Mapping[str, str],
    caller: Caller,
    request_id: str,
    body: bytes,
    staff: StaffReader,
    parts: ApplicationParts,
) -> str:
    """The id of the finished application; the rules read the document that it leaves.

    Raises FormUnknown, StaffMemberNotFound, SelfConfirmation, DocumentDuplicate, FIELDS_INVALID,
    OrganizationRequired, RegisterUnavailable.
    """
    if form != FORM:
        raise FormUnknown
    if not caller.organization_oid or allowed(caller.held_roles, SECTION, "C") != "g":
        raise OrganizationRequired
    if worker == caller.worker:
        raise SelfConfirmation
    await staff_member(caller, worker, reader=staff)
    asked = parts.forms.get(FORM)
    check_answers(asked, answers)
    if faults := [*asked.missing(answers), *_period(answers)]:
        raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=faults)
    _, _, chosen = await look_up(worker, specialty, parts)
    now = parts.clock.now()
    draft = Application(
        id=str(uuid.uuid4()),
        worker=worker,
        form=FORM,
        path=asked.path,  # type: ignore[arg-type] # F8 has one, or the form does not load
        specialty=chosen,
        organization_oid=caller.organization_oid,
        answers=dict(answers),
        create_time=now,
        update_time=now,
        state_time=now,
    )
    async with parts.new_uow() as uow:
        made = await uow.requests.replay(caller, METHOD, request_id, body)
        if made is not None:
            return made.decode()
        await _keep(draft, uow, parts)
        await _leave_document(draft, caller, uow, parts)
        await uow.requests.store(caller, METHOD, request_id, draft.id.encode())
        await uow.commit()
    return draft.id


async def _keep(draft: Application, uow: UnitOfWork, parts: ApplicationParts) -> None:
    """Each step stands in the history, the last one is announced: nothing waits for anybody."""
    now = parts.clock.now()
    await uow.applications.add(draft)
    for state in _STEPS:
        draft, step = draft.moved(state, actor=Actor.HR, now=now)
        await uow.applications.save(draft, step, now=now)
    await uow.announce.facts([moved_fact(draft, State.IN_WORK.value)])


async def _leave_document(
    done: Application, caller: Caller, uow: UnitOfWork, parts: ApplicationParts
) -> None:
    now, by = parts.clock.now(), f"persons/{caller.subject}"
    start, end = (date.fromisoformat(done.answers[name]) for name in ("start_date", "end_date"))
    content = Content(
        number=done.answers["mentor_order"].strip(),
        specialty=done.specialty,
        valid_from=start,
        valid_until=end,
    )
    document = Document(
        id=str(uuid.uuid4()),
        worker=done.worker,
        kind=KIND,
        source=Source.HR,
        visibility=Visibility.HEAD,
        archived=False,
        create_time=now,
        version=Version(
            number=1,
            content=content,
            check=Checked(status=Check.VERIFIED, by=by, time=now),
            author=by,
            create_time=now,
        ),
    )
    if not await uow.documents.add(document):
        raise DocumentDuplicate
    fact = DocumentFact(
        worker=done.worker, document=document.id, version=1, what=Happening.ADDED, kind=KIND
    )
    await uow.announce.documents([fact])
    await uow.compliance.add_due([done.worker])


def _period(answers: Mapping[str, str]) -> list[FieldFault]:
    start, end = answers.get("start_date", ""), answers.get("end_date", "")
    if not start or not end:
        return []
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    if last <= first:
        return [FieldFault("end_date", "BEFORE_START", "Окончание позже начала.")]
    if last > first + LONGEST:
        return [FieldFault("end_date", "TOO_FAR", "Наставничество длится не больше трёх лет.")]
    return []
