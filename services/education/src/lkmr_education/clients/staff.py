"""`accreditation`: who works where, as far as the caller may see it."""

from collections.abc import Awaitable, Callable, Sequence

from lkmr.accreditation.v1 import compliance_service_pb2 as pb
from lkmr.accreditation.v1.compliance_service_pb2_grpc import ComplianceServiceStub

from lkmr_education.usecases.ports import Member
from lkmr_servicekit.grpc_client import Peer

PAGE_SECONDS = 5.0


class AccreditationStaff:
    """The port `Staff`; the caller's own token decides whom they get.

    Also the port `Employees`, for works that nobody waits for: they carry a job token.
    """

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._stub = peer, ComplianceServiceStub(peer.channel)
        self._job_token = job_token

    async def of(
        self, organization_oid: str, *, page_size: int, page_token: str
    ) -> tuple[Sequence[Member], str]:
        """A page of members of an organisation and the token of the next one."""
        found = await self._peer.call(
            self._stub.ListStaff,
            pb.ListStaffRequest(
                organization_oid=organization_oid, page_size=page_size, page_token=page_token
            ),
            timeout=PAGE_SECONDS,
            token=await self._job_token("report_staff"),
        )
        return [_member(one) for one in found.members], found.next_page_token

    async def page(
        self, *, department: str, page_size: int, page_token: str
    ) -> tuple[Sequence[Member], str]:
        """A page of members and the token of the next one."""
        found = await self._peer.call(
            self._stub.ListStaff,
            pb.ListStaffRequest(department=department, page_size=page_size, page_token=page_token),
        )
        return [_member(one) for one in found.members], found.next_page_token


def _member(one: pb.StaffMember) -> Member:
    job = one.jobs[0] if one.jobs else pb.StaffJob()
    return Member(
        worker=one.worker.partition("/")[2],
        family_name=one.family_name,
        given_name=one.given_name,
        patronymic=one.patronymic,
        position=job.position,
        department=job.department,
        organization_name=one.organization_name,
    )
