"""Files of certificates in the vault: what a file is, its first bytes say, not its name."""

from collections.abc import AsyncIterator

from lkmr_education.domain.certificate import Certificate
from lkmr_education.domain.errors import FileRefused
from lkmr_education.usecases.files import CertificateFile
from lkmr_servicekit.files import FileVault, StoredFile

MAX_BYTES = 10 * 1024**2
_KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
_HEAD = 8


class VaultFiles:
    """The port `CertificateFiles`; bound to its document, a file opens nowhere else."""

    def __init__(self, vault: FileVault) -> None:
        self._vault = vault

    async def store(self, certificate: Certificate, parts: AsyncIterator[bytes]) -> CertificateFile:
        """Seal and store while it arrives. Raises FileRefused, ServiceError FILE_TOO_LARGE."""
        head = b""
        async for part in parts:
            head += part
            if len(head) >= _HEAD:
                break
        kind = next((kind for magic, kind in _KINDS if head.startswith(magic)), "")
        if not kind:
            raise FileRefused
        stored = await self._vault.write(
            f"certificates/{certificate.worker}/{certificate.id}",
            _with(head, parts),
            *_place(certificate.id),
            limit=MAX_BYTES,
        )
        return CertificateFile(
            key=stored.key,
            data_key=stored.data_key,
            size=stored.size,
            sha256=stored.sha256,
            media_type=kind,
        )

    def read(self, certificate: str, file: CertificateFile) -> AsyncIterator[bytes]:
        """The bytes as they came. Raises ServiceError STORED_DATA_DAMAGED."""
        stored = StoredFile(file.key, file.data_key, file.size, file.sha256)
        return self._vault.read(stored, *_place(certificate))


async def _with(head: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for part in rest:
        yield part


def _place(certificate: str) -> tuple[str, str]:
    return ("certificate", certificate)
