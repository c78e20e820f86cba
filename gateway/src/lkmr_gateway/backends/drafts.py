"""Client of `auth` for drafts."""

from collections.abc import Mapping

from lkmr.auth.v1 import draft_service_pb2 as pb
from lkmr.auth.v1.draft_service_pb2_grpc import DraftServiceStub
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_servicekit.grpc_client import Peer

SECONDS = 3.0


class Drafts:
    """Drafts as the gateway needs them. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, DraftServiceStub(peer.channel)

    async def page(self, token: str) -> JsonDocument:
        """The caller's own ones."""
        return await self._peer.call(
            self._stub.ListDrafts, pb.ListDraftsRequest(), timeout=SECONDS, token=token
        )

    async def save(self, form: str, page: str, fields: Mapping[str, str], token: str) -> str:
        """Replace the draft of a form; when it was saved."""
        request = pb.SaveDraftRequest(form=form, page=page, fields=fields)
        made = await self._peer.call(self._stub.SaveDraft, request, timeout=SECONDS, token=token)
        return made.update_time

    async def drop(self, form: str, token: str) -> None:
        """Forget the draft of a form."""
        request = pb.DeleteDraftRequest(form=form)
        await self._peer.call(self._stub.DeleteDraft, request, timeout=SECONDS, token=token)

    async def save_lost(
        self, session_hash: bytes, form: str, page: str, fields: Mapping[str, str]
    ) -> None:
        """Keep a form that came after the end of its session."""
        request = pb.SaveLostFormRequest(
            session_hash=session_hash, form=form, page=page, fields=fields
        )
        await self._peer.call(self._stub.SaveLostForm, request, timeout=SECONDS, token="")
