"""Personnel enters the mentoring (наставничество) of a member of the staff by form F8."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from lkmr_accreditation.domain.application import Actor, Application, Path, State
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
from lkmr_accreditation.domain.errors import DocumentDuplicate
from lkmr_accreditation.usecases.application_parts import ApplicationParts, moved_fact
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_accreditation.usecases.staff import StaffReader
from lkmr_accreditation.usecases.staff_forms import METHOD, staff_draft
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.identity import Caller

FORM, KIND = "F8", "MENTORSHIP"
LONGEST = timedelta(days=3 * 366)  # ФЗ-424 of 17.11.2025: up to three years
_STEPS = (State.SUBMITTED, State.IN_WORK, State.DONE)


async def record_mentoring(
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
    """The id of the finished application; the rules read the document that it leaves.

    Raises StaffMemberNotFound, SelfConfirmation, DocumentDuplicate, FIELDS_INVALID,
    OrganizationRequired, RegisterUnavailable.
    """
    draft = await staff_draft(
        worker,
        form=FORM,
        path=Path.REQUEST,
        specialty=specialty,
        answers=answers,
        caller=caller,
        staff=staff,
        parts=parts,
    )
    if faults := [*parts.forms.get(FORM).missing(answers), *_period(answers)]:
        raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=faults)
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
