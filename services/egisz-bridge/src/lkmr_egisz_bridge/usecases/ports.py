"""What the use cases need from the outside."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

from lkmr_egisz_bridge.domain.receipt import Exchange, Receipt
from lkmr_servicekit.transaction import Transaction

WORKER_REGISTER = "worker_register"
INSURED_REGISTER = "insured_register"
LEARNING_PORTAL = "learning_portal"
DOCUMENT_REGISTER = "document_register"
ACCREDITATION_CENTER = "accreditation_center"
LICENCE_REGISTER = "licence_register"
HEALTH_AUTHORITY = "health_authority"


class Card(Protocol):
    """What rules read of a worker's card (карточка медработника); the rest passes through."""

    @property
    def name(self) -> str:
        """`workers/{worker}`."""
        ...

    @property
    def version(self) -> int:
        """Grows with each change."""
        ...

    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def patronymic(self) -> str: ...
    @property
    def birth_date(self) -> str: ...


C = TypeVar("C", bound=Card)


@dataclass(frozen=True, slots=True)
class CardPage(Generic[C]):
    """Cards in the order of their change, and where to go on."""

    cards: Sequence[C]
    cursor: str
    total: int


@dataclass(frozen=True, slots=True)
class Change:
    """A card that changed: id of the worker and version of the card."""

    worker: str
    version: int


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes after a cursor; `more` when others follow at once."""

    changes: Sequence[Change]
    cursor: str
    more: bool


class WorkerRegister(Protocol[C]):
    """The register of medical workers (ФРМР). All methods raise RegisterUnavailable."""

    async def find(self, snils: str) -> C | None:
        """The present card behind a SNILS, never from memory."""
        ...

    async def get(self, worker: str, *, min_version: int = 0) -> C:
        """The card of a worker; from memory only when that is at least `min_version` > 0.

        Raises WorkerCardNotFound.
        """
        ...

    def pages(self, cursor: str) -> AsyncIterator[CardPage[C]]:
        """All cards from a cursor to the present end. Raises CursorInvalid."""
        ...

    async def end(self) -> str:
        """The cursor of the present end."""
        ...

    async def changes(self, cursor: str) -> ChangePage:
        """Single changes after a cursor, without mass imports. Raises CursorInvalid."""
        ...


N_co = TypeVar("N_co", covariant=True)
P_co = TypeVar("P_co", covariant=True)
A_co = TypeVar("A_co", covariant=True)


@dataclass(frozen=True, slots=True)
class CyclePeriod:
    """An open cycle of a worker: specialty, first and last day of ISO 8601."""

    specialty: str
    start: str
    end: str


class LearningPortal(Protocol[N_co, P_co, A_co]):
    """The portal of continuing education (НМО). All methods raise RegisterUnavailable."""

    def notices(self, cursor: str) -> AsyncIterator[tuple[Sequence[N_co], str]]:
        """Notices from a cursor to the present end, each portion with the cursor behind it.

        Raises CursorInvalid.
        """
        ...

    def programmes(self, known_edition: str) -> AsyncIterator[tuple[Sequence[P_co], str]]:
        """The whole catalogue with its edition; nothing when that is the known one."""
        ...

    async def redeem(self, worker: str, code: str, cycles: Sequence[CyclePeriod]) -> A_co:
        """The answer to a code of an event (ИКП)."""
        ...

    async def file(self, identity: str) -> bytes:
        """The file of a document. Raises StudyFileNotFound."""
        ...


K_contra = TypeVar("K_contra", contravariant=True)
D_contra = TypeVar("D_contra", contravariant=True)
V_co = TypeVar("V_co", covariant=True)


class DocumentRegister(Protocol[K_contra, D_contra, V_co]):
    """The register of education documents (ФИС ФРДО)."""

    async def check(self, card: K_contra, document: D_contra) -> V_co:
        """What it says now about a document of the person on the card.

        Raises RegisterUnavailable.
        """
        ...


class HealthAuthority(Protocol[D_contra, V_co]):
    """The regional health authority, which takes signed reports."""

    async def send(self, report: D_contra) -> V_co:
        """Hand a report over. Raises RegisterUnavailable, ReportRefused."""
        ...

    async def get(self, number: str) -> V_co:
        """What became of a report. Raises RegisterUnavailable, ReportUnknown."""
        ...


class InsuredRegister(Protocol):
    """The register of insured people (ФЕРЗЛ)."""

    async def policies(self, snils: str, birth_date: date) -> frozenset[str]:
        """Policy numbers of a person, digits only; empty when the register knows nobody.

        Raises RegisterUnavailable.
        """
        ...


A_contra = TypeVar("A_contra", contravariant=True)


class AccreditationCenter(Protocol[A_contra, N_co]):
    """The accreditation centre (ФАЦ). All methods raise RegisterUnavailable."""

    async def send(self, asked: A_contra) -> None:
        """Hand an act over; the same act twice is one."""
        ...

    async def news(self, cursor: str) -> N_co:
        """What it says of applications after a cursor."""
        ...


L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class LicenceChanges:
    """What was written in the licence register, and where to go on."""

    numbers: Sequence[str]
    organization_oids: Sequence[str]
    cursor: str


class LicenceRegister(Protocol[L]):
    """The licence register (реестр лицензий). All methods raise RegisterUnavailable."""

    async def of_organizations(self, oids: Sequence[str]) -> list[L]: ...

    async def by_number(self, number: str) -> list[L]:
        """None or one."""
        ...

    async def changes(self, cursor: str) -> LicenceChanges:
        """What was written after a cursor. Raises CursorInvalid."""
        ...


@dataclass(frozen=True, slots=True)
class RegisterState:
    """Whether a register answers, and since when that is so."""

    register: str
    available: bool
    since_time: datetime


class Watched(Protocol):
    """An outside register whose answers are watched."""

    async def state(self) -> RegisterState:
        """What was seen last; asks when that was long ago."""
        ...


class ReceiptStore(Transaction, Protocol):
    """A unit of work over receipts and the outbox."""

    async def numbered(self, exchange: Exchange, number: str) -> Receipt | None:
        """What has this number; None for what was sent before receipts were kept."""
        ...

    async def hold(self, sent: Receipt) -> Receipt:
        """The receipt as it is kept, new if there was none; held until the end."""
        ...

    async def keep(self, said: Receipt) -> None:
        """Keep the last word."""
        ...

    async def announce(self, said: Receipt) -> None:
        """Put ReceiptReceived into the outbox."""
        ...


class FeedStore(Transaction, Protocol):
    """A unit of work over the place in the order of changes and the outbox."""

    async def cursor(self) -> str | None:
        """Where the feed stands; None before its first start."""
        ...

    async def advance(self, before: str | None, after: str) -> bool:
        """Move the place; False when another instance moved it meanwhile."""
        ...

    async def announce(self, changes: Sequence[Change]) -> None:
        """Put RegisterRecordChanged of each change into the outbox."""
        ...

    async def commit(self) -> None:
        """Keep both or none."""
        ...
