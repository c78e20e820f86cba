"""Sign and send the report of continuing education; follow what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from lkmr_education.domain.errors import (
    ReportNotFound,
    ReportStepNotAllowed,
    SelfConfirmation,
)
from lkmr_education.domain.report import (
    Report,
    ReportState,
)
from lkmr_education.usecases.outside import Reports
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

LEASE = timedelta(minutes=2)


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
        report = await own_report(identity, caller.organization_oid, uow.reports)
    if report.created_by == by:
        raise SelfConfirmation
    if report.state is not ReportState.VALIDATED:
        raise ReportStepNotAllowed(state=report.state.value)
    signature, certificate = await signer.sign(report.content)
    async with new_uow() as uow:
        held = await own_report(identity, caller.organization_oid, uow.reports)
        await uow.reports.save(held.signed(signature, certificate, by=by, now=clock.now()))
        await uow.commit()


async def ask_to_send(
    identity: str, *, caller: Caller, new_uow: NewUnitOfWork, clock: Clock
) -> None:
    """Note that a signed report is to be handed over; `follow_reports` does it.

    A repeat does nothing. Raises ReportNotFound, ReportStepNotAllowed.
    """
    async with new_uow() as uow:
        report = await own_report(identity, caller.organization_oid, uow.reports)
        if report.send_asked:
            return
        await uow.reports.save(report.asked_to_send(clock.now(), by=f"persons/{caller.subject}"))
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


async def own_report(identity: str, organization: str, reports: Reports) -> Report:
    """A report of the caller's organisation; any other looks like an unknown one."""
    report = await reports.find(identity)
    if report is None or not organization or report.organization_oid != organization:
        raise ReportNotFound
    return report
