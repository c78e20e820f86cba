"""Client of `egisz-bridge`: how the outside registers are reached."""

from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2_grpc import EgiszBridgeServiceStub

from lkmr_servicekit.grpc_client import Peer


class EgiszBridge:
    """`egisz-bridge` as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = EgiszBridgeServiceStub(peer.channel)

    async def registers(self) -> pb.ListRegisterStatesResponse:
        """The state of each outside register, as last seen."""
        return await self.peer.call(
            self._stub.ListRegisterStates, pb.ListRegisterStatesRequest(), timeout=0.8, token=""
        )
