"""The gRPC service of administration: convert, call one use case, convert back."""

from dataclasses import dataclass

from lkmr.auth.v1 import administration_service_pb2 as pb
from lkmr.auth.v1.administration_service_pb2_grpc import AdministrationServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_access.matrix import allowed
from lkmr_auth.api import administration_json as made
from lkmr_auth.domain.errors import AddressNotFound, RoleBindingNotFound, RoleRequestNotFound
from lkmr_auth.usecases.administration.assign_role import assign_role
from lkmr_auth.usecases.administration.change_account import change_account
from lkmr_auth.usecases.administration.decide_role_request import decide_role_request
from lkmr_auth.usecases.administration.end_any_session import (
    end_any_session,
    list_all_sessions,
)
from lkmr_auth.usecases.administration.keep_addresses import (
    add_address,
    list_addresses,
    list_origins,
    remove_address,
)
from lkmr_auth.usecases.administration.list_role_requests import (
    list_organizations,
    list_role_requests,
)
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_auth.usecases.administration.read_people import list_people, read_person
from lkmr_auth.usecases.administration.revoke_role import revoke_role
from lkmr_servicekit.audit import about
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.pagination import page_size_of, position_of


def _masked() -> bool:
    """Whether the caller sees accounts without identity (scope `m` of the matrix)."""
    return allowed(caller_of().held_roles, "accounts", "R") == "m"


@dataclass(slots=True)
class AdministrationServicer(AdministrationServiceServicer):
    """Serves `lkmr.auth.v1.AdministrationService`."""

    parts: AdministrationParts

    async def ListPeople(self, request: pb.ListPeopleRequest, _: Context) -> JsonDocument:
        position = position_of(request.page_token, int)
        found, following = await list_people(
            query=request.query,
            after=int(position[0]) if position else 0,
            limit=page_size_of(request.page_size),
            caller=caller_of(),
            parts=self.parts,
        )
        return made.people_page(found, following, masked=_masked())

    async def ReadPerson(self, request: pb.ReadPersonRequest, _: Context) -> JsonDocument:
        person = made.person_of(request.name)
        card = await read_person(person, caller=caller_of(), parts=self.parts)
        return made.person_card(card, masked=_masked())

    async def ListOrganizations(self, _: pb.ListOrganizationsRequest, __: Context) -> JsonDocument:
        found = await list_organizations(caller=caller_of(), parts=self.parts)
        return made.organizations(found)

    async def AssignRole(self, request: pb.AssignRoleRequest, _: Context) -> pb.AssignRoleResponse:
        about(purpose=request.role)
        done = await assign_role(
            made.person_of(request.person),
            organization=request.organization,
            role=request.role,
            position=request.position,
            department=request.department,
            reason=request.reason,
            request_id=request.request_id,
            caller=caller_of(),
            parts=self.parts,
        )
        kind, _colon, identity = done.partition(":")
        return pb.AssignRoleResponse(waits=kind == "request", id=identity)

    async def RevokeRole(self, request: pb.RevokeRoleRequest, _: Context) -> pb.RevokeRoleResponse:
        identity = made.id_of(request.id, RoleBindingNotFound)
        about(f"roles/{identity}")
        person = await revoke_role(
            identity,
            reason=request.reason,
            caller=caller_of(),
            parts=self.parts,
        )
        return pb.RevokeRoleResponse(person=f"persons/{person}")

    async def ListRoleRequests(
        self, request: pb.ListRoleRequestsRequest, _: Context
    ) -> JsonDocument:
        found = await list_role_requests(request.state, caller=caller_of(), parts=self.parts)
        return made.role_requests(found)

    async def DecideRoleRequest(
        self, request: pb.DecideRoleRequestRequest, _: Context
    ) -> pb.DecideRoleRequestResponse:
        identity = made.id_of(request.id, RoleRequestNotFound)
        about(f"role_requests/{identity}", purpose="APPROVE" if request.approve else "REJECT")
        await decide_role_request(
            identity, approve=request.approve, caller=caller_of(), parts=self.parts
        )
        return pb.DecideRoleRequestResponse()

    async def ChangeAccount(
        self, request: pb.ChangeAccountRequest, _: Context
    ) -> pb.ChangeAccountResponse:
        about(purpose=request.act)
        await change_account(
            made.person_of(request.person),
            made.account_act_of(request.act),
            reason=request.reason,
            caller=caller_of(),
            parts=self.parts,
        )
        return pb.ChangeAccountResponse()

    async def ListRedirectAddresses(
        self, _: pb.ListRedirectAddressesRequest, __: Context
    ) -> JsonDocument:
        return made.addresses(await list_addresses(caller=caller_of(), parts=self.parts))

    async def AddRedirectAddress(
        self, request: pb.AddRedirectAddressRequest, _: Context
    ) -> pb.AddRedirectAddressResponse:
        identity = await add_address(
            request.organization, request.origin, caller=caller_of(), parts=self.parts
        )
        return pb.AddRedirectAddressResponse(id=str(identity))

    async def RemoveRedirectAddress(
        self, request: pb.RemoveRedirectAddressRequest, _: Context
    ) -> pb.RemoveRedirectAddressResponse:
        identity = made.id_of(request.id, AddressNotFound)
        await remove_address(identity, caller=caller_of(), parts=self.parts)
        return pb.RemoveRedirectAddressResponse()

    async def ListOrigins(self, _: pb.ListOriginsRequest, __: Context) -> pb.ListOriginsResponse:
        return pb.ListOriginsResponse(origins=sorted(await list_origins(parts=self.parts)))

    async def ListAllSessions(self, _: pb.ListAllSessionsRequest, __: Context) -> JsonDocument:
        found = await list_all_sessions(caller=caller_of(), parts=self.parts)
        return made.sessions_page(found)

    async def EndAnySession(
        self, request: pb.EndAnySessionRequest, _: Context
    ) -> pb.EndAnySessionResponse:
        person, session = made.session_of(request.name)
        await end_any_session(
            person, session, reason=request.reason, caller=caller_of(), parts=self.parts
        )
        return pb.EndAnySessionResponse()
