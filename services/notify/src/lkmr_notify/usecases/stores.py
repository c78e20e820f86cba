"""What is kept beside messages and deliveries: terms, digests, announcements."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lkmr_notify.domain.announcement import Action, Announcement
from lkmr_notify.domain.reminders import Term


@dataclass(frozen=True, slots=True)
class StoredTerm:
    """A term and up to which moment its thresholds were handled."""

    term: Term
    handled: datetime | None


class Terms(Protocol):
    """Terms inside a unit of work."""

    async def put(self, term: Term, look: datetime | None, now: datetime) -> bool:
        """Keep a term; True when its last day is another one than before."""
        ...

    async def settle(self, topic: str, now: datetime) -> None:
        """Nothing is to be reminded of any more."""
        ...

    async def due(self, now: datetime, limit: int) -> list[StoredTerm]:
        """Open terms with a threshold that has passed, the longest due first."""
        ...

    async def lock(self, found: StoredTerm) -> bool:
        """Hold a term for this transaction; False when it changed since it was read."""
        ...

    async def first(
        self, term: Term, threshold: str, kind: str, people: Sequence[uuid.UUID], now: datetime
    ) -> set[uuid.UUID]:
        """Note a reminder for ever; gives those for whom it is the first time."""
        ...

    async def postpone(self, topic: str, until: datetime) -> None:
        """Look at a term later, because its turn failed."""
        ...

    async def handled(self, term: Term, now: datetime, next_time: datetime | None) -> None:
        """Everything up to now was told."""
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
