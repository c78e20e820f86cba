"""Decisions of the head (F2) and of the personnel department about applications of their staff."""

from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from lkmr_access.matrix import allowed
from lkmr_accreditation.domain import pauses
from lkmr_accreditation.domain.application import (
    Actor,
    Agreement,
    Application,
    Path,
    Report,
    State,
)
from lkmr_accreditation.domain.errors import (
    ApplicationNotFound,
    OrganizationRequired,
    OwnReport,
    TransitionRefused,
)
from lkmr_accreditation.domain.portfolio import report_digest
from lkmr_accreditation.usecases.application_parts import (
    ApplicationParts,
    check_version,
    keep_step,
    take_step,
    today_for,
)
from lkmr_accreditation.usecases.application_ports import Signer
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.identity import Caller

METHOD, SECTION = "DecideApplication", "accreditation_forms"
HEAD_ACTS = frozenset({"AGREE", "REFUSE_AGREEMENT"})
HR_STEPS = {"TAKE": State.IN_WORK, "FINISH": State.DONE, "REFUSE": State.REFUSED}
REASONED = frozenset({"REFUSE_AGREEMENT", "REFUSE"})
STAFF_FORMS = ("F4", "F5", "F8", "F9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Which applications lie before a caller: forms, and whose; `department` is empty for all."""

    forms: tuple[str, ...]
    organization_oid: str
    department: str = ""

    @property
    def seen(self) -> tuple[str, ...]:
        """Forms that may be read; the extract that personnel asked for is not theirs to decide."""
        return (*self.forms, "F3") if "F8" in self.forms else self.forms


def desk_of(caller: Caller) -> Desk:
    """What lies before a caller: heads agree, personnel works.

    The head of a department agrees for the own department, by delegation of the head of the
    organisation; the role stands in the signature. Source: matrix of rights, row 03.
    Raises OrganizationRequired without an organisation, or a department, in the active profile.
    """
    oid, agrees = caller.organization_oid, allowed(caller.held_roles, SECTION, "A")
    if not oid or (agrees == "d" and not caller.department):
        raise OrganizationRequired
    if agrees in {"d", "g"}:
        department = caller.department if agrees == "d" else ""
        return Desk(forms=("F1",), organization_oid=oid, department=department)
    works = allowed(caller.held_roles, SECTION, "U") == "g"
    return Desk(forms=STAFF_FORMS if works else (), organization_oid=oid)


async def decide_application(
    application: str,
    act: str,
    *,
    reason: str,
    version: int,
    caller: Caller,
    request_id: str,
    body: bytes,
    signer: Signer,
    parts: ApplicationParts,
) -> None:
    """Agree to a report or refuse it with a reason; take, finish or refuse a request.

    Raises ApplicationNotFound, ApplicationChanged, TransitionRefused, OwnReport, FIELDS_INVALID,
    OrganizationRequired, STEP_UP_REQUIRED.
    """
    desk = desk_of(caller)
    if act not in HEAD_ACTS and act not in HR_STEPS:
        _refuse("act", "UNKNOWN", "Такого действия нет.")
    if act in REASONED and not reason.strip():
        _refuse("reason", "REQUIRED", "Напишите причину отказа.")
    async with parts.new_uow() as uow:
        if await uow.requests.replay(caller, METHOD, request_id, body) is not None:
            return
        found = await uow.applications.get_staff(
            application, organization_oid=desk.organization_oid, department=desk.department
        )
        if found.form not in desk.forms:
            raise ApplicationNotFound
        if found.worker == caller.worker:
            raise OwnReport
        check_version(found, version)
        if act in HEAD_ACTS:
            caller.require_step_up()
            decision = Agreement.AGREED if act == "AGREE" else Agreement.REFUSED
            report = _signed(found, decision, reason.strip(), caller, signer, parts.clock.now())
            await _agree(found, report, uow, parts)
        else:
            await _work(found, act, reason.strip(), uow, parts)
        await uow.requests.store(caller, METHOD, request_id, b"done")
        await uow.commit()


async def _agree(
    found: Application, report: Report, uow: UnitOfWork, parts: ApplicationParts
) -> None:
    if found.state is not State.REPORT_APPROVAL:
        raise TransitionRefused(state=found.state.value, to=State.DRAFT.value)
    moved, step = found.moved(
        State.DRAFT, actor=Actor.HEAD, now=parts.clock.now(), reason=report.reason
    )
    await keep_step(replace(moved, report=report), step, uow=uow, parts=parts)


def _signed(  # noqa: PLR0917 - all that a signature covers
    found: Application,
    decision: Agreement,
    reason: str,
    caller: Caller,
    signer: Signer,
    now: datetime,
) -> Report:
    """The decision with its signature: a second factor of the head, sealed by the cabinet."""
    report = Report(
        agreement=decision,
        decided_by=f"persons/{caller.subject}",
        decided_as=min(one for one in caller.held_roles if allowed((one,), SECTION, "A")),
        decide_time=now.isoformat(timespec="seconds"),
        reason=reason,
        digest=report_digest(found),
    )
    decided = {
        "application": found.id,
        "decided_as": report.decided_as,
        "decided_by": report.decided_by,
        "decide_time": report.decide_time,
        "decision": decision.value,
        "digest": report.digest,
        "organization_oid": caller.organization_oid,
        "reason": reason,
    }
    signature = signer.statement(orjson.dumps(decided, option=orjson.OPT_SORT_KEYS))
    return replace(report, signature=signature)


async def _work(
    found: Application, act: str, reason: str, uow: UnitOfWork, parts: ApplicationParts
) -> None:
    if found.path is not Path.REQUEST:
        raise TransitionRefused(state=found.state.value, to=HR_STEPS[act].value)
    await take_step(found, HR_STEPS[act], actor=Actor.HR, uow=uow, parts=parts, reason=reason)
    if act == "FINISH" and found.form == pauses.FORM:
        await _pause(found, uow, parts)


async def _pause(found: Application, uow: UnitOfWork, parts: ApplicationParts) -> None:
    """What a finished F9 changes: reminders, and nothing else."""
    today = today_for(found, parts.clock.now())
    pause = pauses.pause_of(found.answers, found.specialty, today)
    if pause is None:
        await uow.pauses.end(found.worker, found.specialty)
    else:
        await uow.pauses.put(found.worker, pause)
    await uow.compliance.add_due([found.worker])


def _refuse(field: str, code: str, words: str) -> None:
    fault = FieldFault(field, code, words)
    raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=[fault])
