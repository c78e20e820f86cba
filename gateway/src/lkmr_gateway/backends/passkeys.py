"""Client of `auth` for passkeys and backup codes."""

from collections.abc import Sequence

from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import passkey_service_pb2 as pb
from lkmr.auth.v1.passkey_service_pb2_grpc import PasskeyServiceStub
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_gateway.entry import Entry
from lkmr_servicekit.grpc_client import Peer

SECONDS, PASSWORD_SECONDS = 5.0, 8.0


class Passkeys:
    """Second factors of the caller as the gateway needs them. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, PasskeyServiceStub(peer.channel)

    async def read(self, entry: Entry) -> JsonDocument:
        """The own keys as JSON."""
        request = pb.ReadPasskeysRequest()
        return await self._peer.call(self._stub.ReadPasskeys, request, token=entry.token)

    async def start(self, entry: Entry, origin: str) -> str:
        """What the browser is asked to make, as JSON."""
        request = pb.StartPasskeyRequest(origin=origin)
        made = await self._peer.call(
            self._stub.StartPasskey, request, timeout=SECONDS, token=entry.token
        )
        return made.options

    async def create(self, entry: Entry, name: str, credential: str) -> JsonDocument:
        """Keep the key that the browser made."""
        request = pb.CreatePasskeyRequest(display_name=name, credential=credential)
        return await self._peer.call(
            self._stub.CreatePasskey, request, timeout=SECONDS, token=entry.token
        )

    async def rename(self, entry: Entry, passkey: str, name: str) -> JsonDocument:
        """Give a key another name."""
        request = pb.RenamePasskeyRequest(passkey=passkey, display_name=name)
        return await self._peer.call(
            self._stub.RenamePasskey, request, timeout=SECONDS, token=entry.token
        )

    async def remove(self, entry: Entry, passkey: str) -> JsonDocument:
        """Remove a key."""
        request = pb.DeletePasskeyRequest(passkey=passkey)
        return await self._peer.call(
            self._stub.DeletePasskey, request, timeout=SECONDS, token=entry.token
        )

    async def backup_codes(self, entry: Entry) -> Sequence[str]:
        """Fresh backup codes instead of those before."""
        request = pb.IssueBackupCodesRequest()
        made = await self._peer.call(
            self._stub.IssueBackupCodes, request, timeout=SECONDS, token=entry.token
        )
        return made.codes

    async def start_proof(self, entry: Entry, origin: str) -> str:
        """What a key is asked to sign, as JSON."""
        request = pb.StartPasskeyProofRequest(session_hash=entry.key, origin=origin)
        made = await self._peer.call(
            self._stub.StartPasskeyProof, request, timeout=SECONDS, token=entry.token
        )
        return made.options

    async def prove(self, entry: Entry, credential: str) -> auth_pb.SessionStarted:
        """Take the signature of a key; gives the new secret of the session."""
        request = pb.ProveByPasskeyRequest(session_hash=entry.key, credential=credential)
        return await self._peer.call(
            self._stub.ProveByPasskey, request, timeout=SECONDS, token=entry.token
        )

    async def prove_by_code(self, entry: Entry, code: str, password: str) -> auth_pb.SessionStarted:
        """Take a backup code; gives the new secret of the session."""
        request = pb.ProveByBackupCodeRequest(session_hash=entry.key, code=code, password=password)
        return await self._peer.call(
            self._stub.ProveByBackupCode, request, timeout=PASSWORD_SECONDS, token=entry.token
        )
