"""gRPC of operators: convert, call one use case or one read, convert back."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import orjson
from lkmr.notify.v1 import notify_administration_service_pb2 as pb
from lkmr.notify.v1.notify_administration_service_pb2_grpc import (
    NotifyAdministrationServiceServicer,
)
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_access.matrix import with_acted_for
from lkmr_notify.api import administration as convert
from lkmr_notify.api.convert import document_of, position_from_token
from lkmr_notify.domain.errors import AnnouncementNotFound, DeadEventNotFound
from lkmr_notify.usecases.announce import (
    SEE_ALL,
    Announcing,
    create_announcement,
    may_see,
    steer_announcement,
)
from lkmr_notify.usecases.ports import AnnouncementReads, OperatorReads
from lkmr_servicekit.audit import about
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.pagination import page_size_of

SHOWN = timedelta(days=365)


@dataclass(slots=True, kw_only=True)
class AdministrationServicer(NotifyAdministrationServiceServicer):
    """The contract `NotifyAdministrationService`."""

    parts: Announcing
    announcements: AnnouncementReads
    operators: OperatorReads

    async def CreateAnnouncement(
        self, request: pb.CreateAnnouncementRequest, _: Context
    ) -> JsonDocument:
        caller = caller_of()
        made = convert.announcement_of(request, caller, self.parts.clock.now())
        asked = pb.CreateAnnouncementRequest()
        asked.CopyFrom(request)
        asked.ClearField("request_id")
        name = await create_announcement(
            made,
            body=asked.SerializeToString(deterministic=True),
            request_id=request.request_id,
            caller=caller,
            parts=self.parts,
        )
        about(f"announcements/{name}")
        return await self._progress(name)

    async def ListAnnouncements(
        self, request: pb.ListAnnouncementsRequest, _: Context
    ) -> JsonDocument:
        caller = caller_of()
        body = await self.announcements.page(
            page_size_of(request.page_size),
            "" if _everywhere(caller) else caller.organization or "-",
            position_from_token(request.page_token),
        )
        return document_of(convert.paged(body))

    async def ReadAnnouncement(
        self, request: pb.ReadAnnouncementRequest, _: Context
    ) -> JsonDocument:
        name, caller = convert.announcement_id(request.name), caller_of()
        async with self.parts.new_uow() as uow:
            found = await uow.announcements.get(name)
        if found is None or not may_see(caller, found):
            raise AnnouncementNotFound
        return await self._progress(name)

    async def SteerAnnouncement(
        self, request: pb.SteerAnnouncementRequest, _: Context
    ) -> JsonDocument:
        name = convert.announcement_id(request.name)
        about(f"announcements/{name}")
        await steer_announcement(
            name, convert.action_of(request.action), caller=caller_of(), parts=self.parts
        )
        return await self._progress(name)

    async def ListCurrentAnnouncements(
        self, _: pb.ListCurrentAnnouncementsRequest, __: Context
    ) -> JsonDocument:
        caller, now = caller_of(), self.parts.clock.now()
        body = await self.announcements.current(
            sorted(with_acted_for(caller.roles)),
            caller.organization,
            day_in(MOSCOW, now),
            now - SHOWN,
        )
        return document_of(body)

    async def ListDeliveries(self, request: pb.ListDeliveriesRequest, _: Context) -> JsonDocument:
        body = await self.operators.deliveries(
            page_size_of(request.page_size),
            position_from_token(request.page_token),
            message=convert.id_in(request.message, "persons", "messages"),
            person=convert.id_in(request.person, "persons"),
            state=convert.state_of(request.state),
            channel=convert.channel_of(request.channel),
        )
        return document_of(convert.paged(body))

    async def ListDeadEvents(self, _: pb.ListDeadEventsRequest, __: Context) -> JsonDocument:
        return document_of(await self.operators.dead_events())

    async def ReplayDeadEvent(
        self, request: pb.ReplayDeadEventRequest, _: Context
    ) -> pb.ReplayDeadEventResponse:
        try:
            event = uuid.UUID(request.event_id)
        except ValueError:
            raise DeadEventNotFound from None
        about(f"deadEvents/{event}")
        if not await self.operators.replay(event, self.parts.clock.now()):
            raise DeadEventNotFound
        return pb.ReplayDeadEventResponse()

    async def ReadOrganizationRules(
        self, _: pb.ReadOrganizationRulesRequest, __: Context
    ) -> JsonDocument:
        return await self._rules(caller_of().organization)

    async def UpdateOrganizationRules(
        self, request: pb.UpdateOrganizationRulesRequest, _: Context
    ) -> JsonDocument:
        organization = caller_of().organization
        about(f"organizations/{organization}")
        cells = convert.cells_of(request)
        async with self.parts.new_uow() as uow:
            await uow.wishes.rule(organization, cells, self.parts.clock.now())
            await uow.commit()
        return await self._rules(organization)

    async def _rules(self, organization: str) -> JsonDocument:
        async with self.parts.new_uow() as uow:
            modes = await uow.wishes.of_organizations([organization])
        items = [
            {"group": group.value, "channel": channel.value, "mode": mode.value}
            for (group, channel), mode in sorted(
                modes.get(organization, {}).items(), key=lambda one: one[0][0].value
            )
        ]
        return document_of(orjson.dumps({"items": items, "next_page_token": ""}))

    async def _progress(self, name: uuid.UUID) -> JsonDocument:
        body = await self.announcements.progress(name)
        if body is None:
            raise AnnouncementNotFound
        return document_of(body)


def _everywhere(caller: Caller) -> bool:
    return bool(SEE_ALL & set(caller.roles))
