"""What every service has to do with auth: keys, job tokens, sessions that ended."""

from collections.abc import Mapping
from datetime import UTC, datetime

from google.protobuf.message import Message
from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub
from lkmr.auth.v1.events_pb2 import SessionRevoked
from nats.aio.msg import Msg

from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.messaging import Watcher


class AuthClient:
    """What every service asks of auth: how to verify callers, and a token for its own work."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, AuthServiceStub(peer.channel)

    async def verification_keys(self) -> Mapping[str, bytes]:
        """Public keys by id."""
        answer = await self._peer.call(
            self._stub.ListVerificationKeys, pb.ListVerificationKeysRequest(), token=""
        )
        return {key.key_id: key.public_key for key in answer.keys}

    async def job_token(self, purpose: str) -> tuple[str, datetime]:
        """A token for background work and when it ends."""
        answer = await self._peer.call(
            self._stub.IssueJobToken, pb.IssueJobTokenRequest(purpose=purpose), token=""
        )
        return answer.token, answer.expire_time.ToDatetime(UTC)


def revocations(verifier: TokenVerifier) -> dict[type[Message], Watcher]:
    """What to hear so that the tokens of an ended session are refused at once."""

    async def revoked(message: Msg) -> None:
        verifier.revoke(SessionRevoked.FromString(message.data).session)

    return {SessionRevoked: revoked}
