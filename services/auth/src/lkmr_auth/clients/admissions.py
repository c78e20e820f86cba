"""The right of workers to practise, asked of the service that keeps accreditations."""

from collections.abc import Callable
from datetime import date

from lkmr.accreditation.v1 import compliance_service_pb2 as pb
from lkmr.accreditation.v1.compliance_service_pb2_grpc import ComplianceServiceStub

from lkmr_auth.domain.lapse import Lapse
from lkmr_servicekit.grpc_client import Peer

SECONDS = 2.0


class AccreditationAdmissions:
    """The port `Admissions`, and that of open applications, over the RPC of accreditation."""

    def __init__(self, peer: Peer, job_token: Callable[[], str]) -> None:
        self._peer, self._stub = peer, ComplianceServiceStub(peer.channel)
        self._job_token = job_token

    async def any_of(self, worker_id: str) -> bool:
        """Whether applications of the worker are on their way: the port `OpenApplications`."""
        request = pb.CountOpenApplicationsRequest(worker=f"workers/{worker_id}")
        answer = await self._peer.call(
            self._stub.CountOpenApplications, request, timeout=SECONDS, token=self._job_token()
        )
        return answer.count > 0

    async def list_lapses(self, worker_id: str, *, min_version: int) -> tuple[Lapse, ...]:
        request = pb.ListLapsesRequest(worker=f"workers/{worker_id}", min_version=min_version)
        answer = await self._peer.call(
            self._stub.ListLapses, request, timeout=SECONDS, token=self._job_token()
        )
        return tuple(
            Lapse(
                organization_oid=one.organization_oid,
                specialty=one.specialty,
                end_date=date.fromisoformat(one.end_date) if one.end_date else None,
            )
            for one in answer.lapses
        )
