"""The gRPC service: convert, call one use case, convert back."""

import uuid
from dataclasses import dataclass

from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.api import convert
from lkmr_auth.api.recipients import audience_of, recipient_to_proto
from lkmr_auth.domain.errors import SessionNotFound
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.choose_profile import choose_profile
from lkmr_auth.usecases.end_session import end_session
from lkmr_auth.usecases.finish_sign_in import finish_sign_in
from lkmr_auth.usecases.get_contacts import get_contacts, list_contacts
from lkmr_auth.usecases.get_sign_in import get_sign_in
from lkmr_auth.usecases.list_recipients import get_recipient, list_recipients
from lkmr_auth.usecases.list_sessions import list_sessions
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.record_acts import record_acts
from lkmr_auth.usecases.record_refusal import record_refusal
from lkmr_auth.usecases.resend_code import resend_code
from lkmr_auth.usecases.resolve_session import SessionParts, resolve_session
from lkmr_auth.usecases.revoke_session import revoke_session
from lkmr_auth.usecases.start_limit import StartLimit
from lkmr_auth.usecases.start_sign_in import start_sign_in
from lkmr_auth.usecases.submit_code import submit_code
from lkmr_auth.usecases.switch_profile import switch_profile
from lkmr_auth.usecases.touch_session import touch_session
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.grpc_server import Context, caller_of, peer_of
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.resource_names import ids_in


@dataclass(slots=True)
class AuthServicer(AuthServiceServicer):
    """Serves `lkmr.auth.v1.AuthService`."""

    sign_in: SignInParts
    sessions: SessionParts
    allowed_origins: frozenset[str]
    start_limit: StartLimit

    async def StartSignIn(
        self, request: pb.StartSignInRequest, _: Context
    ) -> pb.StartSignInResponse:
        url, secret = await start_sign_in(
            request.origin,
            request.return_to,
            request.address,
            allowed_origins=self.allowed_origins,
            limit=self.start_limit,
            parts=self.sign_in,
        )
        return pb.StartSignInResponse(redirect_url=url, login_cookie=secret)

    async def FinishSignIn(self, request: pb.FinishSignInRequest, _: Context) -> pb.SignInStep:
        callback = convert.callback_from_proto(request)
        return convert.step_to_proto(await finish_sign_in(callback, parts=self.sign_in))

    async def GetSignIn(self, request: pb.GetSignInRequest, _: Context) -> pb.SignInStep:
        return convert.step_to_proto(await get_sign_in(request.login_cookie, parts=self.sign_in))

    async def SubmitSignInCode(
        self, request: pb.SubmitSignInCodeRequest, _: Context
    ) -> pb.SignInStep:
        step = await submit_code(request.login_cookie, request.code, parts=self.sign_in)
        return convert.step_to_proto(step)

    async def ResendSignInCode(
        self, request: pb.ResendSignInCodeRequest, _: Context
    ) -> pb.SignInStep:
        step = await resend_code(
            request.login_cookie, phone=Personal(request.phone), parts=self.sign_in
        )
        return convert.step_to_proto(step)

    async def ChooseProfile(self, request: pb.ChooseProfileRequest, _: Context) -> pb.SignInStep:
        step = await choose_profile(request.login_cookie, request.profile, parts=self.sign_in)
        return convert.step_to_proto(step)

    async def ResolveSession(self, request: pb.ResolveSessionRequest, _: Context) -> pb.Session:
        resolved = await resolve_session(request.session_hash, request.device, parts=self.sessions)
        idle = self.sessions.limits.idle
        return convert.session_to_proto(resolved, int(idle.total_seconds()))

    async def TouchSession(
        self, request: pb.TouchSessionRequest, _: Context
    ) -> pb.TouchSessionResponse:
        active_time = convert.moment_of(request.active_time, "active_time")
        await touch_session(request.session_hash, active_time, parts=self.sessions)
        return pb.TouchSessionResponse()

    async def SwitchProfile(
        self, request: pb.SwitchProfileRequest, _: Context
    ) -> pb.SessionStarted:
        step = await switch_profile(request.session_hash, request.profile, parts=self.sessions)
        return convert.session_started_to_proto(step)

    async def EndSession(self, request: pb.EndSessionRequest, _: Context) -> pb.EndSessionResponse:
        url = await end_session(
            request.session_hash,
            request.origin,
            allowed_origins=self.allowed_origins,
            esia=self.sign_in.esia,
            parts=self.sessions,
        )
        return pb.EndSessionResponse(esia_logout_url=url)

    async def ListSessions(self, _: pb.ListSessionsRequest, __: Context) -> JsonDocument:
        caller = caller_of()
        found = await list_sessions(PersonId(uuid.UUID(caller.subject)), parts=self.sessions)
        return convert.session_list_to_proto(found, caller.session)

    async def RevokeSession(
        self, request: pb.RevokeSessionRequest, _: Context
    ) -> pb.RevokeSessionResponse:
        owner = caller_of().subject
        person, session = ids_in(request.name, "persons", "sessions")
        if person != owner:
            raise SessionNotFound
        await revoke_session(
            PersonId(uuid.UUID(owner)), convert.session_id_of(session), parts=self.sessions
        )
        return pb.RevokeSessionResponse()

    async def ListVerificationKeys(
        self, _: pb.ListVerificationKeysRequest, __: Context
    ) -> pb.ListVerificationKeysResponse:
        keys = self.sessions.keys.published()
        listed = [pb.VerificationKey(key_id=one, public_key=raw) for one, raw in keys.items()]
        return pb.ListVerificationKeysResponse(keys=listed)

    async def IssueJobToken(
        self, request: pb.IssueJobTokenRequest, context: Context
    ) -> pb.IssueJobTokenResponse:
        purpose = convert.purpose_of(request.purpose)
        token, expire_time = self.sessions.keys.signer().job_token(peer_of(context), purpose)
        answer = pb.IssueJobTokenResponse(token=token)
        answer.expire_time.FromDatetime(expire_time)
        return answer

    async def GetContacts(self, request: pb.GetContactsRequest, _: Context) -> pb.Contacts:
        worker, person = convert.subject_of(request)
        found = await get_contacts(
            worker_id=worker, person_id=person, new_uow=self.sessions.new_uow
        )
        return convert.contacts_to_proto(found.id, found.contacts)

    async def ListContacts(
        self, request: pb.ListContactsRequest, _: Context
    ) -> pb.ListContactsResponse:
        found = await list_contacts(convert.people_of(request), new_uow=self.sessions.new_uow)
        return pb.ListContactsResponse(
            contacts=[convert.contacts_to_proto(person, one) for person, one in found.items()]
        )

    async def RecordActs(
        self, request: pb.RecordActsRequest, context: Context
    ) -> pb.RecordActsResponse:
        acts = convert.acts_from_proto(request, peer_of(context))
        await record_acts(acts, new_uow=self.sessions.new_uow, clock=self.sessions.clock)
        return pb.RecordActsResponse()

    async def ListRecipients(self, request: pb.ListRecipientsRequest, _: Context) -> pb.Recipients:
        found, token = await list_recipients(
            audience_of(request, day_in(MOSCOW, self.sessions.clock.now())),
            page_size=request.page_size,
            page_token=request.page_token,
            new_uow=self.sessions.new_uow,
        )
        return pb.Recipients(
            recipients=[recipient_to_proto(one) for one in found], next_page_token=token
        )

    async def GetRecipient(self, request: pb.GetRecipientRequest, _: Context) -> pb.Recipient:
        worker, person = convert.subject_of(request)
        found = await get_recipient(
            worker_id=worker, person_id=person, new_uow=self.sessions.new_uow
        )
        return recipient_to_proto(found)

    async def RecordRefusal(
        self, request: pb.RecordRefusalRequest, _: Context
    ) -> pb.RecordRefusalResponse:
        caller = caller_of()
        await record_refusal(
            PersonId(uuid.UUID(caller.subject)),
            roles=caller.roles,
            organization=caller.organization,
            session=caller.session,
            operation=request.operation,
            object_name=request.object,
            reason=request.reason,
            trace_id=request.trace_id,
            new_uow=self.sessions.new_uow,
            clock=self.sessions.clock,
        )
        return pb.RecordRefusalResponse()

    async def GetSignInHealth(self, _: pb.GetSignInHealthRequest, __: Context) -> pb.SignInHealth:
        return convert.health_to_proto(self.sign_in.esia.health())
