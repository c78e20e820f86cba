"""Client of `notify`: the inbox of a person."""

from lkmr.notify.v1 import notify_service_pb2 as pb
from lkmr.notify.v1.notify_service_pb2_grpc import NotifyServiceStub

from lkmr_servicekit.grpc_client import Peer

_READS = ("ListMessages", "ReadMessage", "ListMessagesSince", "GetInboxSummary")
RETRIED = tuple(f"/lkmr.notify.v1.NotifyService/{name}" for name in _READS)


class Inbox:
    """`notify` as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = NotifyServiceStub(peer.channel)

    async def page(
        self, token: str, *, page_size: int = 0, page_token: str = "", unread: bool = False
    ) -> tuple[bytes, str]:
        """Own messages, newest first, as JSON with the ETag."""
        request = pb.ListMessagesRequest(
            page_size=page_size, page_token=page_token, unread_only=unread
        )
        made = await self.peer.call(self._stub.ListMessages, request, token=token)
        return made.body, made.etag

    async def read(self, name: str, token: str) -> tuple[bytes, str]:
        """One message as JSON, with the ETag."""
        request = pb.ReadMessageRequest(name=name)
        made = await self.peer.call(self._stub.ReadMessage, request, token=token)
        return made.body, made.etag

    async def since(self, name: str, token: str) -> bytes:
        """Messages after one, oldest first, as JSON."""
        request = pb.ListMessagesSinceRequest(last_name=name)
        made = await self.peer.call(self._stub.ListMessagesSince, request, token=token)
        return made.body

    async def mark_read(self, name: str, request_id: str, token: str) -> bytes:
        """Note that a message was read; the message as JSON."""
        request = pb.MarkMessageReadRequest(name=name, request_id=request_id)
        made = await self.peer.call(self._stub.MarkMessageRead, request, timeout=3, token=token)
        return made.body

    async def unread(self, token: str) -> int:
        """How many messages are unread."""
        made = await self.peer.call(
            self._stub.GetInboxSummary, pb.GetInboxSummaryRequest(), timeout=0.8, token=token
        )
        return made.unread_count
