"""The gRPC service of the journal: convert, call one use case, convert back."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.auth.v1 import journal_service_pb2 as pb
from lkmr.auth.v1.journal_service_pb2_grpc import JournalServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_access.matrix import roles_with
from lkmr_auth.api import journal_convert as convert
from lkmr_auth.domain.access_log import Filters
from lkmr_auth.domain.errors import AccessEntryNotFound
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.words import Words
from lkmr_auth.usecases.archive_ports import ArchiveReader
from lkmr_auth.usecases.chain_ports import ChainReader
from lkmr_auth.usecases.dispute_access import dispute_access
from lkmr_auth.usecases.export_journal import Signs, export_journal
from lkmr_auth.usecases.parts import AccessParts
from lkmr_auth.usecases.read_journal import Chain, Entries, list_access_log, list_audit_events
from lkmr_servicekit.audit import about
from lkmr_servicekit.grpc_server import Context, Rule, caller_of
from lkmr_servicekit.personal import Personal

SERVICE = "lkmr.auth.v1.JournalService"
_CHUNK = 64 * 1024
_READERS = sorted(roles_with("audit", "R", scopes="g"))
_EXPORTERS = sorted(roles_with("audit", "X"))
RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "ListAuditEvents": Rule.people("gateway", roles=_READERS, audit="journal.read"),
        "ExportAuditEvents": Rule.people("gateway", roles=_EXPORTERS, audit="journal.exported"),
        "ListAccessLog": Rule.people("gateway", audit="access_log.read"),
        "DisputeAccess": Rule.people("gateway", audit="access_log.disputed"),
    }.items()
}


@dataclass(slots=True)
class JournalServicer(JournalServiceServicer):
    """Serves `lkmr.auth.v1.JournalService`."""

    entries: Entries
    chain: Chain
    rows: ChainReader
    archive: ArchiveReader
    witness: Signs
    words: Words
    access: AccessParts

    async def ListAuditEvents(self, request: pb.ListAuditEventsRequest, _: Context) -> JsonDocument:
        about("audit-events")
        filters = Filters(
            actor=request.actor,
            operation=request.operation,
            object=request.object,
            result=request.result,
            organization=request.organization,
            since=_moment(request.since) if request.HasField("since") else None,
            until=_moment(request.until) if request.HasField("until") else None,
        )
        page = await list_audit_events(
            filters,
            page_size=request.page_size,
            page_token=request.page_token,
            caller=caller_of(),
            chain=self.chain,
            entries=self.entries,
        )
        return convert.audit_page_to_document(page, self.words)

    async def ExportAuditEvents(
        self, request: pb.ExportAuditEventsRequest, _: Context
    ) -> AsyncIterator[pb.ExportAuditEventsResponse]:
        about("audit-events")
        await self.chain.advance()
        async for lines in export_journal(
            self.rows, self.archive, self.witness, after=request.after, now=self.access.clock.now()
        ):
            for start in range(0, len(lines), _CHUNK):
                yield pb.ExportAuditEventsResponse(lines=lines[start : start + _CHUNK])

    async def ListAccessLog(self, request: pb.ListAccessLogRequest, _: Context) -> JsonDocument:
        caller = caller_of()
        about(f"persons/{caller.subject}/access-log")
        page = await list_access_log(
            PersonId(uuid.UUID(caller.subject)),
            others_only=request.others_only,
            page_size=request.page_size,
            page_token=request.page_token,
            caller=caller,
            chain=self.chain,
            entries=self.entries,
        )
        return convert.access_page_to_document(page, self.words)

    async def DisputeAccess(self, request: pb.DisputeAccessRequest, _: Context) -> pb.AccessDispute:
        caller = caller_of()
        about(f"persons/{caller.subject}/access-log")
        try:
            entry = uuid.UUID(request.entry)
        except ValueError:
            raise AccessEntryNotFound from None
        made = await dispute_access(
            PersonId(uuid.UUID(caller.subject)),
            caller.worker,
            entry,
            Personal(request.text),
            organization=caller.organization,
            parts=self.access,
        )
        answer = pb.AccessDispute(name=made.name)
        answer.create_time.FromDatetime(made.create_time)
        return answer


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)
