"""Encrypted files: frames of AES-256-GCM over an object store, streamed both ways.

Form: `LF1 | key id (16) | frames`; a frame is `nonce (12) | ciphertext and tag` of at most 64 KiB
of plain bytes. Number and last-flag of a frame and the place of the file are bound in, so a frame
that was changed, moved, repeated or cut off does not open. It is checked before it is given out.
"""

import asyncio
import hashlib
import os
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lkmr_servicekit.clock import real_now
from lkmr_servicekit.encryption import DataKey, KeyRing, damaged
from lkmr_servicekit.errors import Category, ServiceError

FRAME = 64 * 1024
OVERHEAD = 12 + 16  # nonce and tag of a frame
_MAGIC = b"LF1"
_HEAD = len(_MAGIC) + 16
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_.-]*){1,8}\Z")
_PENDING = ".pending"


class ObjectStore(Protocol):
    """Objects by key, as an S3 bucket has them. Keys are ours, never names that people gave."""

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        """Store whole or not at all. Raises ServiceError OBJECT_STORE_UNAVAILABLE."""
        ...

    def get(self, key: str) -> AsyncIterator[bytes]:
        """Raises ServiceError OBJECT_NOT_FOUND, OBJECT_STORE_UNAVAILABLE."""
        ...

    async def delete(self, key: str) -> None:
        """Also when there is none. Raises ServiceError OBJECT_STORE_UNAVAILABLE."""
        ...

    def older(self, prefix: str, seconds: float) -> AsyncIterator[list[str]]:
        """Keys under a prefix that were stored at least so long ago, in portions.

        What a write left that broke off so long ago is removed on the way.
        Raises ServiceError OBJECT_STORE_UNAVAILABLE.
        """
        ...


class FolderStore:
    """The store of one machine: a folder, written through a temporary name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        path = self._path(key)
        fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex}{_PENDING}")
        try:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True, mode=0o700)
            handle = await asyncio.to_thread(
                os.open, fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
            )
            try:
                async for part in parts:
                    await asyncio.to_thread(_write, handle, part)
                await asyncio.to_thread(os.fsync, handle)
            finally:
                os.close(handle)
            await asyncio.to_thread(_publish, fresh, path)
        except OSError as fault:
            raise ServiceError("OBJECT_STORE_UNAVAILABLE", Category.UNAVAILABLE) from fault
        finally:
            fresh.unlink(missing_ok=True)

    async def get(self, key: str) -> AsyncIterator[bytes]:
        try:
            file = await asyncio.to_thread(self._path(key).open, "rb")
        except FileNotFoundError:
            raise ServiceError("OBJECT_NOT_FOUND", Category.NOT_FOUND) from None
        except OSError as fault:
            raise ServiceError("OBJECT_STORE_UNAVAILABLE", Category.UNAVAILABLE) from fault
        with file:
            while part := await asyncio.to_thread(file.read, FRAME):
                yield part

    async def delete(self, key: str) -> None:
        try:
            await asyncio.to_thread(self._path(key).unlink, missing_ok=True)
        except OSError as fault:
            raise ServiceError("OBJECT_STORE_UNAVAILABLE", Category.UNAVAILABLE) from fault

    async def older(self, prefix: str, seconds: float) -> AsyncIterator[list[str]]:
        before = real_now().timestamp() - seconds
        waiting = [self._root / prefix]
        while waiting:
            try:
                folders, files = await asyncio.to_thread(_old_ones, waiting.pop(), before)
            except OSError as fault:
                raise ServiceError("OBJECT_STORE_UNAVAILABLE", Category.UNAVAILABLE) from fault
            waiting += folders
            if files:
                yield [str(one.relative_to(self._root)) for one in files]

    def _path(self, key: str) -> Path:
        if not _KEY.match(key):
            raise ValueError("OBJECT_KEY_INVALID")
        return self._root / key


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is kept beside an encrypted file: wrapped key, size and SHA-256 of the plain bytes.

    `data_key` belongs into a column of that name, so that a rotation finds it (keys.py).
    """

    key: str
    data_key: bytes
    size: int
    sha256: bytes


class FileVault:
    """Encrypted files of one service."""

    def __init__(self, store: ObjectStore, ring: KeyRing) -> None:
        self._store, self._ring = store, ring

    async def write(
        self, key: str, parts: AsyncIterator[bytes], *place: str, limit: int | None = None
    ) -> StoredFile:
        """Encrypt while it arrives; bound to a place such as (table, record id).

        Raises ServiceError FILE_TOO_LARGE past `limit` bytes, OBJECT_STORE_UNAVAILABLE; then
        nothing is stored.
        """
        data_key = self._ring.new_data_key()
        digest, size = hashlib.sha256(), 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for part in parts:
                size += len(part)
                if limit is not None and size > limit:
                    raise ServiceError("FILE_TOO_LARGE", Category.INVALID_ARGUMENT)
                digest.update(part)
                yield part

        await self._store.put(key, sealed(counted(), data_key, *place))
        return StoredFile(key, data_key.wrapped, size, digest.digest())

    async def read(self, file: StoredFile, *place: str) -> AsyncIterator[bytes]:
        """Plain bytes, each frame checked before it is given out.

        Raises ServiceError OBJECT_NOT_FOUND, STORED_DATA_DAMAGED: also at the end, when frames or
        the hash are not those that were written.
        """
        data_key = self._ring.data_key(file.data_key)
        digest, size = hashlib.sha256(), 0
        async for part in opened(self._store.get(file.key), data_key, *place):
            digest.update(part)
            size += len(part)
            yield part
        if (size, digest.digest()) != (file.size, file.sha256):
            raise damaged()

    async def delete(self, file: StoredFile) -> None:
        """Remove the object; with its wrapped key gone too it is lost for good."""
        await self._store.delete(file.key)

    def older(self, prefix: str, seconds: float) -> AsyncIterator[list[str]]:
        """Keys that were stored at least so long ago, for a sweep of what nothing refers to."""
        return self._store.older(prefix, seconds)

    async def drop(self, key: str) -> None:
        """Remove an object that nothing refers to."""
        await self._store.delete(key)


async def sealed(
    parts: AsyncIterator[bytes], data_key: DataKey, *place: str
) -> AsyncIterator[bytes]:
    """The encrypted form of a stream."""
    yield _MAGIC + data_key.id.bytes
    waiting, number = bytearray(), 0
    async for part in parts:
        waiting += part
        while len(waiting) > FRAME:  # one byte more than a frame: this one is not the last
            yield _frame(data_key, bytes(waiting[:FRAME]), number, place, last=False)
            del waiting[:FRAME]
            number += 1
    yield _frame(data_key, bytes(waiting), number, place, last=True)


async def opened(
    parts: AsyncIterator[bytes], data_key: DataKey, *place: str
) -> AsyncIterator[bytes]:
    """The plain form of a stream. Raises ServiceError STORED_DATA_DAMAGED."""
    waiting, number, begun = bytearray(), 0, False
    whole = FRAME + OVERHEAD
    async for part in parts:
        waiting += part
        if not begun and len(waiting) >= _HEAD:
            if bytes(waiting[:_HEAD]) != _MAGIC + data_key.id.bytes:
                raise damaged()
            del waiting[:_HEAD]
            begun = True
        while begun and len(waiting) > whole:
            yield _plain(data_key, bytes(waiting[:whole]), number, place, last=False)
            del waiting[:whole]
            number += 1
    if not begun:
        raise damaged()
    yield _plain(data_key, bytes(waiting), number, place, last=True)


def _frame(
    data_key: DataKey, plain: bytes, number: int, place: tuple[str, ...], *, last: bool
) -> bytes:
    return data_key.seal_bare(plain, *place, *_mark(number, last=last))


def _plain(
    data_key: DataKey, frame: bytes, number: int, place: tuple[str, ...], *, last: bool
) -> bytes:
    return data_key.open_bare(frame, *place, *_mark(number, last=last))


def _mark(number: int, *, last: bool) -> tuple[str, str]:
    return str(number), "last" if last else "more"


def _old_ones(folder: Path, before: float) -> tuple[list[Path], list[Path]]:
    """Folders in a folder, and files untouched since; unfinished ones among them are removed."""
    folders, files = [], []
    if not folder.is_dir():
        return [], []
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if entry.is_dir(follow_symlinks=False):
            folders.append(Path(entry.path))
        elif entry.stat(follow_symlinks=False).st_mtime < before:
            if entry.name.endswith(_PENDING):
                Path(entry.path).unlink(missing_ok=True)
            else:
                files.append(Path(entry.path))
    return folders, files


def _write(handle: int, part: bytes) -> None:
    view = memoryview(part)
    while view:
        view = view[os.write(handle, view) :]


def _publish(fresh: Path, path: Path) -> None:
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
