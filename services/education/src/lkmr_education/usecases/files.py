"""Files of certificates: sealed, and given out as the same bytes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from lkmr_education.domain.certificate import Certificate, Scan


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """What is kept beside a file: place, wrapped key, size and SHA-256 of its bytes, its scan."""

    key: str
    data_key: bytes
    size: int
    sha256: bytes
    media_type: str
    scan: Scan = Scan.NOT_SCANNED


class CertificateFiles(Protocol):
    """Where files lie. Raises ServiceError OBJECT_STORE_UNAVAILABLE."""

    async def store(self, certificate: Certificate, parts: AsyncIterator[bytes]) -> CertificateFile:
        """Scan, seal and store. Raises FileRefused, FileUnsafe, ServiceError FILE_TOO_LARGE."""
        ...

    def read(self, certificate: str, file: CertificateFile) -> AsyncIterator[bytes]:
        """The bytes as they came."""
        ...


class Scanner(Protocol):
    """Looks for malware."""

    async def scan(self, content: bytes) -> Scan:
        """NOT_SCANNED where there is no scanner or it is away. Raises FileUnsafe."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """The text of a file; that of a picture was recognised, and may be wrong in every sign."""

    text: str
    picture: bool


class TextReader(Protocol):
    """Reads text out of files that came from outside."""

    @property
    def reads_pictures(self) -> bool:
        """Whether photos and scans can be read here at all."""
        ...

    async def text_of(self, content: bytes) -> Seen:
        """The text; empty for what cannot be read."""
        ...
