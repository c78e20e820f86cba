"""The regional health authority through egisz-bridge; calls carry a job token."""

from collections.abc import Awaitable, Callable

from lkmr.egisz_bridge.v1 import report_service_pb2 as pb
from lkmr.egisz_bridge.v1.report_service_pb2_grpc import ReportServiceStub

from lkmr_education.domain.errors import ReceiverUnavailable
from lkmr_education.domain.report import FORM, Report
from lkmr_education.usecases.reports import Word
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

SECONDS = 20.0


class AuthorityReceiver:
    """The port `ReportReceiver`."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = ReportServiceStub(peer.channel)

    async def send(self, report: Report) -> Word:
        """Hand a report over. A form that is not taken in at all is a rejection too."""
        request = pb.SendReportRequest(
            report=report.id,
            organization_oid=report.organization_oid,
            kind=FORM,
            period_start=report.period.start.isoformat(),
            period_end=report.period.end.isoformat(),
            version=report.version,
            content=report.content,
            signature=report.signature,
            certificate=report.certificate,
            sender=report.sent_by,
        )
        try:
            return _word(await self._call(self._stub.SendReport, request))
        except ServiceError as fault:
            if fault.reason == "REPORT_REFUSED":
                return Word("", "REJECTED", "Получатель не принял форму отчёта", b"")
            raise ReceiverUnavailable(reason=fault.reason) from fault

    async def word(self, number: str) -> Word:
        """What became of a report."""
        try:
            return _word(await self._call(self._stub.GetReport, pb.GetReportRequest(number=number)))
        except ServiceError as fault:
            raise ReceiverUnavailable(reason=fault.reason) from fault

    async def _call(
        self, method: Callable[..., Awaitable[pb.ReportReceipt]], request: object
    ) -> pb.ReportReceipt:
        token = await self._job_token("send_report")
        return await self._peer.call(method, request, timeout=SECONDS, token=token)


def _word(found: pb.ReportReceipt) -> Word:
    return Word(found.number, found.state, found.reason, found.receipt)
