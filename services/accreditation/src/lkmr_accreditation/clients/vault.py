"""Files of documents in the encrypted store of the kit."""

import asyncio
import uuid
from collections.abc import AsyncIterator

from lkmr_accreditation.domain.documents import File, Scan
from lkmr_accreditation.usecases.document_ports import FileFacts
from lkmr_servicekit.files import FileVault, StoredFile

PART, PREFIX = 64 * 1024, "documents"


class DocumentVault:
    """Each file lies under a random name and a data key of its own."""

    def __init__(self, vault: FileVault) -> None:
        self._vault = vault

    async def keep(self, content: bytes, facts: FileFacts, label: str, scan: Scan) -> File:
        """Encrypt and store. Raises ServiceError OBJECT_STORE_UNAVAILABLE."""
        name = uuid.uuid4().hex
        key = f"{PREFIX}/{name[:2]}/{name}"
        stored = await self._vault.write(key, _parts(content), "document", key)
        return File(
            key=stored.key,
            data_key=stored.data_key,
            label=label,
            media_type=facts.media_type,
            size=stored.size,
            sha256=stored.sha256,
            pages=facts.pages,
            scan=scan,
        )

    def read(self, file: File) -> AsyncIterator[bytes]:
        """The bytes as they came. Raises ServiceError STORED_DATA_DAMAGED, OBJECT_NOT_FOUND."""
        return self._vault.read(_stored(file), "document", file.key)

    async def forget(self, file: File) -> None:
        """Take back a file that no version refers to."""
        await self._vault.delete(_stored(file))

    def older(self, seconds: float) -> AsyncIterator[list[str]]:
        """Keys of files that were kept at least so long ago, in portions."""
        return self._vault.older(PREFIX, seconds)

    async def drop(self, key: str) -> None:
        """Remove a file that no version refers to."""
        await self._vault.drop(key)


def _stored(file: File) -> StoredFile:
    return StoredFile(file.key, file.data_key, file.size, file.sha256)


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PART):
        yield content[start : start + PART]
        await asyncio.sleep(0)
