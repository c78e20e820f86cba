"""The gRPC service of proofs of identity: convert, call one use case, convert back."""

import uuid
from dataclasses import dataclass

from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import identity_service_pb2 as pb
from lkmr.auth.v1.identity_service_pb2_grpc import IdentityServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.api import convert
from lkmr_auth.api.profile_json import own_profile_to_proto
from lkmr_auth.domain.activation import ActivationStage, ApprovalState
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.activation.bind_employee import bind_employee
from lkmr_auth.usecases.activation.decide import accept_terms, decide_consents
from lkmr_auth.usecases.activation.progress import Progress, get_progress
from lkmr_auth.usecases.activation.prove import (
    ask_approval,
    confirm_activation,
    send_activation_code,
)
from lkmr_auth.usecases.consents import decide_consent, read_own_profile
from lkmr_auth.usecases.end_other_sessions import end_other_sessions
from lkmr_auth.usecases.enter_reduced import enter_reduced
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_auth.usecases.renew_session import renew_session
from lkmr_auth.usecases.set_password import set_password
from lkmr_auth.usecases.step_up import StepUp, confirm_step_up, get_step_up, start_step_up
from lkmr_servicekit.grpc_server import Context, Rule, caller_of
from lkmr_servicekit.personal import Personal

SERVICE = "lkmr.auth.v1.IdentityService"
_MAX_PASSWORD = 256
_STEP = Rule.programs("gateway", audit="not: the use case journals how the step ended")
RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "GetActivation": Rule.programs("gateway"),
        "AcceptTerms": _STEP,
        "DecideConsents": _STEP,
        "BindEmployee": _STEP,
        "SendActivationCode": _STEP,
        "AskApproval": _STEP,
        "ConfirmActivation": _STEP,
        "EnterReduced": _STEP,
        "RenewSession": Rule.programs("gateway", audit="not: the use case journals the new id"),
        "EndOtherSessions": Rule.people("gateway", audit="not: the use case journals each end"),
        "ReadOwnProfile": Rule.people("gateway", reduced=True),
        "DecideConsent": Rule.people("gateway", audit="not: the use case journals the decision"),
        "SetCabinetPassword": Rule.people(
            "gateway", step_up=True, audit="not: the use case journals it"
        ),
        "GetStepUp": Rule.people("gateway"),
        "StartStepUp": Rule.people("gateway", audit="not: the use case journals its refusals"),
        "ConfirmStepUp": Rule.people("gateway", audit="not: the use case journals how it ended"),
    }.items()
}


@dataclass(slots=True)
class IdentityServicer(IdentityServiceServicer):
    """Serves `lkmr.auth.v1.IdentityService`."""

    parts: IdentityParts

    async def GetActivation(self, request: pb.GetActivationRequest, _: Context) -> pb.Activation:
        return _activation_to_proto(await get_progress(request.login_cookie, parts=self.parts))

    async def AcceptTerms(self, request: pb.AcceptTermsRequest, _: Context) -> pb.Activation:
        found = await accept_terms(
            request.login_cookie, request.version, accepted=request.accepted, parts=self.parts
        )
        return _activation_to_proto(found)

    async def DecideConsents(self, request: pb.DecideConsentsRequest, _: Context) -> pb.Activation:
        found = await decide_consents(request.login_cookie, dict(request.given), parts=self.parts)
        return _activation_to_proto(found)

    async def BindEmployee(self, request: pb.BindEmployeeRequest, _: Context) -> pb.Activation:
        password = Personal(request.password[:_MAX_PASSWORD])
        found = await bind_employee(
            request.login_cookie, request.employee_number, password, parts=self.parts
        )
        return _activation_to_proto(found)

    async def SendActivationCode(
        self, request: pb.SendActivationCodeRequest, _: Context
    ) -> pb.Activation:
        found = await send_activation_code(request.login_cookie, parts=self.parts)
        return _activation_to_proto(found)

    async def AskApproval(self, request: pb.AskApprovalRequest, _: Context) -> pb.Activation:
        return _activation_to_proto(await ask_approval(request.login_cookie, parts=self.parts))

    async def ConfirmActivation(
        self, request: pb.ConfirmActivationRequest, _: Context
    ) -> auth_pb.SignInStep:
        step = await confirm_activation(request.login_cookie, request.code, parts=self.parts)
        return convert.step_to_proto(step)

    async def EnterReduced(self, request: pb.EnterReducedRequest, _: Context) -> auth_pb.SignInStep:
        step = await enter_reduced(
            request.employee_number,
            Personal(request.password[:_MAX_PASSWORD]),
            request.return_to,
            convert.browser_of(request.address, request.user_agent, request.device),
            parts=self.parts,
        )
        return convert.step_to_proto(step)

    async def RenewSession(
        self, request: pb.RenewSessionRequest, _: Context
    ) -> auth_pb.SessionStarted:
        step = await renew_session(request.session_hash, parts=self.parts.sessions)
        return convert.session_started_to_proto(step)

    async def EndOtherSessions(
        self, _: pb.EndOtherSessionsRequest, __: Context
    ) -> pb.EndOtherSessionsResponse:
        owner, session = _owner(), caller_of().session
        ended = await end_other_sessions(owner, session, parts=self.parts.sessions)
        return pb.EndOtherSessionsResponse(ended=ended)

    async def ReadOwnProfile(self, _: pb.ReadOwnProfileRequest, __: Context) -> JsonDocument:
        return own_profile_to_proto(await read_own_profile(_owner(), parts=self.parts))

    async def DecideConsent(self, request: pb.DecideConsentRequest, _: Context) -> JsonDocument:
        found = await decide_consent(
            _owner(),
            request.document,
            given=request.given,
            session=caller_of().session,
            organization=caller_of().organization,
            parts=self.parts,
        )
        return own_profile_to_proto(found)

    async def SetCabinetPassword(
        self, request: pb.SetCabinetPasswordRequest, _: Context
    ) -> pb.SetCabinetPasswordResponse:
        password = Personal(request.password[:_MAX_PASSWORD])
        session = caller_of().session
        await set_password(_owner(), password, session=session, parts=self.parts)
        return pb.SetCabinetPasswordResponse()

    async def GetStepUp(self, request: pb.GetStepUpRequest, _: Context) -> pb.StepUp:
        found = await get_step_up(request.session_hash, request.origin, parts=self.parts)
        return _step_up_to_proto(found)

    async def StartStepUp(self, request: pb.StartStepUpRequest, _: Context) -> pb.StepUp:
        found = await start_step_up(request.session_hash, request.origin, parts=self.parts)
        return _step_up_to_proto(found)

    async def ConfirmStepUp(
        self, request: pb.ConfirmStepUpRequest, _: Context
    ) -> auth_pb.SessionStarted:
        password = Personal(request.password[:_MAX_PASSWORD])
        step = await confirm_step_up(request.session_hash, request.code, password, parts=self.parts)
        return convert.session_started_to_proto(step)


def _owner() -> PersonId:
    return PersonId(uuid.UUID(caller_of().subject))


_STAGES = {
    ActivationStage.TERMS: pb.Activation.STAGE_TERMS,
    ActivationStage.CONSENTS: pb.Activation.STAGE_CONSENTS,
    ActivationStage.EMPLOYEE: pb.Activation.STAGE_EMPLOYEE,
    ActivationStage.PROOF: pb.Activation.STAGE_PROOF,
}
_APPROVALS = {
    ApprovalState.NONE: pb.Activation.APPROVAL_UNSPECIFIED,
    ApprovalState.PENDING: pb.Activation.APPROVAL_PENDING,
    ApprovalState.APPROVED: pb.Activation.APPROVAL_APPROVED,
    ApprovalState.DECLINED: pb.Activation.APPROVAL_DECLINED,
    ApprovalState.EXPIRED: pb.Activation.APPROVAL_EXPIRED,
}


def _activation_to_proto(found: Progress) -> pb.Activation:
    made = pb.Activation(
        stage=_STAGES[found.stage],
        greeting_name=found.greeting_name,
        documents=[
            pb.LegalDocument(
                id=one.id,
                version=one.version,
                title=one.title,
                purpose=one.purpose,
                paragraphs=one.paragraphs,
            )
            for one in found.documents
        ],
        phone_masked=found.phone_masked,
        approval_offered=found.approval_offered,
        approval=_APPROVALS[found.approval],
    )
    if found.code is not None:
        made.code.CopyFrom(convert.code_to_proto(found.code))
    if found.next is not None:
        made.next.CopyFrom(convert.step_to_proto(found.next))
    if found.approval_end is not None:
        made.approval_expire_time.FromDatetime(found.approval_end)
    return made


def _step_up_to_proto(found: StepUp) -> pb.StepUp:
    made = pb.StepUp(
        password_required=found.password_required,
        passkey_offered=found.passkey_offered,
        backup_code_offered=found.backup_code_offered,
    )
    if found.code is not None:
        made.code.CopyFrom(convert.code_to_proto(found.code))
    if found.expire_time is not None:
        made.expire_time.FromDatetime(found.expire_time)
    return made
