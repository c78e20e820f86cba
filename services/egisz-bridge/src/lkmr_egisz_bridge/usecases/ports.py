"""What the use cases need from the outside."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

WORKER_REGISTER = "worker_register"
INSURED_REGISTER = "insured_register"


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


class InsuredRegister(Protocol):
    """The register of insured people (ФЕРЗЛ)."""

    async def policies(self, snils: str, birth_date: date) -> frozenset[str]:
        """Policy numbers of a person, digits only; empty when the register knows nobody.

        Raises RegisterUnavailable.
        """
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


class FeedStore(Protocol):
    """A unit of work over the place in the order of changes and the outbox."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

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
