"""What the use cases need from outside."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_accreditation.domain.worker import Card, EntryChanged, Job, PersonalFacts
from lkmr_servicekit.events import Event


class StoredEntry(NamedTuple):
    """An entry with its place in the cabinet."""

    id: str
    entry: Entry
    version: int
    removed: bool
    update_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWorker:
    """A worker with all that a list shows; `entries` without removed ones."""

    id: str
    jobs: tuple[Job, ...]
    register_version: int
    fetch_time: datetime
    entries: tuple[StoredEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OldVersion:
    """An earlier version of an entry and when it was replaced."""

    version: int
    entry: Entry
    update_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedExtract:
    """An extract that was formed once and is given out again unchanged."""

    id: str
    code: str
    worker: str
    accreditation: str
    facts_hash: bytes
    content: bytes
    pdf: bytes
    pdf_sha256: str
    create_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """How far the load of the register has come."""

    cursor: str = ""
    loaded: int = 0
    total: int = 0
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardBatch:
    """A portion of the register and where to go on."""

    cards: Sequence[Card]
    cursor: str
    total: int


class Reader(Protocol):
    """The hot read of a worker's entries."""

    async def find_worker(self, worker: str) -> StoredWorker | None: ...


class Workers(Protocol):
    """Workers and their entries inside a unit of work."""

    async def version_of(self, worker: str) -> int | None:
        """The stored version of the card; locks the worker until the end of the transaction."""
        ...

    async def store_first(self, card: Card, *, now: datetime) -> None:
        """Store the card of a worker who is not known yet."""
        ...

    async def store_next(self, card: Card, *, now: datetime) -> list[EntryChanged]:
        """Store a newer version and tell what changed, with the versions of the entries."""
        ...

    async def touch(self, worker: str, fetch_time: datetime) -> None:
        """Note that the register confirmed the stored version."""
        ...

    async def known_versions(self, workers: Sequence[str]) -> dict[str, int]:
        """Stored versions of those workers that are known."""
        ...

    async def store_many_first(self, cards: Sequence[Card], *, now: datetime) -> None:
        """Store many cards of unknown workers at once."""
        ...

    async def personal_of(self, worker: str) -> PersonalFacts: ...

    async def history_of(self, worker: str, accreditation: str) -> Sequence[OldVersion]: ...


class Extracts(Protocol):
    """Issued extracts inside a unit of work."""

    async def find(self, accreditation: str, facts_hash: bytes) -> IssuedExtract | None: ...

    async def find_by_code(self, code: str) -> IssuedExtract | None: ...

    async def add(self, extract: IssuedExtract) -> bool:
        """Store it; False when another request was first."""
        ...


class Sync(Protocol):
    """The state of the register load inside a unit of work."""

    async def get(self) -> SyncState: ...

    async def save(self, state: SyncState) -> None: ...


class Claims(Protocol):
    """Which events were already handled."""

    async def first_time(self, consumer: str, event: Event[Any]) -> bool: ...


class Announcer(Protocol):
    """Facts of this service on their way out."""

    async def entries_changed(self, changes: Sequence[EntryChanged]) -> None: ...

    async def extract_issued(self, extract: IssuedExtract) -> None: ...


class UnitOfWork(Protocol):
    """One transaction over everything this service stores."""

    @property
    def workers(self) -> Workers: ...

    @property
    def extracts(self) -> Extracts: ...

    @property
    def sync(self) -> Sync: ...

    @property
    def inbox(self) -> Claims: ...

    @property
    def announce(self) -> Announcer: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def commit(self) -> None: ...


class Register(Protocol):
    """The worker register, reached through egisz-bridge."""

    async def get_card(
        self, worker: str, *, background: bool = False, min_version: int = 0
    ) -> Card:
        """The present card, or one of at least `min_version`.

        Raises WorkerUnknown, RegisterUnavailable.
        """
        ...

    def stream(self, cursor: str) -> AsyncIterator[CardBatch]:
        """All cards from a cursor to the present end. Raises RegisterUnavailable, CursorUnknown."""
        ...


class Printer(Protocol):
    """Makes the PDF of an extract."""

    async def extract_pdf(self, content: bytes, *, verify_url: str, moment: datetime) -> bytes: ...
