"""Client of the part of `auth` that reads the journal."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.auth.v1 import journal_service_pb2 as pb
from lkmr.auth.v1.journal_service_pb2_grpc import JournalServiceStub

from lkmr_gateway.schemas import AuditQuery
from lkmr_servicekit.grpc_client import Peer

READ_SECONDS = 3.0
EXPORT_SECONDS = 600.0


class Journal:
    """The journal as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = JournalServiceStub(peer.channel)

    async def events(self, asked: AuditQuery, token: str) -> tuple[bytes, str]:
        """A page for auditors as JSON, with the ETag."""
        request = pb.ListAuditEventsRequest(
            page_size=asked.page_size,
            page_token=asked.page_token,
            actor=asked.actor,
            operation=asked.operation,
            object=asked.object,
            result=asked.result,
            organization=asked.organization,
            since=_stamp(asked.since),
            until=_stamp(asked.until),
        )
        made = await self._peer.call(
            self._stub.ListAuditEvents, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def export(self, token: str, after: int = 0) -> AsyncIterator[bytes]:
        """The lines of the chain as they come."""
        request = pb.ExportAuditEventsRequest(after=after)
        parts = self._peer.stream(
            self._stub.ExportAuditEvents, request, timeout=EXPORT_SECONDS, token=token
        )
        async for one in parts:
            yield one.lines

    async def access_log(
        self, token: str, *, page_size: int = 0, page_token: str = "", others_only: bool = False
    ) -> tuple[bytes, str]:
        """A page of the person's own entries as JSON, with the ETag."""
        request = pb.ListAccessLogRequest(
            page_size=page_size, page_token=page_token, others_only=others_only
        )
        made = await self._peer.call(
            self._stub.ListAccessLog, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def dispute(self, entry: str, text: str, request_id: str, token: str) -> pb.AccessDispute:
        """Ask to explain an access."""
        request = pb.DisputeAccessRequest(entry=entry, text=text, request_id=request_id)
        return await self._peer.call(
            self._stub.DisputeAccess, request, timeout=READ_SECONDS, token=token
        )


def _stamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return stamp
