"""Steps that a worker takes with an own application."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import orjson

from lkmr_accreditation.domain.application import Actor, Application, Path, State
from lkmr_accreditation.domain.errors import AppealTooLate, TransitionRefused
from lkmr_accreditation.domain.portfolio import (
    agreement_excused,
    blocks,
    check_sendable,
    portfolio_of,
)
from lkmr_accreditation.usecases.application_parts import (
    ApplicationParts,
    Seen,
    check_version,
    keep_step,
    known_of,
    look,
    take_step,
    today_for,
    with_file_set,
)
from lkmr_accreditation.usecases.ask_extract import deny, grant
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.identity import Caller

METHOD = "AdvanceApplication"
ACTS = frozenset(
    {"SUBMIT", "ASK_AGREEMENT", "REVISE", "WITHDRAW", "APPEAL", "DELETE", "GRANT", "DENY"}
)


async def advance_application(
    application: str,
    act: str,
    *,
    worker: str,
    reason: str,
    version: int,
    caller: Caller,
    request_id: str,
    body: bytes,
    parts: ApplicationParts,
) -> None:
    """Take one step. What is not allowed in the present state is refused and changes nothing.

    Before an application is sent, ФИС ФРДО is asked anew about the documents of its worker.
    Raises ApplicationNotFound, ApplicationChanged, TransitionRefused, FIELDS_INVALID, TooEarly,
    HoursNotMet, ReportNotAgreed, BreakTooLong, MentoringUnfinished, AppealTooLate,
    ApplicationOpen.
    """
    if act not in ACTS:
        _refuse("act", "UNKNOWN", "Такого действия нет.")
    seen = None
    if act == "SUBMIT":
        await parts.recheck(worker)
        seen = await look(worker, parts)
    async with parts.new_uow() as uow:
        if await uow.requests.replay(caller, METHOD, request_id, body) is not None:
            return
        found = await uow.applications.get(application, worker=worker)
        check_version(found, version)
        if seen is not None:
            await _submit(found, seen, uow, parts)
        else:
            await _ACTS[act](found, reason.strip(), uow, parts)
        await uow.requests.store(caller, METHOD, request_id, b"done")
        await uow.commit()


async def _submit(found: Application, seen: Seen, uow: UnitOfWork, parts: ApplicationParts) -> None:
    if found.state is not State.DRAFT:
        raise TransitionRefused(state=found.state.value, to=State.SUBMITTED.value)
    form = parts.forms.get(found.form)
    today = today_for(found, parts.clock.now())
    if faults := [*form.missing(found.answers), *form.untimely(found.answers, today)]:
        raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=faults)
    if found.path is Path.EXTRACT:
        asked = await take_step(
            found, State.EXTRACT_REQUESTED, actor=Actor.WORKER, uow=uow, parts=parts
        )
        await take_step(asked, State.REGISTERED, actor=Actor.CABINET, uow=uow, parts=parts)
        return
    if found.path is Path.REQUEST:
        await take_step(found, State.SUBMITTED, actor=Actor.WORKER, uow=uow, parts=parts)
        return
    known = known_of(found, seen, parts.forms)
    check_sendable(found, known)
    pieces = portfolio_of(found, known)
    if lacking := blocks(pieces):
        faults = [FieldFault(one.code.lower(), "MISSING", one.todo) for one in lacking]
        raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=faults)
    content = {
        "answers": dict(found.answers),
        "pieces": [[one.code, one.readiness.value, one.detail] for one in pieces],
        "report_signature": found.report.signature,
    }
    packed = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    await uow.applications.keep_file_set(found, packed, parts.clock.now())
    await take_step(
        found, State.SUBMITTED, actor=Actor.WORKER, uow=uow, parts=parts, outgoing="SUBMIT"
    )


async def _ask_agreement(
    found: Application, _: str, uow: UnitOfWork, parts: ApplicationParts
) -> None:
    if not found.answers.get("report", "").strip():
        _refuse("report", "REQUIRED", "Сначала напишите отчёт.")
    if agreement_excused(found):
        _refuse("agreement", "NOT_NEEDED", "Вы указали, что согласование не требуется.")
    await take_step(found, State.REPORT_APPROVAL, actor=Actor.WORKER, uow=uow, parts=parts)


async def _revise(found: Application, _: str, uow: UnitOfWork, parts: ApplicationParts) -> None:
    if found.state is not State.RETURNED:
        raise TransitionRefused(state=found.state.value, to=State.DRAFT.value)
    await take_step(with_file_set(found), State.DRAFT, actor=Actor.WORKER, uow=uow, parts=parts)


async def _withdraw(
    found: Application, reason: str, uow: UnitOfWork, parts: ApplicationParts
) -> None:
    outgoing = "WITHDRAW" if found.path is Path.PERIODIC else None
    await take_step(
        found,
        State.WITHDRAWN,
        actor=Actor.WORKER,
        uow=uow,
        parts=parts,
        reason=reason,
        outgoing=outgoing,
    )


async def _appeal(
    found: Application, reason: str, uow: UnitOfWork, parts: ApplicationParts
) -> None:
    if State.APPEAL_FILED not in found.next_states:
        raise TransitionRefused(state=found.state.value, to=State.APPEAL_FILED.value)
    if not reason:
        _refuse("reason", "REQUIRED", "Напишите, с чем вы не согласны.")
    if found.limit is not None and today_for(found, parts.clock.now()) > found.limit:
        raise AppealTooLate(limit_date=found.limit.strftime("%d.%m.%Y"))
    back = State.CAC_REVIEW if found.state is State.FAILED else State.FAC_CHECK
    moved, step = found.moved(
        State.APPEAL_FILED, actor=Actor.WORKER, now=parts.clock.now(), reason=reason
    )
    await keep_step(replace(moved, resume=back), step, uow=uow, parts=parts, outgoing="APPEAL")


async def _delete(found: Application, _: str, uow: UnitOfWork, parts: ApplicationParts) -> None:
    await take_step(found, State.DELETED, actor=Actor.WORKER, uow=uow, parts=parts)


_Act = Callable[[Application, str, UnitOfWork, ApplicationParts], Awaitable[None]]
_ACTS: Mapping[str, _Act] = {
    "ASK_AGREEMENT": _ask_agreement,
    "REVISE": _revise,
    "WITHDRAW": _withdraw,
    "APPEAL": _appeal,
    "DELETE": _delete,
    "GRANT": grant,
    "DENY": deny,
}


def _refuse(field: str, code: str, words: str) -> None:
    fault = FieldFault(field, code, words)
    raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=[fault])
