"""Client of `auth` for incidents and leaks."""

from lkmr.auth.v1 import incident_service_pb2 as pb
from lkmr.auth.v1.incident_service_pb2_grpc import IncidentServiceStub
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_servicekit.grpc_client import Peer

SECONDS = 5.0


class Incidents:
    """Incidents as the gateway needs them. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, IncidentServiceStub(peer.channel)

    async def page(self, state: str, token: str) -> JsonDocument:
        """Incidents, newest first."""
        request = pb.ListIncidentsRequest(state=state)
        return await self._peer.call(
            self._stub.ListIncidents, request, timeout=SECONDS, token=token
        )

    async def read(self, identity: str, token: str) -> JsonDocument:
        """One incident."""
        request = pb.ReadIncidentRequest(name=f"incidents/{identity}")
        return await self._peer.call(self._stub.ReadIncident, request, timeout=SECONDS, token=token)

    async def advance(self, identity: str, *, resolution: str, request_id: str, token: str) -> None:
        """Take it, or close it with a resolution."""
        request = pb.AdvanceIncidentRequest(
            name=f"incidents/{identity}", resolution=resolution, request_id=request_id
        )
        await self._peer.call(self._stub.AdvanceIncident, request, timeout=SECONDS, token=token)

    async def report_leak(self, content: dict[str, str], request_id: str, token: str) -> str:
        """Open the form of a leak; gives the id of the incident."""
        request = pb.ReportLeakRequest(content=content, request_id=request_id)
        done = await self._peer.call(self._stub.ReportLeak, request, timeout=SECONDS, token=token)
        return done.name.rpartition("/")[2]

    async def advance_leak(
        self, identity: str, *, step: str, text: str, request_id: str, token: str
    ) -> None:
        """Note that the supervisor was told."""
        request = pb.AdvanceLeakRequest(
            name=f"incidents/{identity}", step=step, text=text, request_id=request_id
        )
        await self._peer.call(self._stub.AdvanceLeak, request, timeout=SECONDS, token=token)
