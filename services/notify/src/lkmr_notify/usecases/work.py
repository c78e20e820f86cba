"""One transaction over everything that the service stores, as the use cases see it."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from lkmr_notify.domain.channel import Channel
from lkmr_notify.domain.message import Message
from lkmr_notify.domain.preferences import Cell, Mode, Preferences
from lkmr_notify.usecases.ports import Delivery, Ending, Handing, Subscription
from lkmr_notify.usecases.stores import Announcements, Digests, Terms
from lkmr_servicekit.events import Event
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.transaction import Transaction


class Inbox(Protocol):
    """Which events are done."""

    async def first_time(self, consumer: str, event: Event[Any]) -> bool:
        """Whether the event is new to the consumer; noted with the work."""
        ...

    async def first_times(self, consumer: str, events: Sequence[Event[Any]]) -> list[Event[Any]]:
        """Those that are new to the consumer, in their order, each once; noted with the work."""
        ...


class Messages(Protocol):
    """Messages inside a unit of work."""

    async def add(self, message: Message) -> None:
        """Store a message with its deliveries."""
        ...

    async def add_all(self, messages: Sequence[Message]) -> None:
        """Store messages with their deliveries, those of one person in this order."""
        ...

    async def mark_read(self, person: str, message: uuid.UUID, now: datetime) -> bytes | None:
        """Note the first reading; the message as JSON, or None when the person has none such."""
        ...

    async def mark_done(self, person: str, message: uuid.UUID, now: datetime) -> bytes | None:
        """Note that it is done; the message as JSON, or None when the person has none such."""
        ...

    async def seal_bare(self, limit: int) -> int:
        """Seal texts that were stored before there was a seal; how many there were."""
        ...

    async def settle(
        self, topics: Sequence[str], now: datetime
    ) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """Mark the open tasks about topics as done; gives persons and messages."""
        ...


class Deliveries(Protocol):
    """Deliveries inside a unit of work."""

    async def take(self, now: datetime, limit: int, priority: int) -> list[Delivery]:
        """Take what is due of a priority and what another instance left unfinished."""
        ...

    async def begin_handover(self, rows: Sequence[Handing], now: datetime) -> set[uuid.UUID]:
        """Note that the other side may have them from now on; gives those that are still ours."""
        ...

    async def finish(self, rows: Sequence[Ending], now: datetime) -> set[uuid.UUID]:
        """Store the ends of tries; without those whose lease had passed to another instance."""
        ...

    async def used_channels(self, message: uuid.UUID, since: datetime) -> set[Channel]:
        """Channels over which a message went out or waits to."""
        ...

    async def stand_in(self, failed: Delivery, channel: Channel, now: datetime) -> None:
        """Queue the delivery that stands in for a failed one."""
        ...

    async def add_digest(
        self, person: uuid.UUID, *, kind: str, version: int, count: int, now: datetime
    ) -> None:
        """Queue the letter that tells of what was gathered."""
        ...

    async def cancel(self, messages: Sequence[uuid.UUID], reason: str, now: datetime) -> None:
        """Cancel what waits of these messages."""
        ...

    async def stop(
        self,
        person: uuid.UUID,
        channel: Channel,
        kinds: Sequence[str],
        reason: str,
        now: datetime,
    ) -> None:
        """Cancel what waits for a person over a channel; the other side has none of it."""
        ...

    async def bounced(
        self, delivery_id: uuid.UUID, made: datetime, reason: str, now: datetime
    ) -> Delivery | None:
        """A letter came back; None when it is unknown or already known as failed."""
        ...


class Wishes(Protocol):
    """Preferences of people and rules of organisations."""

    async def of(self, people: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Preferences]:
        """Preferences of those who ever chose something."""
        ...

    async def with_browser(self, people: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
        """Those who subscribed a browser for push."""
        ...

    async def save(self, person: uuid.UUID, wishes: Preferences, now: datetime) -> None:
        """Keep the choices of a person; cells that are not named stay as they were."""
        ...

    async def rule(
        self, organization: str, cells: Sequence[tuple[Cell, Mode | None]], now: datetime
    ) -> None:
        """Set or lift rules of an organisation."""
        ...

    async def of_organizations(
        self, organizations: Sequence[str]
    ) -> Mapping[str, Mapping[Cell, Mode]]:
        """Rules of organisations that have some."""
        ...


class Browsers(Protocol):
    """Browsers subscribed for push."""

    async def put(self, person: uuid.UUID, given: Subscription) -> None:
        """Keep a subscription of a person."""
        ...

    async def drop(self, person: uuid.UUID, endpoint: str) -> None:
        """Forget a browser of a person; all of them for an empty endpoint."""
        ...


class Requests(Protocol):
    """Repeats of commands."""

    async def replay(
        self, caller: Caller, method: str, request_id: str, body: bytes
    ) -> bytes | None:
        """The stored answer of a repeat."""
        ...

    async def store(self, caller: Caller, method: str, request_id: str, response: bytes) -> None:
        """Keep the answer."""
        ...


class UnitOfWork(Transaction, Protocol):
    """One transaction over everything that the service stores."""

    @property
    def inbox(self) -> Inbox: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def wishes(self) -> Wishes: ...
    @property
    def browsers(self) -> Browsers: ...
    @property
    def terms(self) -> Terms: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def requests(self) -> Requests: ...

    async def announce_created(self, *messages: Message) -> None:
        """MessageCreated for each, with the work."""
        ...

    async def announce_failed(self, delivery: Delivery, reason: str) -> None:
        """DeliveryFailed, with the work."""
        ...


NewUnitOfWork = Callable[[], UnitOfWork]
