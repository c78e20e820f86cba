"""Client of the part of `education` that reports to the regional health authority."""

from collections.abc import Mapping

from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.education.v1.education_service_pb2_grpc import EducationServiceStub

from lkmr_servicekit.grpc_client import READ_SECONDS, WRITE_SECONDS, Peer

BUILD_SECONDS = 25.0
FILE_SECONDS = 15.0


class EducationReports:
    """Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = EducationServiceStub(peer.channel)

    async def page(
        self, token: str, *, page_size: int = 0, page_token: str = ""
    ) -> tuple[bytes, str]:
        """Reports of the caller's organisation as JSON, with the ETag."""
        request = pb.ListReportsRequest(page_size=page_size, page_token=page_token)
        made = await self._peer.call(
            self._stub.ListReports, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def one(self, report: str, token: str) -> tuple[bytes, str]:
        """A report with its figures as JSON, with the ETag."""
        request = pb.ReadReportRequest(name=f"reports/{report}")
        made = await self._peer.call(
            self._stub.ReadReport, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def build(self, fields: Mapping[str, str], request_id: str, token: str) -> bytes:
        """Build a report; it as JSON."""
        replaces = fields.get("replaces", "")
        request = pb.BuildReportRequest(
            period_start=fields.get("period_start", ""),
            period_end=fields.get("period_end", ""),
            replaces=f"reports/{replaces}" if replaces else "",
            request_id=request_id,
        )
        made = await self._peer.call(
            self._stub.BuildReport, request, timeout=BUILD_SECONDS, token=token
        )
        return made.body

    async def sign(self, report: str, token: str) -> bytes:
        """Sign a report; it as JSON."""
        request = pb.SignReportRequest(name=f"reports/{report}")
        made = await self._peer.call(
            self._stub.SignReport, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def send(self, report: str, token: str) -> bytes:
        """Have a report handed over; it as JSON."""
        request = pb.SendReportRequest(name=f"reports/{report}")
        made = await self._peer.call(
            self._stub.SendReport, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def file(self, report: str, form: str, token: str) -> pb.ReportFile:
        """A report as XLSX, CSV or PDF."""
        request = pb.DownloadReportRequest(name=f"reports/{report}", format=form)
        return await self._peer.call(
            self._stub.DownloadReport, request, timeout=FILE_SECONDS, token=token
        )
