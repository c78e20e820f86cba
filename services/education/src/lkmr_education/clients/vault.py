"""Files of certificates in the vault: what a file is, its first bytes say, not its name."""

from collections.abc import AsyncIterator

from lkmr_education.domain.certificate import Certificate
from lkmr_education.domain.errors import FileRefused
from lkmr_education.usecases.files import CertificateFile, Scanner
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.files import FRAME, FileVault, StoredFile

MAX_BYTES = 10 * 1024**2
_KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
_HEAD = 8


class VaultFiles:
    """The port `CertificateFiles`; bound to its document, a file opens nowhere else."""

    def __init__(self, vault: FileVault, scanner: Scanner) -> None:
        self._vault, self._scanner = vault, scanner

    async def store(self, certificate: Certificate, parts: AsyncIterator[bytes]) -> CertificateFile:
        """Scan, seal and store. Raises FileRefused, FileUnsafe, ServiceError FILE_TOO_LARGE."""
        head = b""
        async for part in parts:
            head += part
            if len(head) >= _HEAD:
                break
        kind = next((kind for magic, kind in _KINDS if head.startswith(magic)), "")
        if not kind:
            raise FileRefused
        content = await _whole(head, parts)
        scan = await self._scanner.scan(content)
        stored = await self._vault.write(
            f"certificates/{certificate.worker}/{certificate.id}",
            _portions(content),
            *_place(certificate.id),
            limit=MAX_BYTES,
        )
        return CertificateFile(
            key=stored.key,
            data_key=stored.data_key,
            size=stored.size,
            sha256=stored.sha256,
            media_type=kind,
            scan=scan,
        )

    def read(self, certificate: str, file: CertificateFile) -> AsyncIterator[bytes]:
        """The bytes as they came. Raises ServiceError STORED_DATA_DAMAGED."""
        stored = StoredFile(file.key, file.data_key, file.size, file.sha256)
        return self._vault.read(stored, *_place(certificate))

    async def drop(self, key: str) -> None:
        """Remove a file. Raises ServiceError OBJECT_STORE_UNAVAILABLE."""
        await self._vault.drop(key)


async def _whole(head: bytes, rest: AsyncIterator[bytes]) -> bytes:
    """All of a file, which the scanner must see before anything is kept."""
    held = bytearray(head)
    async for part in rest:
        held += part
        if len(held) > MAX_BYTES:
            raise ServiceError("FILE_TOO_LARGE", Category.INVALID_ARGUMENT)
    return bytes(held)


async def _portions(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), FRAME):
        yield content[start : start + FRAME]


def _place(certificate: str) -> tuple[str, str]:
    return ("certificate", certificate)
