"""What is kept beside messages and deliveries: terms, digests, announcements."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from lkmr_notify.domain.announcement import Action, Announcement
from lkmr_notify.domain.reminders import Term


@dataclass(frozen=True, slots=True)
class StoredTerm:
    """A term and up to which moment its thresholds were handled."""

    term: Term
    handled: datetime | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a person is told of once and for ever: a threshold of a term in words of a kind."""

    topic: str
    end_date: date
    threshold: str
    person: uuid.UUID
    kind: str


class Terms(Protocol):
    """Terms inside a unit of work; several at once, each topic at most once."""

    async def hold(self, topics: Sequence[str]) -> Mapping[str, date]:
        """Hold terms until the end of the transaction; the last day of each that is known."""
        ...

    async def put_all(self, terms: Sequence[tuple[Term, datetime | None]], now: datetime) -> None:
        """Keep terms, each to be looked at at its moment; another last day begins anew."""
        ...

    async def settle(self, topics: Sequence[str], now: datetime) -> None:
        """Nothing is to be reminded of any more."""
        ...

    async def due(self, now: datetime, limit: int) -> list[StoredTerm]:
        """Open terms with a threshold that has passed, the longest due first."""
        ...

    async def lock(self, found: Sequence[StoredTerm]) -> set[str]:
        """Hold terms until the end; topics of those that are as they were when they were read."""
        ...

    async def first(self, reminders: Sequence[Reminder], now: datetime) -> set[Reminder]:
        """Note reminders for ever; gives those that are noted for the first time."""
        ...

    async def postpone(self, topic: str, until: datetime) -> None:
        """Look at a term later, because its turn failed."""
        ...

    async def handled(self, looks: Sequence[tuple[str, datetime | None]], now: datetime) -> None:
        """Everything up to now was told of these topics; look at each again at its moment."""
        ...


class Digests(Protocol):
    """What is gathered for one letter a day, inside a unit of work."""

    async def take(self, now: datetime, limit: int) -> list[tuple[uuid.UUID, int]]:
        """People whose letter is due, with how many messages it tells of."""
        ...

    async def drop(self, person: uuid.UUID) -> None:
        """Forget what was gathered for a person."""
        ...


class Announcements(Protocol):
    """Announcements inside a unit of work."""

    async def add(self, made: Announcement) -> None:
        """Keep a new one."""
        ...

    async def get(self, announcement: uuid.UUID, *, lock: bool = False) -> Announcement | None:
        """One of them, or None."""
        ...

    async def working(self, now: datetime) -> list[Announcement]:
        """Those that are being brought to their audience, or are to begin."""
        ...

    async def waiting(self, announcement: uuid.UUID, limit: int, now: datetime) -> int:
        """How many of its deliveries are due and not done, counted up to a limit."""
        ...

    async def advance(self, made: Announcement, now: datetime) -> None:
        """Keep state, cursor and count."""
        ...

    async def steered(self) -> list[uuid.UUID]:
        """Those whose deliveries do not all follow their state yet."""
        ...

    async def steer_deliveries(
        self, announcement: uuid.UUID, action: Action, now: datetime, limit: int
    ) -> int:
        """Hold, release or cancel some of what waits to be sent of it; gives how many."""
        ...

    async def followed(self, announcement: uuid.UUID, action: Action) -> bool:
        """Whether nothing is left that does not follow; what is being sent may still come back."""
        ...
