"""gRPC: convert, call one use case or one read, convert back."""

from dataclasses import dataclass

from lkmr.notify.v1 import notify_service_pb2 as pb
from lkmr.notify.v1.notify_service_pb2_grpc import NotifyServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_notify.api.convert import document_of, own_message, position_from_token
from lkmr_notify.domain.errors import MessageNotFound
from lkmr_notify.usecases.mark_message_read import mark_message_read
from lkmr_notify.usecases.ports import MessageReader, NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.pagination import page_size_of


@dataclass(slots=True)
class NotifyServicer(NotifyServiceServicer):
    """The contract `NotifyService`."""

    reader: MessageReader
    new_uow: NewUnitOfWork
    clock: Clock

    async def ListMessages(self, request: pb.ListMessagesRequest, _: Context) -> JsonDocument:
        body = await self.reader.page(
            caller_of().subject,
            size=page_size_of(request.page_size),
            after=position_from_token(request.page_token),
            unread=request.unread_only,
        )
        return document_of(body)

    async def ReadMessage(self, request: pb.ReadMessageRequest, _: Context) -> JsonDocument:
        caller = caller_of()
        message = own_message(request.name, caller)
        body = await self.reader.one(caller.subject, message)
        if body is None:
            raise MessageNotFound
        return document_of(body)

    async def ListMessagesSince(
        self, request: pb.ListMessagesSinceRequest, _: Context
    ) -> JsonDocument:
        caller = caller_of()
        message = own_message(request.last_name, caller)
        body = await self.reader.since(caller.subject, message)
        if body is None:
            raise MessageNotFound
        return document_of(body)

    async def MarkMessageRead(self, request: pb.MarkMessageReadRequest, _: Context) -> JsonDocument:
        caller = caller_of()
        body = await mark_message_read(
            own_message(request.name, caller),
            request_id=request.request_id,
            caller=caller,
            new_uow=self.new_uow,
            clock=self.clock,
        )
        return document_of(body)

    async def GetInboxSummary(self, _: pb.GetInboxSummaryRequest, __: Context) -> pb.InboxSummary:
        return pb.InboxSummary(unread_count=await self.reader.unread(caller_of().subject))
