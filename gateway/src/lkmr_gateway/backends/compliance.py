"""Client of compliance, staff and law in `accreditation`; answers pass on as bytes."""

from collections.abc import AsyncIterator, Mapping, Sequence

from lkmr.accreditation.v1 import compliance_service_pb2 as pb
from lkmr.accreditation.v1.compliance_service_pb2_grpc import ComplianceServiceStub

from lkmr_servicekit.grpc_client import Peer

READ_SECONDS, REPORT_SECONDS, EXPORT_SECONDS = 3.0, 10.0, 60.0
Answer = tuple[bytes, str]


class Compliance:
    """Compliance as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = ComplianceServiceStub(peer.channel)

    async def read(self, worker: str, token: str) -> Answer:
        """The caller's own verdicts."""
        request = pb.ReadComplianceRequest(name=f"workers/{worker}")
        made = await self.peer.call(
            self._stub.ReadCompliance, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def simulate(
        self, worker: str, courses: Sequence[Mapping[str, str | int]], token: str
    ) -> Answer:
        """The caller's own verdicts as they would be with courses."""
        request = pb.SimulateComplianceRequest(
            name=f"workers/{worker}",
            courses=[
                pb.Course(
                    title=str(one.get("title", "")),
                    specialty=str(one.get("specialty", "")),
                    kind=str(one.get("kind", "")),
                    hours=int(one.get("hours", 0)),
                    end_date=str(one.get("end_date", "")),
                )
                for one in courses
            ],
        )
        made = await self.peer.call(
            self._stub.SimulateCompliance, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def board(
        self,
        asked: Mapping[str, str],
        token: str,
        *,
        page_size: int = 0,
        page_token: str = "",
    ) -> Answer:
        """A page of the board of staff; `asked` are the fields of the filter."""
        request = pb.ReadStaffBoardRequest(
            filter=pb.StaffFilter(**asked), page_size=page_size, page_token=page_token
        )
        made = await self.peer.call(
            self._stub.ReadStaffBoard, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def member(self, worker: str, token: str) -> Answer:
        """What the rules say of one member of staff."""
        request = pb.ReadStaffMemberRequest(name=f"workers/{worker}")
        made = await self.peer.call(
            self._stub.ReadStaffMember, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def report(self, token: str) -> Answer:
        """The report about compliance with norms."""
        made = await self.peer.call(
            self._stub.ReadStaffReport,
            pb.ReadStaffReportRequest(),
            timeout=REPORT_SECONDS,
            token=token,
        )
        return made.body, made.etag

    async def export(self, asked: Mapping[str, str], form: str, token: str) -> AsyncIterator[bytes]:
        """The board as a file, portion by portion."""
        request = pb.ExportStaffRequest(filter=pb.StaffFilter(**asked), format=form)
        async for part in self.peer.stream(
            self._stub.ExportStaff, request, timeout=EXPORT_SECONDS, token=token
        ):
            yield part.content

    async def law_changes(self, token: str, *, page_size: int = 0, page_token: str = "") -> Answer:
        """Changes of law, those to come first."""
        request = pb.ListLawChangesRequest(page_size=page_size, page_token=page_token)
        made = await self.peer.call(
            self._stub.ListLawChanges, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag
