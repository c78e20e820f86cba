"""Client of `notify` for operators: announcements, deliveries, dead events, rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from lkmr.notify.v1 import notify_administration_service_pb2 as pb
from lkmr.notify.v1.notify_administration_service_pb2_grpc import NotifyAdministrationServiceStub

from lkmr_servicekit.grpc_client import Peer

_WRITE_SECONDS = 3.0
_COUNT_SECONDS = 5.0  # states of a million deliveries are counted within a second


class Operators:
    """`notify` as operators need it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = NotifyAdministrationServiceStub(peer.channel)

    async def create(self, fields: Mapping[str, Any], request_id: str, token: str) -> bytes:
        """Accept an announcement; it as JSON."""
        request = pb.CreateAnnouncementRequest(**fields, request_id=request_id)
        return await self._call(self._stub.CreateAnnouncement, request, token, write=True)

    async def announcements(self, page_size: int, page_token: str, token: str) -> bytes:
        """Announcements that the caller may manage, as a page of JSON."""
        request = pb.ListAnnouncementsRequest(page_size=page_size, page_token=page_token)
        return await self._call(self._stub.ListAnnouncements, request, token)

    async def announcement(self, name: str, token: str) -> bytes:
        """One announcement with its progress as JSON."""
        request = pb.ReadAnnouncementRequest(name=f"announcements/{name}")
        return await self._call(self._stub.ReadAnnouncement, request, token, seconds=_COUNT_SECONDS)

    async def steer(self, name: str, action: str, token: str) -> bytes:
        """PAUSE, RESUME, CANCEL; the announcement as JSON."""
        request = pb.SteerAnnouncementRequest(name=f"announcements/{name}", action=action)
        return await self._call(
            self._stub.SteerAnnouncement, request, token, seconds=_COUNT_SECONDS
        )

    async def current(self, token: str) -> bytes:
        """Announcements that concern the caller now, as JSON."""
        request = pb.ListCurrentAnnouncementsRequest()
        return await self._call(self._stub.ListCurrentAnnouncements, request, token)

    async def deliveries(self, asked: Mapping[str, Any], token: str) -> bytes:
        """Deliveries without any contact, as a page of JSON."""
        request = pb.ListDeliveriesRequest(**asked)
        return await self._call(self._stub.ListDeliveries, request, token)

    async def dead_events(self, token: str) -> bytes:
        """Unresolved events as JSON."""
        return await self._call(self._stub.ListDeadEvents, pb.ListDeadEventsRequest(), token)

    async def replay(self, event: str, token: str) -> None:
        """Have an event handled anew."""
        request = pb.ReplayDeadEventRequest(event_id=event)
        await self._peer.call(
            self._stub.ReplayDeadEvent, request, timeout=_WRITE_SECONDS, token=token
        )

    async def rules(self, token: str) -> bytes:
        """Rules of the caller's organisation as JSON."""
        request = pb.ReadOrganizationRulesRequest()
        return await self._call(self._stub.ReadOrganizationRules, request, token)

    async def set_rules(self, rules: Sequence[tuple[str, str, str]], token: str) -> bytes:
        """Set or lift rules (group, channel, mode); the whole as JSON."""
        request = pb.UpdateOrganizationRulesRequest(
            rules=[
                pb.OrganizationRule(group=group, channel=channel, mode=mode)
                for group, channel, mode in rules
            ]
        )
        return await self._call(self._stub.UpdateOrganizationRules, request, token, write=True)

    async def _call(
        self,
        method: Any,
        request: Any,
        token: str,
        *,
        write: bool = False,
        seconds: float = 0,
    ) -> bytes:
        limit = seconds or (_WRITE_SECONDS if write else 0)
        more = {"timeout": limit} if limit else {}
        made = await self._peer.call(method, request, token=token, **more)
        body: bytes = made.body
        return body
