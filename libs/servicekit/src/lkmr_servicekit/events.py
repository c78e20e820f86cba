"""Facts on their way: CloudEvents in binary mode over JetStream."""

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Generic, Self, TypeVar
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError, Message
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from lkmr_servicekit.telemetry import log, traceparent

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A fact to be announced: its subject, the resource that it is about, and its message.

    `topic` is the subject of a message that every service may announce.
    """

    resource: str
    message: Message
    event_id: uuid.UUID | None = None
    topic: str = ""

    @property
    def subject(self) -> str:
        """`lkmr.auth.v1.SessionRevoked` is announced on `lkmr.auth.v1.session.revoked`."""
        return self.topic or subject_of(type(self.message))


@dataclass(frozen=True, slots=True)
class Event(Generic[M]):
    """A fact that arrived. `id` is the same at every repeat."""

    id: uuid.UUID
    subject: str
    resource: str
    data: M
    deliveries: int = 1


def subject_of(kind: type[Message]) -> str:
    """The subject of a fact: proto package, resource, participle (the last word of the name)."""
    package, _, name = kind.DESCRIPTOR.full_name.rpartition(".")
    cut = max(index for index, letter in enumerate(name) if letter.isupper())
    words = "".join("_" + letter.lower() if letter.isupper() else letter for letter in name[:cut])
    return f"{package}.{words.lstrip('_')}.{name[cut:].lower()}"


def stream_of(service: str) -> str:
    """`egisz-bridge` → `LKMR_EGISZ_BRIDGE`."""
    return "LKMR_" + service.replace("-", "_").upper()


def headers_of(
    announcement: Announcement, event_id: uuid.UUID, source: str, moment: datetime
) -> dict[str, str]:
    """CloudEvents attributes, the trace, and the id by which JetStream knows a repeat."""
    return {
        "Nats-Msg-Id": str(event_id),
        "ce-specversion": "1.0",
        "ce-id": str(event_id),
        "ce-type": announcement.message.DESCRIPTOR.full_name,
        "ce-source": f"urn:lkmr:{source}",
        "ce-subject": announcement.resource,
        "ce-time": moment.isoformat(),
        "ce-datacontenttype": "application/protobuf",
        "traceparent": traceparent(),
    }


def event_of(
    kind: type[M], subject: str, headers: Mapping[str, str] | None, body: bytes, deliveries: int = 1
) -> Event[M]:
    """Read an envelope. Raises ValueError when it is not one of this kind."""
    headers = headers or {}
    if headers.get("ce-type") != kind.DESCRIPTOR.full_name:
        raise ValueError("EVENT_TYPE_UNEXPECTED")
    try:
        data = kind.FromString(body)
    except DecodeError:
        raise ValueError("EVENT_UNREADABLE") from None
    return Event(
        uuid.UUID(headers["ce-id"]), subject, headers.get("ce-subject", ""), data, deliveries
    )


def event_id_for(*parts: str) -> uuid.UUID:
    """An id that is the same each time for the same fact, so that repeats are recognised."""
    return uuid.UUID(bytes=hashlib.sha256("\x00".join(parts).encode()).digest()[:16], version=4)


class Bus:
    """The connection to NATS. Reconnects for ever; publishing is the relay's alone."""

    def __init__(self, url: str, password: str, *, name: str, replicas: int = 1) -> None:
        """`replicas` is how many nodes keep a stream: 3 in a cluster, 1 on one machine."""
        self._url, self._password, self._name = url, password, name
        self._replicas = replicas
        self._on_reconnect: list[Callable[[], Awaitable[None]]] = []
        self.client: Client
        self.stream: JetStreamContext

    async def __aenter__(self) -> Self:
        parts = urlsplit(self._url)
        user = parts.username or self._name
        self.client = Client()
        await self.client.connect(
            servers=[f"nats://{host}" for host in parts.netloc.rpartition("@")[2].split(",")],
            name=self._name,
            user=user,
            password=self._password or None,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.1,  # type: ignore[arg-type]  # seconds may have a fraction
            ping_interval=5,
            max_outstanding_pings=2,
            connect_timeout=2,
            inbox_prefix=f"_INBOX_{user}",
            error_cb=self._note_error,
            reconnected_cb=self._reconnected,
            disconnected_cb=self._disconnected,
        )
        self.stream = self.client.jetstream(timeout=5)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await asyncio.wait_for(self.client.close(), 2)
        except (TimeoutError, OSError, NatsError):
            log.warning("nats.closed_uncleanly")

    @property
    def connected(self) -> bool:
        """Whether the server is reached now."""
        return bool(self.client.is_connected)

    def on_reconnect(self, action: Callable[[], Awaitable[None]]) -> None:
        """Run an action each time the connection came back."""
        self._on_reconnect.append(action)

    async def ensure_stream(self, service: str, *, max_bytes: int = 2 * 1024**3) -> None:
        """Declare the stream of a service and correct what differs."""
        wanted = StreamConfig(
            name=stream_of(service),
            subjects=[f"lkmr.{service.replace('-', '_')}.>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            num_replicas=self._replicas,
            discard=DiscardPolicy.NEW,
            max_age=7 * 24 * 3600,
            max_bytes=max_bytes,
            max_msg_size=256 * 1024,
            duplicate_window=600,
            deny_delete=True,
            deny_purge=True,
        )
        try:
            await self.stream.stream_info(stream_of(service))
        except NotFoundError:
            await self.stream.add_stream(wanted)
        else:
            await self.stream.update_stream(wanted)

    async def watch(self, subject: str, action: Callable[[Msg], Awaitable[None]]) -> None:
        """Hear facts as they pass, without any promise: for caches and open pages only."""
        await self.client.subscribe(subject, cb=action)

    async def _note_error(self, fault: Exception) -> None:
        log.warning("nats.error", kind=type(fault).__name__)

    async def _disconnected(self) -> None:
        log.warning("nats.disconnected")

    async def _reconnected(self) -> None:
        log.info("nats.reconnected")
        for action in self._on_reconnect:
            await action()


NATS_FAULTS = (NatsError, TimeoutError, OSError)
__all__ = [
    "NATS_FAULTS",
    "Announcement",
    "Bus",
    "Event",
    "event_id_for",
    "event_of",
    "headers_of",
    "stream_of",
    "subject_of",
]
