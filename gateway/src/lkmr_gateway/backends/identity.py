"""Client of the part of `auth` that proves who a person is."""

from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import identity_service_pb2 as pb
from lkmr.auth.v1.identity_service_pb2_grpc import IdentityServiceStub

from lkmr_gateway.session import Entry
from lkmr_servicekit.grpc_client import Peer

RETRIED = ("/lkmr.auth.v1.IdentityService/GetStepUp",)
CODE_SECONDS = 8.0


class Identity:
    """Proofs of identity as the gateway needs them. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = IdentityServiceStub(peer.channel)

    async def step_up(self, entry: Entry) -> pb.StepUp:
        """How the session can be proven anew."""
        request = pb.GetStepUpRequest(session_hash=entry.key)
        return await self._peer.call(self._stub.GetStepUp, request, token=entry.token)

    async def start_step_up(self, entry: Entry) -> pb.StepUp:
        """Send a code."""
        request = pb.StartStepUpRequest(session_hash=entry.key)
        return await self._peer.call(
            self._stub.StartStepUp, request, timeout=CODE_SECONDS, token=entry.token
        )

    async def confirm_step_up(
        self, entry: Entry, code: str, password: str
    ) -> auth_pb.SessionStarted:
        """Take code and password; gives the new secret of the session."""
        request = pb.ConfirmStepUpRequest(session_hash=entry.key, code=code, password=password)
        return await self._peer.call(
            self._stub.ConfirmStepUp, request, timeout=CODE_SECONDS, token=entry.token
        )
