"""What the use cases need of months of the journal."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lkmr_auth.domain.journal import ChainedRow, Head
from lkmr_auth.domain.month_statement import MonthStatement
from lkmr_auth.domain.retention import Month


class FileUnreadable(Exception):
    """A file of the archive is gone, cut or not what it should be; the name of the file."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A month of the archive; `statement` is None when its words cannot be read."""

    name: str
    statement: MonthStatement | None
    has_file: bool


class ArchiveReader(Protocol):
    """Months that left the table."""

    @property
    def public_key(self) -> Ed25519PublicKey: ...

    def months(self) -> list[Kept]:
        """In the order of their months."""
        ...

    def read(self, statement: MonthStatement) -> AsyncIterator[list[ChainedRow]]:
        """Rows as the file has them. Raises FileUnreadable, also in the middle."""
        ...

    async def sum_of(self, statement: MonthStatement) -> bytes:
        """SHA-256 of the file. Raises FileNotFoundError."""
        ...


class Archive(ArchiveReader, Protocol):
    """The archive of the one who keeps it."""

    async def write(
        self, month: Month, before: Head, pages: AsyncIterator[list[ChainedRow]], now: datetime
    ) -> MonthStatement:
        """Write a month anew: first the file, whole and on the disk, then what is said of it."""
        ...

    def end(self, statement: MonthStatement, now: datetime) -> MonthStatement:
        """State that the term is over, then remove the file."""
        ...


@dataclass(frozen=True, slots=True)
class StoredMonth:
    """Rows `first`…`last` of the table; `before` is the head that the first row follows."""

    month: Month
    before: Head
    last: int


class Months(Protocol):
    """Months in the table."""

    async def list(self) -> list[StoredMonth]:
        """Months with rows, the oldest first."""
        ...

    async def let_go(self, statement: MonthStatement, now: datetime) -> bool:
        """Drop the oldest month and journal it; False when the table is too busy just now.

        Raises MonthStays when the database knows better.
        """
        ...

    async def note_end(self, statement: MonthStatement, now: datetime) -> None:
        """Journal that a month is kept no longer."""
        ...


class MonthStays(Exception):
    """The month is not what the archive holds, not the oldest one, or too young."""
