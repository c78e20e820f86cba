"""Build, sign and send the report of continuing education; follow what becomes of it."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import orjson

from lkmr_education.domain.errors import (
    ReportNotFound,
    ReportStepNotAllowed,
    SelfConfirmation,
)
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.posts import Posts
from lkmr_education.domain.report import (
    Counted,
    Report,
    ReportState,
    content_of,
    controls_of,
    period_of,
)
from lkmr_education.usecases.account import account_of
from lkmr_education.usecases.outside import Reports
from lkmr_education.usecases.ports import Member, NewUnitOfWork, Reader, Staff
from lkmr_education.usecases.present_worker import Present, today_at
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

_AT_ONCE, _PAGE, LEASE = 8, 200, timedelta(minutes=2)
_METHOD = "BuildReport"


class ReportSigner(Protocol):
    """The signature of the organisation (электронная подпись)."""

    async def sign(self, content: bytes) -> tuple[bytes, bytes]:
        """A detached CMS and the certificate. Raises SigningUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """What the receiver said about a report."""

    number: str
    state: str
    reason: str
    receipt: bytes


class ReportReceiver(Protocol):
    """The supervising body behind the bridge. Raises ReceiverUnavailable."""

    async def send(self, report: Report) -> Word:
        """Hand it over; the same one again gets the same number. Raises ReportRefused."""
        ...

    async def word(self, number: str) -> Word:
        """What became of it."""
        ...


class ReportPrinter(Protocol):
    """Reports as files; `media` are the forms that it knows."""

    @property
    def media(self) -> Mapping[str, str]: ...

    async def make(self, report: Report, form: str) -> bytes:
        """The file; the same report gives the same numbers in every form."""
        ...

    def name(self, report: Report, form: str) -> str:
        """The name under which it is downloaded."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; `replaces` is the report that a correction follows."""

    period_start: str
    period_end: str
    replaces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where figures come from."""

    staff: Staff
    reader: Reader
    present: Callable[[str], Awaitable[Present]]
    norms: Norms
    posts: Posts


async def build_report(
    wanted: Wanted,
    *,
    caller: Caller,
    request_id: str,
    body: bytes,
    sources: Sources,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> str:
    """The id of a new report about the caller's organisation; a repeat gives the first one.

    Raises ReportInvalid, ReportNotFound, ReportStepNotAllowed, RegisterUnavailable.
    """
    now = clock.now()
    today = today_at(now)
    async with new_uow() as uow:
        done = await uow.requests.replay(caller, _METHOD, request_id, body)
        before = await _replaced(wanted.replaces, caller.organization_oid, uow.reports)
    if done is not None:
        return done.decode()
    period = before.period if before else period_of(wanted.period_start, wanted.period_end, today)
    members = await _members(sources.staff)
    name = next((one.organization_name for one in members if one.organization_name), "")
    content = content_of(
        await _counted(members, sources),
        organization=(caller.organization_oid, name),
        period=period,
        today=today,
    )
    errors = controls_of(content)
    made = Report(
        id=str(uuid.uuid4()),
        organization_oid=caller.organization_oid,
        organization_name=name,
        period=period,
        version=before.version + 1 if before else 1,
        state=ReportState.HAS_ERRORS if errors else ReportState.VALIDATED,
        content=orjson.dumps(content, option=orjson.OPT_SORT_KEYS),
        errors=errors,
        replaces=before.id if before else "",
        created_by=f"persons/{caller.subject}",
        create_time=now,
        update_time=now,
    )
    async with new_uow() as uow:
        if before is not None:
            held = await _own(before.id, caller.organization_oid, uow.reports)
            await uow.reports.save(held.corrected(now))
        await uow.reports.add(made)
        await uow.requests.store(caller, _METHOD, request_id, made.id.encode())
        await uow.commit()
    return made.id


async def sign_report(
    identity: str,
    *,
    caller: Caller,
    signer: ReportSigner,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> None:
    """Sign what was built, as it is; nobody signs what they built themselves.

    Raises ReportNotFound, ReportStepNotAllowed, SelfConfirmation, SigningUnavailable.
    """
    by = f"persons/{caller.subject}"
    async with new_uow() as uow:
        report = await _own(identity, caller.organization_oid, uow.reports)
    if report.created_by == by:
        raise SelfConfirmation
    if report.state is not ReportState.VALIDATED:
        raise ReportStepNotAllowed(state=report.state.value)
    signature, certificate = await signer.sign(report.content)
    async with new_uow() as uow:
        held = await _own(identity, caller.organization_oid, uow.reports)
        await uow.reports.save(held.signed(signature, certificate, by=by, now=clock.now()))
        await uow.commit()


async def ask_to_send(
    identity: str, *, caller: Caller, new_uow: NewUnitOfWork, clock: Clock
) -> None:
    """Note that a signed report is to be handed over; `follow_reports` does it.

    A repeat does nothing. Raises ReportNotFound, ReportStepNotAllowed.
    """
    async with new_uow() as uow:
        report = await _own(identity, caller.organization_oid, uow.reports)
        if report.send_asked:
            return
        await uow.reports.save(report.asked_to_send(clock.now()))
        await uow.commit()


async def follow_reports(*, receiver: ReportReceiver, new_uow: NewUnitOfWork, clock: Clock) -> int:
    """Hand over what is to be sent and ask about what is under way; how many moved on.

    A report is claimed for two minutes; a crash between handing over and storing repeats the same
    id and version, for which the receiver gives the same number. Raises ReceiverUnavailable.
    """
    async with new_uow() as uow:
        due = await uow.reports.claim(clock.now(), LEASE)
        await uow.commit()
    moved = 0
    for report in due:
        word = await (receiver.word(report.number) if report.number else receiver.send(report))
        after = report.told(word.number, word.state, word.reason, word.receipt, clock.now())
        async with new_uow() as uow:
            await uow.reports.save(after)
            await uow.commit()
        moved += after.state is not report.state
    return moved


async def _replaced(identity: str, organization: str, reports: Reports) -> Report | None:
    return await _own(identity, organization, reports) if identity else None


async def _own(identity: str, organization: str, reports: Reports) -> Report:
    """A report of the caller's organisation; any other looks like an unknown one."""
    report = await reports.find(identity)
    if report is None or not organization or report.organization_oid != organization:
        raise ReportNotFound
    return report


async def _members(staff: Staff) -> list[Member]:
    members: list[Member] = []
    token = ""
    while True:
        page, token = await staff.page(department="", page_size=_PAGE, page_token=token)
        members += page
        if not token:
            return members


async def _counted(members: Sequence[Member], sources: Sources) -> list[Counted]:
    """Accounts of all members; whom the cabinet has never met is asked for in the register."""
    workers = [one.worker for one in members]
    plans = await sources.reader.plans_of(workers)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def count(member: Member) -> Counted:
        async with gate:
            present = await sources.present(member.worker)
        account = account_of(present, sources.norms, sources.posts)
        level = sources.posts.level_of(member.position)
        return Counted(
            worker=member.worker,
            group=level.group if level and level.group in {"DOCTOR", "NURSE"} else "OTHER",
            record=present.worker.record,
            progress=account.progress,
            lines=[line for line, _ in account.lines.values()],
            studies=present.worker.studies,
            plan=plans.get(member.worker, ()),
        )

    return list(await asyncio.gather(*(count(one) for one in members)))
