"""Client of `notify`: the inbox and the preferences of a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lkmr.notify.v1 import notify_service_pb2 as pb
from lkmr.notify.v1.notify_service_pb2_grpc import NotifyServiceStub

from lkmr_servicekit.grpc_client import Peer

_WRITE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceChange:
    """What is to be changed; empty parts stay. `choices` by group and channel."""

    zone: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    digest: str = ""
    choices: Mapping[tuple[str, str], bool] = field(default_factory=dict)


class Inbox:
    """`notify` as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = NotifyServiceStub(peer.channel)

    async def page(
        self,
        token: str,
        *,
        page_size: int = 0,
        page_token: str = "",
        unread: bool = False,
        view: str = "",
        groups: Sequence[str] = (),
        query: str = "",
    ) -> tuple[bytes, str]:
        """Own messages, newest first, as JSON with the ETag."""
        request = pb.ListMessagesRequest(
            page_size=page_size,
            page_token=page_token,
            unread_only=unread,
            view=view,
            groups=groups,
            query=query,
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
        made = await self.peer.call(
            self._stub.MarkMessageRead, request, timeout=_WRITE_SECONDS, token=token
        )
        return made.body

    async def mark_done(self, name: str, request_id: str, token: str) -> bytes:
        """Note that what a message asked for is done; the message as JSON."""
        request = pb.MarkMessageDoneRequest(name=name, request_id=request_id)
        made = await self.peer.call(
            self._stub.MarkMessageDone, request, timeout=_WRITE_SECONDS, token=token
        )
        return made.body

    async def unread(self, token: str) -> int:
        """How many messages are unread."""
        made = await self.peer.call(
            self._stub.GetInboxSummary, pb.GetInboxSummaryRequest(), timeout=0.8, token=token
        )
        return made.unread_count

    async def preferences(self, token: str) -> tuple[bytes, str]:
        """What the person wants to be told, as JSON with the ETag."""
        made = await self.peer.call(
            self._stub.ReadPreferences, pb.ReadPreferencesRequest(), token=token
        )
        return made.body, made.etag

    async def change_preferences(
        self, change: PreferenceChange, request_id: str, token: str
    ) -> bytes:
        """Change what is named; the whole as JSON."""
        request = pb.UpdatePreferencesRequest(
            zone=change.zone,
            quiet_from=change.quiet_from,
            quiet_until=change.quiet_until,
            digest=change.digest,
            choices=[
                pb.ChannelChoice(group=group, channel=channel, enabled=enabled)
                for (group, channel), enabled in change.choices.items()
            ],
            request_id=request_id,
        )
        made = await self.peer.call(
            self._stub.UpdatePreferences, request, timeout=_WRITE_SECONDS, token=token
        )
        return made.body

    async def subscribe_browser(self, endpoint: str, p256dh: str, auth: str, token: str) -> None:
        """Keep the push subscription of a browser."""
        request = pb.SubscribeBrowserRequest(endpoint=endpoint, p256dh=p256dh, auth=auth)
        await self.peer.call(
            self._stub.SubscribeBrowser, request, timeout=_WRITE_SECONDS, token=token
        )

    async def forget_browser(self, endpoint: str, token: str) -> None:
        """Forget a browser; all of the person for an empty address."""
        request = pb.UnsubscribeBrowserRequest(endpoint=endpoint)
        await self.peer.call(
            self._stub.UnsubscribeBrowser, request, timeout=_WRITE_SECONDS, token=token
        )

    async def read_unsubscribe(self, link: str) -> bytes:
        """What a link in a letter would stop, as JSON."""
        request = pb.ReadUnsubscribeRequest(token=link)
        made = await self.peer.call(self._stub.ReadUnsubscribe, request, token="")
        return made.body

    async def unsubscribe(self, link: str) -> bytes:
        """Stop the letters that a link names; the group as JSON."""
        request = pb.UnsubscribeRequest(token=link)
        made = await self.peer.call(
            self._stub.Unsubscribe, request, timeout=_WRITE_SECONDS, token=""
        )
        return made.body
