"""Client of `auth` for administration: people, roles, sessions."""

from lkmr.auth.v1 import administration_service_pb2 as pb
from lkmr.auth.v1.administration_service_pb2_grpc import AdministrationServiceStub
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_servicekit.grpc_client import Peer

SECONDS = 5.0


class Administration:
    """Administration as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, AdministrationServiceStub(peer.channel)

    async def people(
        self, *, query: str, page_size: int, page_token: str, token: str
    ) -> JsonDocument:
        """A page of people."""
        request = pb.ListPeopleRequest(query=query, page_size=page_size, page_token=page_token)
        return await self._peer.call(self._stub.ListPeople, request, timeout=SECONDS, token=token)

    async def person(self, identity: str, token: str) -> JsonDocument:
        """One person with bindings and last faults."""
        request = pb.ReadPersonRequest(name=f"persons/{identity}")
        return await self._peer.call(self._stub.ReadPerson, request, timeout=SECONDS, token=token)

    async def organizations(self, token: str) -> JsonDocument:
        """Organisations in reach."""
        request = pb.ListOrganizationsRequest()
        return await self._peer.call(
            self._stub.ListOrganizations, request, timeout=SECONDS, token=token
        )

    async def assign_role(
        self, identity: str, fields: dict[str, str], request_id: str, token: str
    ) -> pb.AssignRoleResponse:
        """Give a role, or ask for it."""
        request = pb.AssignRoleRequest(
            person=f"persons/{identity}", request_id=request_id, **fields
        )
        return await self._peer.call(self._stub.AssignRole, request, timeout=SECONDS, token=token)

    async def revoke_role(self, role: str, reason: str, request_id: str, token: str) -> str:
        """Take a role away; gives `persons/{person}`."""
        request = pb.RevokeRoleRequest(id=role, reason=reason, request_id=request_id)
        done = await self._peer.call(self._stub.RevokeRole, request, timeout=SECONDS, token=token)
        return done.person

    async def role_requests(self, state: str, token: str) -> JsonDocument:
        """Requests for roles."""
        request = pb.ListRoleRequestsRequest(state=state)
        return await self._peer.call(
            self._stub.ListRoleRequests, request, timeout=SECONDS, token=token
        )

    async def decide(self, identity: str, *, approve: bool, request_id: str, token: str) -> None:
        """Approve or reject a request for a role."""
        request = pb.DecideRoleRequestRequest(id=identity, approve=approve, request_id=request_id)
        await self._peer.call(self._stub.DecideRoleRequest, request, timeout=SECONDS, token=token)

    async def change_account(
        self, identity: str, *, act: str, reason: str, request_id: str, token: str
    ) -> None:
        """BLOCK, UNBLOCK or LIFT_CODE_LOCK."""
        request = pb.ChangeAccountRequest(
            person=f"persons/{identity}", act=act, reason=reason, request_id=request_id
        )
        await self._peer.call(self._stub.ChangeAccount, request, timeout=SECONDS, token=token)

    async def addresses(self, token: str) -> JsonDocument:
        """Addresses at which organisations open the cabinet."""
        request = pb.ListRedirectAddressesRequest()
        return await self._peer.call(
            self._stub.ListRedirectAddresses, request, timeout=SECONDS, token=token
        )

    async def add_address(
        self, organization: str, origin: str, *, request_id: str, token: str
    ) -> str:
        """Add an address; gives its id."""
        request = pb.AddRedirectAddressRequest(
            organization=organization, origin=origin, request_id=request_id
        )
        done = await self._peer.call(
            self._stub.AddRedirectAddress, request, timeout=SECONDS, token=token
        )
        return done.id

    async def remove_address(self, identity: str, *, request_id: str, token: str) -> None:
        """Take an address away."""
        request = pb.RemoveRedirectAddressRequest(id=identity, request_id=request_id)
        await self._peer.call(
            self._stub.RemoveRedirectAddress, request, timeout=SECONDS, token=token
        )

    async def origins(self) -> frozenset[str]:
        """Origins of all organisations."""
        request = pb.ListOriginsRequest()
        found = await self._peer.call(self._stub.ListOrigins, request, timeout=SECONDS, token="")
        return frozenset(found.origins)

    async def sessions(self, token: str) -> JsonDocument:
        """Open sessions in reach."""
        request = pb.ListAllSessionsRequest()
        return await self._peer.call(
            self._stub.ListAllSessions, request, timeout=SECONDS, token=token
        )

    async def end_session(self, name: str, *, reason: str, request_id: str, token: str) -> None:
        """End somebody's session."""
        request = pb.EndAnySessionRequest(name=name, reason=reason, request_id=request_id)
        await self._peer.call(self._stub.EndAnySession, request, timeout=SECONDS, token=token)
