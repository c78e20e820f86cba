"""Client of `auth` for delegations, emergency access and policies."""

from lkmr.auth.v1 import access_service_pb2 as pb
from lkmr.auth.v1.access_service_pb2_grpc import AccessServiceStub
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_servicekit.grpc_client import Peer

SECONDS = 5.0


class Access:
    """Rights beyond the matrix as the gateway needs them. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, AccessServiceStub(peer.channel)

    async def delegations(self, token: str) -> JsonDocument:
        """Given and got ones."""
        return await self._peer.call(
            self._stub.ListDelegations, pb.ListDelegationsRequest(), timeout=SECONDS, token=token
        )

    async def delegate(self, delegate: str, start: str, end: str, token: str) -> str:
        """Let a colleague approve; the id."""
        request = pb.CreateDelegationRequest(delegate=delegate, start_date=start, end_date=end)
        made = await self._peer.call(
            self._stub.CreateDelegation, request, timeout=SECONDS, token=token
        )
        return made.id

    async def revoke_delegation(self, identity: str, token: str) -> None:
        """Take it back."""
        request = pb.RevokeDelegationRequest(id=identity)
        await self._peer.call(self._stub.RevokeDelegation, request, timeout=SECONDS, token=token)

    async def own_emergencies(self, token: str) -> JsonDocument:
        """The caller's own ones."""
        return await self._peer.call(
            self._stub.ListOwnEmergencies,
            pb.ListOwnEmergenciesRequest(),
            timeout=SECONDS,
            token=token,
        )

    async def start_emergency(
        self, card: str, code: str, reason: str, token: str
    ) -> pb.StartEmergencyResponse:
        """Open a card."""
        request = pb.StartEmergencyRequest(object=card, reason_code=code, reason=reason)
        return await self._peer.call(
            self._stub.StartEmergency, request, timeout=SECONDS, token=token
        )

    async def end_emergency(self, identity: str, token: str) -> None:
        """Close it before its time."""
        request = pb.EndEmergencyRequest(id=identity)
        await self._peer.call(self._stub.EndEmergency, request, timeout=SECONDS, token=token)

    async def emergencies(self, token: str) -> JsonDocument:
        """Those of the organisation."""
        return await self._peer.call(
            self._stub.ListEmergencies, pb.ListEmergenciesRequest(), timeout=SECONDS, token=token
        )

    async def review_emergency(self, identity: str, *, justified: bool, token: str) -> None:
        """Say what the review found."""
        request = pb.ReviewEmergencyRequest(id=identity, justified=justified)
        await self._peer.call(self._stub.ReviewEmergency, request, timeout=SECONDS, token=token)

    async def policies(self, token: str) -> JsonDocument:
        """All policies."""
        return await self._peer.call(
            self._stub.ListPolicies, pb.ListPoliciesRequest(), timeout=SECONDS, token=token
        )

    async def decide_policy(
        self, key: str, *, value: str, effective_date: str, reason: str, token: str
    ) -> None:
        """Decide a value from a day on."""
        request = pb.DecidePolicyRequest(
            key=key, value=value, effective_date=effective_date, reason=reason
        )
        await self._peer.call(self._stub.DecidePolicy, request, timeout=SECONDS, token=token)
