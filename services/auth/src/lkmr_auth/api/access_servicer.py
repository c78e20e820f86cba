"""The gRPC service of rights beyond the matrix: convert, call one use case, convert back."""

import uuid
from dataclasses import dataclass
from datetime import date

from lkmr.auth.v1 import access_service_pb2 as pb
from lkmr.auth.v1.access_service_pb2_grpc import AccessServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_access.matrix import roles_with
from lkmr_auth.api import access_json as made
from lkmr_auth.api.administration_json import id_of, text_of
from lkmr_auth.domain.access_errors import (
    DelegationDatesInvalid,
    DelegationNotFound,
    EmergencyNotFound,
    PolicyValueInvalid,
)
from lkmr_auth.domain.emergency import ReviewResult, card_named
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.access import delegate, emergency, policies
from lkmr_auth.usecases.parts import AccessParts
from lkmr_servicekit.audit import about
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.grpc_server import Context, Rule, caller_of

SERVICE = "lkmr.auth.v1.AccessService"


def _cell(
    section: str,
    operation: str,
    scopes: str,
    *,
    audit: str = "",
    step_up: bool = False,
    practice: bool = False,
) -> Rule:
    roles = sorted(roles_with(section, operation, scopes))
    return Rule.people("gateway", roles=roles, audit=audit, step_up=step_up, practice=practice)


RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "ListDelegations": Rule.people("gateway"),
        "CreateDelegation": _cell(
            "accreditation_forms", "A", "dg", audit="delegation.create", step_up=True
        ),
        "RevokeDelegation": Rule.people("gateway", audit="delegation.revoke"),
        "ListOwnEmergencies": Rule.people("gateway"),
        "StartEmergency": _cell(
            "patient_clinical", "U", "p", audit="emergency.start", step_up=True, practice=True
        ),
        "EndEmergency": _cell("patient_clinical", "U", "p", audit="emergency.end"),
        "ListEmergencies": _cell("patient_clinical", "R", "g", audit="emergency.list"),
        "ReviewEmergency": _cell(
            "patient_clinical", "R", "g", audit="emergency.review", step_up=True
        ),
        "CheckEmergency": Rule.people("accreditation", "education", "egisz-bridge", "notify"),
        "ListPolicies": _cell("incidents", "U", "g"),
        "DecidePolicy": _cell("incidents", "U", "g", audit="policy.decide", step_up=True),
    }.items()
}


@dataclass(slots=True)
class AccessServicer(AccessServiceServicer):
    """Serves `lkmr.auth.v1.AccessService`."""

    parts: AccessParts

    async def ListDelegations(self, _: pb.ListDelegationsRequest, __: Context) -> JsonDocument:
        found = await delegate.list_delegations(caller=caller_of(), parts=self.parts)
        return made.delegations_page(found, _owner())

    async def CreateDelegation(
        self, request: pb.CreateDelegationRequest, _: Context
    ) -> pb.CreateDelegationResponse:
        identity = await delegate.create_delegation(
            request.delegate,
            _day(request.start_date, DelegationDatesInvalid(field="start_date")),
            _day(request.end_date, DelegationDatesInvalid(field="end_date")),
            caller=caller_of(),
            parts=self.parts,
        )
        about(f"delegations/{identity}")
        return pb.CreateDelegationResponse(id=str(identity))

    async def RevokeDelegation(
        self, request: pb.RevokeDelegationRequest, _: Context
    ) -> pb.RevokeDelegationResponse:
        identity = id_of(request.id, DelegationNotFound)
        about(f"delegations/{identity}")
        await delegate.revoke_delegation(identity, caller=caller_of(), parts=self.parts)
        return pb.RevokeDelegationResponse()

    async def ListOwnEmergencies(
        self, _: pb.ListOwnEmergenciesRequest, __: Context
    ) -> JsonDocument:
        found = await emergency.list_own_emergencies(caller=caller_of(), parts=self.parts)
        return made.own_emergencies_page(found, self.parts.clock.now())

    async def StartEmergency(
        self, request: pb.StartEmergencyRequest, _: Context
    ) -> pb.StartEmergencyResponse:
        about(card_named(request.object), purpose=request.reason_code)
        opened = await emergency.start_emergency(
            request.object,
            request.reason_code,
            request.reason,
            caller=caller_of(),
            parts=self.parts,
        )
        return pb.StartEmergencyResponse(id=str(opened.id), expire_time=text_of(opened.expire_time))

    async def EndEmergency(
        self, request: pb.EndEmergencyRequest, _: Context
    ) -> pb.EndEmergencyResponse:
        identity = id_of(request.id, EmergencyNotFound)
        about(f"emergencies/{identity}")
        await emergency.end_emergency(identity, caller=caller_of(), parts=self.parts)
        return pb.EndEmergencyResponse()

    async def ListEmergencies(self, _: pb.ListEmergenciesRequest, __: Context) -> JsonDocument:
        found = await emergency.list_emergencies(caller=caller_of(), parts=self.parts)
        return made.emergencies_page(found, self.parts.clock.now())

    async def ReviewEmergency(
        self, request: pb.ReviewEmergencyRequest, _: Context
    ) -> pb.ReviewEmergencyResponse:
        identity = id_of(request.id, EmergencyNotFound)
        result = ReviewResult.JUSTIFIED if request.justified else ReviewResult.UNJUSTIFIED
        about(f"emergencies/{identity}", purpose=result.value)
        await emergency.review_emergency(identity, result, caller=caller_of(), parts=self.parts)
        return pb.ReviewEmergencyResponse()

    async def CheckEmergency(
        self, request: pb.CheckEmergencyRequest, _: Context
    ) -> pb.CheckEmergencyResponse:
        lasts = await emergency.emergency_lasts(_owner(), request.object, parts=self.parts)
        return pb.CheckEmergencyResponse(open=lasts)

    async def ListPolicies(self, _: pb.ListPoliciesRequest, __: Context) -> JsonDocument:
        return made.policies_page(
            await policies.list_policies(caller=caller_of(), parts=self.parts)
        )

    async def DecidePolicy(
        self, request: pb.DecidePolicyRequest, _: Context
    ) -> pb.DecidePolicyResponse:
        about(f"policies/{request.key}")
        await policies.decide_policy(
            request.key,
            request.value,
            _day(request.effective_date, PolicyValueInvalid(field="effective_date")),
            request.reason,
            caller=caller_of(),
            parts=self.parts,
        )
        return pb.DecidePolicyResponse()


def _owner() -> PersonId:
    return PersonId(uuid.UUID(caller_of().subject))


def _day(text: str, invalid: Refusal) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid from None
