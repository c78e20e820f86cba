"""What the use cases about applications need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from lkmr_accreditation.domain.application import Application, Step
from lkmr_servicekit.identity import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An act that the accreditation centre has to hear of; repeated until it did."""

    application: Application
    act: str
    attempts: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Whether what was sent has arrived: `act` is empty once it did."""

    act: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An application with what only a page of it needs."""

    application: Application
    delivery: Delivery = Delivery()
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CenterNews:
    """What the centre says of an application: its own word for the state, and facts beside it."""

    application: str
    state: str
    text: str = ""
    registration_number: str = ""
    registered_on: str = ""
    meeting_on: str = ""
    protocol_number: str = ""
    protocol_on: str = ""
    protocol_url: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsPage:
    """News after a cursor, and where to go on."""

    news: Sequence[CenterNews]
    cursor: str


class Center(Protocol):
    """The accreditation centre (ФАЦ) and the commission (ЦАК), reached through egisz-bridge."""

    async def send(self, outgoing: Outgoing, snils: str) -> None:
        """Hand over; the same act of the same version twice is one. Raises ServiceError."""
        ...

    async def news(self, cursor: str) -> NewsPage:
        """What changed after a cursor; empty begins with the first. Raises ServiceError."""
        ...


class Signer(Protocol):
    """The seal of the organisation over short statements."""

    def statement(self, payload: bytes) -> str: ...


class Applications(Protocol):
    """Applications inside a unit of work."""

    async def add(self, application: Application) -> str:
        """Store a new one; the id of the open one that stands in its place, or an empty text."""
        ...

    async def get(self, application: str, *, worker: str) -> Application:
        """One's own, locked until the end. Raises ApplicationNotFound."""
        ...

    async def get_staff(
        self, application: str, *, organization_oid: str, department: str
    ) -> Application:
        """One of the organisation, or of a department of it, locked until the end.

        Raises ApplicationNotFound.
        """
        ...

    async def find(self, application: str) -> Application | None:
        """Any, locked until the end; for background work."""
        ...

    async def save(
        self,
        application: Application,
        step: Step | None = None,
        *,
        turn: date | None = None,
        outgoing: str | None = None,
        now: datetime,
    ) -> None:
        """Keep it with its step; raises ApplicationOpen when another stands in its place."""
        ...

    async def keep_file_set(self, application: Application, content: bytes, now: datetime) -> None:
        """Keep what is sent as a version."""
        ...

    async def last_failure(self, worker: str, specialty: str) -> datetime | None:
        """When the commission last said «не сдано» in a specialty."""
        ...

    async def take_outgoing(self, now: datetime, lease: datetime) -> Outgoing | None:
        """The next act to send; others leave it alone until the lease ends."""
        ...

    async def sent(self, outgoing: Outgoing) -> None: ...

    async def retry(self, outgoing: Outgoing, at: datetime) -> None: ...

    async def cursor(self) -> str: ...

    async def move_cursor(self, cursor: str, now: datetime) -> None: ...

    async def turning(self, today: date, limit: int) -> list[Application]:
        """Those on whom a day has come, locked; other instances take others."""
        ...

    async def recorded(self, limit: int) -> list[tuple[Application, str]]:
        """Passed ones whose entry stands in the register, with its number; locked."""
        ...

    async def has_entry(self, worker: str, specialty: str) -> bool:
        """Whether the register has a good entry of a worker in a specialty."""
        ...

    async def extracts_to_make(self, limit: int) -> list[Application]:
        """Requests for extracts that wait to be made; locked."""
        ...


class Requests(Protocol):
    """The record of repeated commands inside a unit of work."""

    async def replay(
        self, caller: Caller, method: str, request_id: str, body: bytes
    ) -> bytes | None: ...

    async def store(
        self, caller: Caller, method: str, request_id: str, response: bytes
    ) -> None: ...


class ApplicationReader(Protocol):
    """Reads outside a transaction."""

    async def page(
        self, worker: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Stored]: ...

    async def one(self, application: str, *, worker: str) -> Stored:
        """Raises ApplicationNotFound."""
        ...

    async def staff_page(
        self,
        organization_oid: str,
        department: str,
        forms: Sequence[str],
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Stored]: ...

    async def staff_one(
        self, application: str, *, organization_oid: str, department: str
    ) -> Stored:
        """Raises ApplicationNotFound."""
        ...

    async def open_steps(self, worker: str) -> Sequence[Application]:
        """Open applications of a worker that somebody outside has to act on."""
        ...
