"""What the use cases need from the outside."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from lkmr_notify.domain.delivery import Channel, NextStep, Result
from lkmr_notify.domain.message import Accreditation, Message
from lkmr_servicekit.events import Event
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True)
class Contacts:
    """Where a person can be reached; either may be empty. Never stored here."""

    person: uuid.UUID
    email: Personal[str]
    phone: Personal[str]


class People(Protocol):
    """`auth`, which knows people. Both raise ServiceError while it is away."""

    async def behind_worker(self, worker: str) -> Contacts | None:
        """The person behind a worker record, or None when that person never signed in."""
        ...

    async def contacts(self, person: uuid.UUID) -> Contacts | None:
        """Contacts of a person, or None when the account is gone."""
        ...


class Accreditations(Protocol):
    """`accreditation`, which knows register entries. Raises ServiceError while it is away."""

    async def find(self, name: str) -> Accreditation | None:
        """The present state of an entry, or None when it is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that this instance has taken for a while."""

    id: uuid.UUID
    create_time: datetime
    person: uuid.UUID
    message: uuid.UUID
    channel: Channel
    kind: str
    template_version: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What goes out: texts without anything about the person, and the address."""

    delivery: uuid.UUID
    to: Personal[str]
    subject: str
    paragraphs: tuple[str, ...]
    link: str
    create_time: datetime


class Sender(Protocol):
    """One channel to the outside."""

    async def send(self, dispatch: Dispatch) -> Result:
        """Hand over; never raises for what the other side does."""
        ...


class Inbox(Protocol):
    """Which events are done."""

    async def first_time(self, consumer: str, event: Event[Any]) -> bool:
        """Whether the event is new to the consumer; noted with the work."""
        ...


class Messages(Protocol):
    """Messages inside a unit of work."""

    async def add(self, message: Message) -> None:
        """Store a message with a delivery for each of its channels."""
        ...

    async def mark_read(self, person: str, message: uuid.UUID, now: datetime) -> bytes | None:
        """Note the first reading; the message as JSON, or None when the person has none such."""
        ...


class Deliveries(Protocol):
    """Deliveries inside a unit of work."""

    async def take(self, now: datetime, limit: int) -> list[Delivery]:
        """Take what is due and what another instance left unfinished."""
        ...

    async def finish(self, delivery: Delivery, step: NextStep, reason: str, now: datetime) -> bool:
        """Store the end of a try; False when the lease had passed to another instance."""
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


class UnitOfWork(Protocol):
    """One transaction over everything that the service stores."""

    @property
    def inbox(self) -> Inbox: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def requests(self) -> Requests: ...

    async def announce_created(self, message: Message) -> None:
        """MessageCreated, with the work."""
        ...

    async def announce_failed(self, delivery: Delivery, reason: str) -> None:
        """DeliveryFailed, with the work."""
        ...

    async def commit(self) -> None:
        """Keep all or nothing."""
        ...

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


NewUnitOfWork = Callable[[], UnitOfWork]


class MessageReader(Protocol):
    """Hot reads: JSON written by the database. All raise ServiceError DATABASE_UNAVAILABLE."""

    async def page(
        self, person: str, *, size: int, after: tuple[datetime, uuid.UUID] | None, unread: bool
    ) -> bytes:
        """Newest first: items, next_page_token, unread_count."""
        ...

    async def one(self, person: str, message: uuid.UUID) -> bytes | None:
        """One message, or None."""
        ...

    async def since(self, person: str, message: uuid.UUID) -> bytes | None:
        """What came after a message, oldest first; None when the person has none such."""
        ...

    async def unread(self, person: str) -> int:
        """How many are unread."""
        ...


class Tell(Protocol):
    """The use case that answers a fact about a register entry."""

    async def __call__(
        self, kind: str, name: str, *, consumer: str, event: Event[Any]
    ) -> Message | None:
        """Write one message, or find that there is nobody to tell."""
        ...
