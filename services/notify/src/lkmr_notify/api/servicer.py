"""gRPC of the inbox and the preferences: convert, call one use case or one read, convert back."""

from dataclasses import dataclass

import orjson
from lkmr.notify.v1 import notify_service_pb2 as pb
from lkmr.notify.v1.notify_service_pb2_grpc import NotifyServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_notify.api.convert import document_of, own_message, position_from_token
from lkmr_notify.api.preferences import change_of, filter_of, shown_to_json
from lkmr_notify.domain.channel import Group
from lkmr_notify.domain.errors import MessageNotFound
from lkmr_notify.usecases.browsers import PushHosts, subscribe_browser, unsubscribe_browser
from lkmr_notify.usecases.mark_message import mark_message
from lkmr_notify.usecases.ports import MessageReader, Subscription
from lkmr_notify.usecases.preferences import (
    Choosing,
    mute_letters,
    read_preferences,
    update_preferences,
    withhold_digest,
)
from lkmr_notify.usecases.unsubscribe_links import DIGEST, UnsubscribeLinks
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.pagination import page_size_of


@dataclass(slots=True, kw_only=True)
class NotifyServicer(NotifyServiceServicer):
    """The contract `NotifyService`."""

    reader: MessageReader
    new_uow: NewUnitOfWork
    clock: Clock
    choosing: Choosing
    links: UnsubscribeLinks
    push_key: str
    push_hosts: PushHosts

    async def ListMessages(self, request: pb.ListMessagesRequest, _: Context) -> JsonDocument:
        body = await self.reader.page(
            caller_of().subject,
            size=page_size_of(request.page_size),
            after=position_from_token(request.page_token),
            asked=filter_of(request),
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
        return await self._mark(request, done=False)

    async def MarkMessageDone(self, request: pb.MarkMessageDoneRequest, _: Context) -> JsonDocument:
        return await self._mark(request, done=True)

    async def _mark(
        self, request: pb.MarkMessageReadRequest | pb.MarkMessageDoneRequest, *, done: bool
    ) -> JsonDocument:
        caller = caller_of()
        body = await mark_message(
            own_message(request.name, caller),
            done=done,
            request_id=request.request_id,
            caller=caller,
            new_uow=self.new_uow,
            clock=self.clock,
        )
        return document_of(body)

    async def GetInboxSummary(self, _: pb.GetInboxSummaryRequest, __: Context) -> pb.InboxSummary:
        return pb.InboxSummary(unread_count=await self.reader.unread(caller_of().subject))

    async def ReadPreferences(self, _: pb.ReadPreferencesRequest, __: Context) -> JsonDocument:
        shown = await read_preferences(caller_of(), parts=self.choosing)
        return document_of(shown_to_json(shown, self.push_key))

    async def UpdatePreferences(
        self, request: pb.UpdatePreferencesRequest, _: Context
    ) -> JsonDocument:
        shown = await update_preferences(
            change_of(request), caller=caller_of(), parts=self.choosing
        )
        return document_of(shown_to_json(shown, self.push_key))

    async def SubscribeBrowser(
        self, request: pb.SubscribeBrowserRequest, _: Context
    ) -> pb.SubscribeBrowserResponse:
        given = Subscription(request.endpoint, request.p256dh, request.auth)
        await subscribe_browser(
            given, caller=caller_of(), hosts=self.push_hosts, new_uow=self.new_uow
        )
        return pb.SubscribeBrowserResponse()

    async def UnsubscribeBrowser(
        self, request: pb.UnsubscribeBrowserRequest, _: Context
    ) -> pb.UnsubscribeBrowserResponse:
        await unsubscribe_browser(request.endpoint, caller=caller_of(), new_uow=self.new_uow)
        return pb.UnsubscribeBrowserResponse()

    async def ReadUnsubscribe(self, request: pb.ReadUnsubscribeRequest, _: Context) -> JsonDocument:
        _person, stream = self.links.read(request.token)
        return document_of(orjson.dumps({"group": stream}))

    async def Unsubscribe(self, request: pb.UnsubscribeRequest, _: Context) -> JsonDocument:
        person, stream = self.links.read(request.token)
        if stream == DIGEST:
            await withhold_digest(person, parts=self.choosing)
        else:
            await mute_letters(person, Group(stream), parts=self.choosing)
        return document_of(orjson.dumps({"group": stream}))
