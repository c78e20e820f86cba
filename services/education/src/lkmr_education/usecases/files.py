"""Files of certificates: sealed, and given out as the same bytes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from lkmr_education.domain.certificate import Certificate


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """What is kept beside a file: place, wrapped key, size and SHA-256 of its bytes."""

    key: str
    data_key: bytes
    size: int
    sha256: bytes
    media_type: str


class CertificateFiles(Protocol):
    """Where files lie. Raises ServiceError OBJECT_STORE_UNAVAILABLE."""

    async def store(self, certificate: Certificate, parts: AsyncIterator[bytes]) -> CertificateFile:
        """Seal and store while it arrives. Raises FileRefused, ServiceError FILE_TOO_LARGE."""
        ...

    def read(self, certificate: str, file: CertificateFile) -> AsyncIterator[bytes]:
        """The bytes as they came."""
        ...


class TextReader(Protocol):
    """Reads text out of files that came from outside."""

    async def text_of(self, content: bytes) -> str:
        """The text; empty for a picture or an unreadable file."""
        ...
