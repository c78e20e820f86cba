"""What the use cases of documents need from outside."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lkmr_accreditation.domain.documents import (
    Checked,
    Document,
    DocumentFact,
    File,
    Scan,
    Version,
    Visibility,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What the bytes of a file say about it."""

    media_type: str
    pages: int


class Documents(Protocol):
    """Documents of workers inside a unit of work."""

    async def of_worker(self, worker: str) -> Sequence[Document]:
        """All documents, archived ones too, oldest first."""
        ...

    async def find(self, worker: str, document: str, *, lock: bool = False) -> Document | None:
        """One document; with `lock` nobody else changes it until the end."""
        ...

    async def versions(self, worker: str, document: str) -> Sequence[Version]:
        """All versions, newest first."""
        ...

    async def with_files(
        self, after: tuple[str, int], limit: int
    ) -> Sequence[tuple[Document, Version]]:
        """Versions that have a file, of all workers, next after a document and a version."""
        ...

    async def to_check(
        self, kinds: Sequence[str], before: datetime, limit: int
    ) -> Sequence[Document]:
        """Documents of these kinds under check that were not asked about since a moment."""
        ...

    async def known_files(self, keys: Sequence[str]) -> set[str]:
        """Those of these files that a version refers to."""
        ...

    async def add(self, document: Document) -> bool:
        """Keep a new document; False when the same file or number is kept already."""
        ...

    async def add_version(
        self, document: Document, version: Version, visibility: Visibility
    ) -> bool:
        """Put a version on top; False when another document has the same file or number."""
        ...

    async def note_check(self, document: Document, checked: Checked) -> None:
        """Write what a check said of the present version."""
        ...

    async def archive(self, document: Document) -> None: ...


class DocumentAnnouncer(Protocol):
    """Facts about documents on their way out."""

    async def documents(self, facts: Sequence[DocumentFact]) -> None: ...


class Vault(Protocol):
    """Files, encrypted, each under a key of its own."""

    async def keep(self, content: bytes, facts: FileFacts, label: str, scan: Scan) -> File:
        """Encrypt and store. Raises ServiceError OBJECT_STORE_UNAVAILABLE."""
        ...

    def read(self, file: File) -> AsyncIterator[bytes]:
        """The bytes as they came. Raises ServiceError STORED_DATA_DAMAGED, OBJECT_NOT_FOUND."""
        ...

    async def forget(self, file: File) -> None:
        """Take back a file that no version refers to."""
        ...

    def older(self, seconds: float) -> AsyncIterator[list[str]]:
        """Keys of files that were kept at least so long ago, in portions."""
        ...

    async def drop(self, key: str) -> None:
        """Remove a file that no version refers to."""
        ...


class Inspector(Protocol):
    """Opens a file apart from the program and says what it is."""

    async def inspect(self, content: bytes) -> FileFacts:
        """Raises DocumentTypeRefused, DocumentEncrypted, DocumentUnsafe, DocumentTooLarge."""
        ...


class Scanner(Protocol):
    """Looks for malware."""

    async def scan(self, content: bytes) -> Scan:
        """NOT_SCANNED where there is no scanner or it is away. Raises DocumentUnsafe."""
        ...
