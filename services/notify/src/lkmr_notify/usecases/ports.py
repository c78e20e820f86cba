"""What the use cases need from the outside: people, facts, channels, reads."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from lkmr_notify.domain.channel import Channel, Group
from lkmr_notify.domain.delivery import NextStep, Result
from lkmr_notify.domain.rules import Whom
from lkmr_notify.domain.words import Value
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True)
class Contacts:
    """Where a person can be reached; either may be empty. Never stored here."""

    person: uuid.UUID
    email: Personal[str]
    phone: Personal[str]


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person to be told and where that person works; `oid` is that of one organisation.

    `deputy`: told only because the person stands in for a head today.
    """

    person: uuid.UUID
    organizations: tuple[str, ...] = ()
    oid: str = ""
    deputy: bool = False


class People(Protocol):
    """`auth`, which knows people. All raise ServiceError while it is away."""

    async def contacts(self, person: uuid.UUID) -> Contacts | None:
        """Contacts of a person, or None when the account is gone."""
        ...

    async def behind_worker(self, worker: str) -> Recipient | None:
        """The person behind a worker record, or None when that person never signed in."""
        ...

    async def recipient(self, person: uuid.UUID) -> Recipient | None:
        """Where a person works, or None when the account is gone."""
        ...

    async def colleagues(self, worker: str, roles: Sequence[Whom]) -> list[Recipient]:
        """Holders of these roles in the organisations of a worker, and who stands in for them."""
        ...

    async def holders(self, roles: Sequence[Whom]) -> list[Recipient]:
        """All holders of these roles."""
        ...

    async def audience(
        self, roles: Sequence[str], organizations: Sequence[str], *, after: str, size: int
    ) -> tuple[list[Recipient], str]:
        """A page of an audience in the order of ids, and the token of the next one."""
        ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser's push subscription, as the Push API gives it."""

    endpoint: str
    p256dh: str
    auth: str


class Facts(Protocol):
    """A service that tells more of a resource. Raises ServiceError while it is away."""

    async def values(self, name: str) -> Mapping[str, Value]:
        """Values for a text by name; empty when the resource is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery that this instance has taken for a while.

    `handed_over`: an earlier try passed the point of no return, and its end is not known.
    """

    id: uuid.UUID
    create_time: datetime
    person: uuid.UUID
    message: uuid.UUID
    channel: Channel
    kind: str
    template_version: int
    attempts: int
    due_time: datetime
    priority: int = 1
    fallback: tuple[Channel, ...] = ()
    safe: Mapping[str, Value] = field(default_factory=dict)
    provider: str = ""
    handed_over: bool = False
    source: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Handing:
    """A delivery whose point of no return is to be noted; `provider` is to have it."""

    delivery: Delivery
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """A delivery whose try has ended, and what follows."""

    delivery: Delivery
    step: NextStep
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What goes out: texts without anything about the person, and the address.

    `unsubscribe` opens without a sign-in and stops letters of this group; empty for what cannot be
    stopped. `provider` is the one that may have it already.
    """

    delivery: uuid.UUID
    person: uuid.UUID
    to: Personal[str]
    title: str
    subject: str
    paragraphs: tuple[str, ...]
    link: str
    create_time: datetime
    unsubscribe: str = ""
    group: str = ""
    urgent: bool = False
    provider: str = ""


class Handover(Protocol):
    """Notes, before the other side can have it, that from now on it may."""

    async def __call__(self, provider: str = "") -> None:
        """Raises LeaseLost, ServiceError; then nothing may be handed over."""
        ...


class Sender(Protocol):
    """One channel to the outside.

    `repeats_known`: the other side recognises a repeat, so that an unknown end may be tried again.
    """

    repeats_known: bool

    async def send(self, dispatch: Dispatch, handover: Handover) -> Result:
        """Hand over; never raises for what the other side does, only for what `handover` raises."""
        ...


class View(Enum):
    """Which part of the inbox."""

    ALL = "ALL"
    UNREAD = "UNREAD"
    TASKS = "TASKS"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages of the inbox: a view, groups, words of the text."""

    view: View = View.ALL
    groups: tuple[Group, ...] = ()
    query: str = ""


class MessageReader(Protocol):
    """Hot reads: JSON written by the database. All raise ServiceError DATABASE_UNAVAILABLE."""

    async def page(
        self,
        person: str,
        *,
        size: int,
        after: tuple[datetime, uuid.UUID] | None,
        asked: MessageFilter,
    ) -> bytes:
        """Newest first: items, next_page_token, unread_count, counts (of the first page)."""
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


class AnnouncementReads(Protocol):
    """Announcements as JSON. All raise ServiceError DATABASE_UNAVAILABLE."""

    async def progress(self, name: uuid.UUID) -> bytes | None:
        """One with how many messages and deliveries there are, or None."""
        ...

    async def page(
        self, size: int, organization: str, after: tuple[datetime, uuid.UUID] | None
    ) -> bytes:
        """Newest first; of one organisation unless its id is empty."""
        ...

    async def current(
        self, roles: list[str], organization: str, today: date, since: datetime
    ) -> bytes:
        """Those that concern a person now."""
        ...


class OperatorReads(Protocol):
    """What operators see, as JSON. All raise ServiceError DATABASE_UNAVAILABLE."""

    async def deliveries(
        self,
        size: int,
        after: tuple[datetime, uuid.UUID] | None,
        *,
        message: uuid.UUID | None,
        person: uuid.UUID | None,
        state: str,
        channel: str,
    ) -> bytes:
        """Newest first, without any contact."""
        ...

    async def dead_events(self) -> bytes:
        """Unresolved ones, oldest first."""
        ...

    async def replay(self, event: uuid.UUID, now: datetime) -> bool:
        """Ask for an event to be handled anew; False when there is none such."""
        ...


Jitter = Callable[[], float]
