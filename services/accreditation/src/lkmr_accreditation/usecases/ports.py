"""What the use cases need from outside."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_accreditation.domain.worker import Card, EntryChanged, Job, PersonalFacts
from lkmr_servicekit.events import Event
from lkmr_servicekit.transaction import Transaction

if TYPE_CHECKING:
    from lkmr_accreditation.domain.documents import DocumentFact
    from lkmr_accreditation.domain.events import LawFact, WorkerFact
    from lkmr_accreditation.domain.facts import Identity, Mentoring
    from lkmr_accreditation.domain.hours import Statement
    from lkmr_accreditation.domain.pauses import Pause
    from lkmr_accreditation.usecases.application_ports import Applications, Requests
    from lkmr_accreditation.usecases.document_ports import Documents
    from lkmr_accreditation.usecases.follow_loads import HoursDue
    from lkmr_accreditation.usecases.licences import LicenceStore
    from lkmr_accreditation.usecases.recompute import Judged, Loaded


class StoredEntry(NamedTuple):
    """An entry with its place in the cabinet."""

    id: str
    entry: Entry
    version: int
    removed: bool
    update_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWorker:
    """A worker with all that a list shows; `entries` without removed ones.

    `renewals` are specialties, in small letters, whose application for renewal is on its way.
    """

    id: str
    jobs: tuple[Job, ...]
    register_version: int
    fetch_time: datetime
    entries: tuple[StoredEntry, ...]
    renewals: frozenset[str] = frozenset()


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
    """How far the load of the register has come.

    `update_time` is that of the last portion, `heard_time` when there was nothing more to take.
    """

    cursor: str = ""
    loaded: int = 0
    total: int = 0
    update_time: datetime | None = None
    heard_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecomputeState:
    """How far the recomputation of all workers under a law has come."""

    law: str
    cursor: str | None
    done: int
    start_time: datetime
    finish_time: datetime | None


@dataclass(frozen=True, slots=True)
class CardBatch:
    """A portion of the register and where to go on."""

    cards: Sequence[Card]
    cursor: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWorker:
    """A worker found by SNILS, as far as a check needs one; `entries` without removed ones."""

    id: str
    fetch_time: datetime
    entries: tuple[StoredEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChange:
    """A change of an entry in the feed; `sequence` follows the order of commits."""

    sequence: int
    worker: str
    accreditation: str
    change: str
    change_time: datetime


class Specialists(Protocol):
    """Workers by SNILS, many at once."""

    async def find(self, snils: Sequence[str]) -> Mapping[str, KnownWorker]: ...


class Reader(Protocol):
    """The hot read of a worker's entries."""

    async def find_worker(self, worker: str) -> StoredWorker | None: ...

    async def find_workers(self, workers: Sequence[str]) -> Sequence[StoredWorker]:
        """Those workers that are stored, in no order."""
        ...


class StoredMeanwhileError(Exception):
    """Another transaction stored one of these workers: this one is lost and is to be run again."""


class Workers(Protocol):
    """Workers and their entries inside a unit of work."""

    async def version_of(self, worker: str) -> int | None:
        """The stored version of the card; locks the worker until the end of the transaction."""
        ...

    async def store_first(self, card: Card, *, now: datetime) -> bool:
        """Store the card of a worker who is not known yet; False when another has just done so."""
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
        """Store many cards of unknown workers at once.

        Raises StoredMeanwhileError when another transaction has stored one: nothing is kept.
        """
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


class Changes(Protocol):
    """The feed of changed entries inside a unit of work."""

    async def end(self) -> int: ...

    async def after(self, sequence: int, limit: int) -> Sequence[StoredChange]: ...


class Uses(Protocol):
    """What partner systems used up of their day, inside a unit of work."""

    async def take(self, partner: str, day: date, checks: int, *, limit: int) -> bool:
        """Count checks; False when they do not fit into the limit (0 is none)."""
        ...


class Claims(Protocol):
    """Which events were already handled."""

    async def first_time(self, consumer: str, event: Event[Any]) -> bool: ...


class Compliance(Protocol):
    """Computed verdicts inside a unit of work."""

    async def load(self, workers: Sequence[str]) -> "list[Loaded]":
        """Workers as stored; their rows stay locked. Unknown ones are left out."""
        ...

    async def keep(self, made: "Sequence[Judged]", *, law: str, now: datetime) -> None:
        """Write what was judged under a law."""
        ...

    async def add_due(self, workers: Sequence[str]) -> None:
        """Note workers that are to be judged by the background work."""
        ...

    async def take_due(self, limit: int) -> list[str]:
        """Workers that wait to be judged, the newest first; other instances take others."""
        ...

    async def drop_due(self, workers: Sequence[str]) -> None:
        """Forget that they wait, once they are judged in the same transaction."""
        ...

    async def turned(self, day: date, limit: int) -> list[str]:
        """Workers of whom something may have changed by itself up to a day."""
        ...

    async def workers_after(self, cursor: str, limit: int) -> list[str]:
        """The next workers in the order of their ids."""
        ...

    async def state(self) -> "RecomputeState | None": ...

    async def save_state(self, state: "RecomputeState") -> None: ...

    async def keep_hours(
        self, worker: str, statements: "Sequence[Statement]", asked: datetime
    ) -> bool:
        """Replace the statements about hours of a worker; False when later ones are kept.

        `asked` is when education was asked. Whoever else keeps hours of this worker waits.
        """
        ...

    async def note_identity(self, worker: str, identity: "Identity") -> bool:
        """Keep how register and profile compared; False for a worker who is not stored."""
        ...


class Pauses(Protocol):
    """Pauses of reminders inside a unit of work."""

    async def put(self, worker: str, pause: "Pause") -> None:
        """Keep a pause in place of an earlier one of the same specialty."""
        ...

    async def end(self, worker: str, specialty: str) -> None: ...


class LawEntries(Protocol):
    """Entries of law that operators added, and what was announced of the law."""

    async def entries(self) -> list[dict[str, Any]]:
        """Contents in the form of `law.toml`, oldest first."""
        ...

    async def add(self, content: Mapping[str, Any], now: datetime) -> None: ...

    async def first_announced(self, facts: Sequence[str], now: datetime) -> set[str]:
        """Which of these were not announced before; they are from now on."""
        ...

    async def was_announced(self, facts: Sequence[str]) -> set[str]: ...


class Announcer(Protocol):
    """Facts of this service on their way out."""

    async def facts(self, facts: "Sequence[WorkerFact | LawFact]") -> None: ...

    async def entries_changed(self, changes: Sequence[EntryChanged]) -> None: ...

    async def extract_issued(self, extract: IssuedExtract) -> None: ...

    async def documents(self, facts: "Sequence[DocumentFact]") -> None: ...


class UnitOfWork(Transaction, Protocol):
    """One transaction over everything this service stores."""

    @property
    def workers(self) -> Workers: ...

    @property
    def documents(self) -> "Documents": ...

    @property
    def licences(self) -> "LicenceStore": ...

    @property
    def extracts(self) -> Extracts: ...

    @property
    def sync(self) -> Sync: ...

    @property
    def compliance(self) -> Compliance: ...

    @property
    def hours_due(self) -> "HoursDue": ...

    @property
    def applications(self) -> "Applications": ...

    @property
    def requests(self) -> "Requests": ...

    @property
    def pauses(self) -> Pauses: ...

    @property
    def law(self) -> LawEntries: ...

    @property
    def changes(self) -> Changes: ...

    @property
    def partner_use(self) -> Uses: ...

    @property
    def inbox(self) -> Claims: ...

    @property
    def announce(self) -> Announcer: ...


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


class Mentorships(Protocol):
    """Terms of mentoring by the documents of a worker."""

    async def mentoring_of(self, worker: str, today: date) -> "Sequence[Mentoring]": ...

    async def mentoring_of_many(
        self, workers: Sequence[str], today: date
    ) -> "Mapping[str, Sequence[Mentoring]]":
        """By worker; who has none is left out."""
        ...


class Printer(Protocol):
    """Makes the PDF of an extract."""

    async def extract_pdf(self, content: bytes, *, verify_url: str, moment: datetime) -> bytes: ...
