"""Client of the part of `auth` that proves who a person is."""

from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import identity_service_pb2 as pb
from lkmr.auth.v1.identity_service_pb2_grpc import IdentityServiceStub

from lkmr_gateway.entry import Entry
from lkmr_servicekit.grpc_client import Peer

CODE_SECONDS = 8.0


class Identity:
    """Proofs of identity as the gateway needs them. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = IdentityServiceStub(peer.channel)

    async def activation(self, login_cookie: str) -> pb.Activation:
        """The present step of an activation."""
        request = pb.GetActivationRequest(login_cookie=login_cookie)
        return await self._peer.call(self._stub.GetActivation, request, timeout=5, token="")

    async def accept_terms(
        self, login_cookie: str, version: str, *, accepted: bool
    ) -> pb.Activation:
        """Accept or refuse the terms of use."""
        request = pb.AcceptTermsRequest(
            login_cookie=login_cookie, version=version, accepted=accepted
        )
        return await self._peer.call(self._stub.AcceptTerms, request, timeout=5, token="")

    async def decide_consents(self, login_cookie: str, given: dict[str, bool]) -> pb.Activation:
        """Decide on each consent."""
        request = pb.DecideConsentsRequest(login_cookie=login_cookie, given=given)
        return await self._peer.call(self._stub.DecideConsents, request, timeout=5, token="")

    async def bind_employee(self, login_cookie: str, number: str, password: str) -> pb.Activation:
        """Tie the account to an employee and set the password of the cabinet."""
        request = pb.BindEmployeeRequest(
            login_cookie=login_cookie, employee_number=number, password=password
        )
        return await self._peer.call(
            self._stub.BindEmployee, request, timeout=CODE_SECONDS, token=""
        )

    async def send_activation_code(self, login_cookie: str) -> pb.Activation:
        """Send a code."""
        request = pb.SendActivationCodeRequest(login_cookie=login_cookie)
        return await self._peer.call(
            self._stub.SendActivationCode, request, timeout=CODE_SECONDS, token=""
        )

    async def ask_approval(self, login_cookie: str) -> pb.Activation:
        """Ask in the mobile application."""
        request = pb.AskApprovalRequest(login_cookie=login_cookie)
        return await self._peer.call(
            self._stub.AskApproval, request, timeout=CODE_SECONDS, token=""
        )

    async def confirm_activation(self, login_cookie: str, code: str) -> auth_pb.SignInStep:
        """«Подтвердить»."""
        request = pb.ConfirmActivationRequest(login_cookie=login_cookie, code=code)
        return await self._peer.call(
            self._stub.ConfirmActivation, request, timeout=CODE_SECONDS, token=""
        )

    async def enter_reduced(self, request: pb.EnterReducedRequest) -> auth_pb.SignInStep:
        """Let a person in while ESIA is away."""
        return await self._peer.call(
            self._stub.EnterReduced, request, timeout=CODE_SECONDS, token=""
        )

    async def renew(self, entry: Entry) -> str:
        """Give the session a new id; the secret for its cookie."""
        request = pb.RenewSessionRequest(session_hash=entry.key)
        started = await self._peer.call(self._stub.RenewSession, request, timeout=2, token="")
        return started.session_cookie

    async def end_others(self, entry: Entry) -> int:
        """End all other sessions of the person; how many."""
        request = pb.EndOtherSessionsRequest()
        ended = await self._peer.call(
            self._stub.EndOtherSessions, request, timeout=3, token=entry.token
        )
        return ended.ended

    async def profile(self, entry: Entry) -> tuple[bytes, str]:
        """The own account as JSON, with the ETag."""
        request = pb.ReadOwnProfileRequest()
        made = await self._peer.call(self._stub.ReadOwnProfile, request, token=entry.token)
        return made.body, made.etag

    async def decide_consent(self, entry: Entry, document: str, *, given: bool) -> bytes:
        """Give or withdraw a consent; the own account as JSON."""
        request = pb.DecideConsentRequest(document=document, given=given)
        made = await self._peer.call(
            self._stub.DecideConsent, request, timeout=3, token=entry.token
        )
        return made.body

    async def set_password(self, entry: Entry, password: str) -> None:
        """Set or change the password of the cabinet."""
        request = pb.SetCabinetPasswordRequest(password=password)
        await self._peer.call(
            self._stub.SetCabinetPassword, request, timeout=CODE_SECONDS, token=entry.token
        )

    async def step_up(self, entry: Entry, origin: str) -> pb.StepUp:
        """How the session can be proven anew at this address of the cabinet."""
        request = pb.GetStepUpRequest(session_hash=entry.key, origin=origin)
        return await self._peer.call(self._stub.GetStepUp, request, token=entry.token)

    async def start_step_up(self, entry: Entry, origin: str) -> pb.StepUp:
        """Send a code."""
        request = pb.StartStepUpRequest(session_hash=entry.key, origin=origin)
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
