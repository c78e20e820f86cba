"""Client of `auth` for requests about personal data."""

from lkmr.auth.v1 import data_request_service_pb2 as pb
from lkmr.auth.v1.data_request_service_pb2_grpc import DataRequestServiceStub
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_servicekit.grpc_client import Peer

SECONDS = 5.0
STEPS = {
    "TAKE": pb.AdvanceDataRequestRequest.STEP_TAKE,
    "EXTEND": pb.AdvanceDataRequestRequest.STEP_EXTEND,
    "SATISFY": pb.AdvanceDataRequestRequest.STEP_SATISFY,
    "REFUSE": pb.AdvanceDataRequestRequest.STEP_REFUSE,
}


class DataRequests:
    """Requests about personal data as the gateway needs them. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, DataRequestServiceStub(peer.channel)

    async def submit(self, kind: str, text: str, token: str) -> JsonDocument:
        """Submit one."""
        request = pb.SubmitDataRequestRequest(kind=kind, text=text)
        return await self._peer.call(
            self._stub.SubmitDataRequest, request, timeout=SECONDS, token=token
        )

    async def own(self, token: str) -> JsonDocument:
        """The caller's own ones."""
        return await self._peer.call(
            self._stub.ListOwnDataRequests,
            pb.ListOwnDataRequestsRequest(),
            timeout=SECONDS,
            token=token,
        )

    async def page(self, token: str) -> JsonDocument:
        """Those that an officer answers."""
        return await self._peer.call(
            self._stub.ListDataRequests, pb.ListDataRequestsRequest(), timeout=SECONDS, token=token
        )

    async def destroy(self, identity: str, text: str, token: str) -> None:
        """Order the destruction that a request asks for."""
        request = pb.OrderErasureRequest(id=identity, text=text)
        await self._peer.call(self._stub.OrderErasure, request, timeout=SECONDS, token=token)

    async def act(self, identity: str) -> JsonDocument:
        """The act of a destruction, for whoever knows its id."""
        request = pb.ReadErasureActRequest(name=f"erasures/{identity}")
        return await self._peer.call(self._stub.ReadErasureAct, request, timeout=SECONDS, token="")

    async def advance(self, identity: str, step: str, text: str, token: str) -> None:
        """TAKE, EXTEND, SATISFY or REFUSE."""
        request = pb.AdvanceDataRequestRequest(id=identity, step=STEPS[step], text=text)
        await self._peer.call(self._stub.AdvanceDataRequest, request, timeout=SECONDS, token=token)
