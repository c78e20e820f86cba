"""Client of `auth`: sign-in, sessions, refusals that the gateway decided by itself."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub

from lkmr_servicekit.grpc_client import Peer

SIGN_IN_SECONDS = 15.0
CODE_SECONDS = 8.0
RESOLVE_SECONDS = 2.0
ACTS_SECONDS = 3.0


class Auth:
    """`auth` as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = AuthServiceStub(peer.channel)

    async def start(
        self, *, origin: str, return_to: str, address: str, user_agent: str
    ) -> pb.StartSignInResponse:
        """Begin a sign-in at ESIA."""
        request = pb.StartSignInRequest(
            origin=origin, return_to=return_to, address=address, user_agent=user_agent
        )
        return await self.peer.call(self._stub.StartSignIn, request, timeout=CODE_SECONDS, token="")

    async def finish(self, request: pb.FinishSignInRequest) -> pb.SignInStep:
        """Take the answer of ESIA."""
        return await self.peer.call(
            self._stub.FinishSignIn, request, timeout=SIGN_IN_SECONDS, token=""
        )

    async def step(self, login_cookie: str) -> pb.SignInStep:
        """What a begun sign-in waits for."""
        request = pb.GetSignInRequest(login_cookie=login_cookie)
        return await self.peer.call(self._stub.GetSignIn, request, token="")

    async def submit_code(self, login_cookie: str, code: str) -> pb.SignInStep:
        """Try a one-time code."""
        request = pb.SubmitSignInCodeRequest(login_cookie=login_cookie, code=code)
        return await self.peer.call(
            self._stub.SubmitSignInCode, request, timeout=CODE_SECONDS, token=""
        )

    async def resend_code(self, login_cookie: str, phone: str = "") -> pb.SignInStep:
        """Send a new one-time code, once the telephone that was typed again is the right one."""
        request = pb.ResendSignInCodeRequest(login_cookie=login_cookie, phone=phone)
        return await self.peer.call(
            self._stub.ResendSignInCode, request, timeout=CODE_SECONDS, token=""
        )

    async def choose_profile(self, login_cookie: str, profile: str) -> pb.SignInStep:
        """Choose organisation and role."""
        request = pb.ChooseProfileRequest(login_cookie=login_cookie, profile=profile)
        return await self.peer.call(
            self._stub.ChooseProfile, request, timeout=CODE_SECONDS, token=""
        )

    async def resolve(self, session_hash: bytes, device: str) -> pb.Session:
        """Who a session belongs to."""
        request = pb.ResolveSessionRequest(session_hash=session_hash, device=device)
        return await self.peer.call(
            self._stub.ResolveSession, request, timeout=RESOLVE_SECONDS, token=""
        )

    async def touch(self, session_hash: bytes, moment: datetime) -> None:
        """Tell when the person last acted."""
        stamp = Timestamp()
        stamp.FromDatetime(moment)
        request = pb.TouchSessionRequest(session_hash=session_hash, active_time=stamp)
        await self.peer.call(self._stub.TouchSession, request, token="")

    async def switch(self, session_hash: bytes, profile: str, token: str) -> pb.SessionStarted:
        """Go on under another organisation and role."""
        request = pb.SwitchProfileRequest(session_hash=session_hash, profile=profile)
        return await self.peer.call(self._stub.SwitchProfile, request, timeout=3, token=token)

    async def end(self, session_hash: bytes, origin: str, token: str) -> str:
        """Sign out; the address that ends the ESIA session too."""
        request = pb.EndSessionRequest(session_hash=session_hash, origin=origin)
        ended = await self.peer.call(self._stub.EndSession, request, timeout=3, token=token)
        return ended.esia_logout_url

    async def sessions(self, token: str) -> tuple[bytes, str]:
        """Own sessions and sign-in history as JSON, with the ETag."""
        made = await self.peer.call(self._stub.ListSessions, pb.ListSessionsRequest(), token=token)
        return made.body, made.etag

    async def revoke(self, name: str, request_id: str, token: str) -> None:
        """End one of the person's own sessions."""
        request = pb.RevokeSessionRequest(name=name, request_id=request_id)
        await self.peer.call(self._stub.RevokeSession, request, timeout=3, token=token)

    async def record_acts(self, entries: Sequence[pb.RecordActsRequest.Entry]) -> None:
        """Tell the journal of acts; an id that it knows is skipped."""
        request = pb.RecordActsRequest(entries=entries)
        await self.peer.call(self._stub.RecordActs, request, timeout=ACTS_SECONDS, token="")

    async def health(self) -> pb.SignInHealth:
        """Whether ESIA answers, as last seen."""
        return await self.peer.call(
            self._stub.GetSignInHealth, pb.GetSignInHealthRequest(), timeout=0.8, token=""
        )
