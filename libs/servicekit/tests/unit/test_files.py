"""Encrypted files: what was written comes back, and nothing else does."""

import asyncio
import base64
import hashlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.files import FRAME, OVERHEAD, FileVault, FolderStore, StoredFile

PLACE = ("document_file", "7")


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    path = tmp_path_factory.mktemp("keys") / "ring.keys"
    value = base64.b64encode(os.urandom(32)).decode()
    path.write_text(json.dumps({"active": "k1", "keys": {"k1": value}, "index_key": value}))
    return KeyRing.from_file("accreditation", path)


@pytest.fixture
def vault(tmp_path: Path, ring: KeyRing) -> FileVault:
    return FileVault(FolderStore(tmp_path), ring)


async def in_parts(content: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def whole(vault: FileVault, file: StoredFile, *place: str) -> bytes:
    return b"".join([part async for part in vault.read(file, *(place or PLACE))])


@pytest.mark.parametrize(
    "size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 17, 1_000_003]
)
async def test_what_was_written_comes_back(vault: FileVault, size: int) -> None:
    content = os.urandom(size)

    file = await vault.write("documents/a1", in_parts(content), *PLACE)

    assert await whole(vault, file) == content
    assert (file.size, file.sha256) == (size, hashlib.sha256(content).digest())


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 700))
def test_the_parts_in_which_it_arrives_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, ring: KeyRing, content: bytes, size: int
) -> None:
    vault = FileVault(FolderStore(tmp_path_factory.mktemp("files")), ring)

    async def there_and_back() -> bytes:
        file = await vault.write("documents/a1", in_parts(content, size), *PLACE)
        return await whole(vault, file)

    assert asyncio.run(there_and_back()) == content


@pytest.mark.proves("F-242")
async def test_the_object_shows_nothing_of_its_content(vault: FileVault, tmp_path: Path) -> None:
    content = "Иванова Анна Сергеевна 900-001-037 98 ".encode() * 5000

    await vault.write("documents/a1", in_parts(content), *PLACE)

    stored = (tmp_path / "documents/a1").read_bytes()
    assert "Иванова".encode() not in stored
    assert b"900-001-037" not in stored
    assert (tmp_path / "documents/a1").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", [0, 4, 25, FRAME, FRAME + OVERHEAD + 30, -1])
async def test_a_flipped_bit_is_found_wherever_it_is(
    vault: FileVault, tmp_path: Path, place: int
) -> None:
    file = await vault.write("documents/a1", in_parts(os.urandom(2 * FRAME + 5)), *PLACE)
    path = tmp_path / "documents/a1"
    stored = bytearray(path.read_bytes())
    stored[place] ^= 1
    path.write_bytes(stored)

    with pytest.raises(ServiceError, match="STORED_DATA_DAMAGED"):
        await whole(vault, file)


async def test_frames_cannot_be_cut_swapped_or_repeated(vault: FileVault, tmp_path: Path) -> None:
    file = await vault.write("documents/a1", in_parts(os.urandom(3 * FRAME)), *PLACE)
    path = tmp_path / "documents/a1"
    stored, frame = path.read_bytes(), FRAME + OVERHEAD
    head, one, two, three = (
        stored[:19],
        stored[19 : 19 + frame],
        stored[19 + frame : 19 + 2 * frame],
        stored[19 + 2 * frame :],
    )
    for wrong in (head + one + two, head + two + one + three, head + one + one + three, head, b""):
        path.write_bytes(wrong)
        with pytest.raises(ServiceError, match="STORED_DATA_DAMAGED"):
            await whole(vault, file)


async def test_a_file_opens_in_its_place_and_under_its_key_only(
    vault: FileVault, tmp_path: Path
) -> None:
    one = await vault.write("documents/a1", in_parts(b"one"), *PLACE)
    two = await vault.write("documents/a2", in_parts(b"two"), *PLACE)

    for file, place in (
        (one, ("document_file", "8")),
        (StoredFile(two.key, one.data_key, one.size, one.sha256), PLACE),
        (StoredFile(one.key, one.data_key, 4, one.sha256), PLACE),
    ):
        with pytest.raises(ServiceError, match="STORED_DATA_DAMAGED"):
            await whole(vault, file, *place)


async def test_too_much_or_a_broken_stream_leaves_nothing(vault: FileVault, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        raise ConnectionError

    with pytest.raises(ServiceError, match="FILE_TOO_LARGE"):
        await vault.write("documents/a1", in_parts(b"x" * 100_001), *PLACE, limit=100_000)
    with pytest.raises(ServiceError, match="UNAVAILABLE"):
        await vault.write("documents/a1", broken(), *PLACE)

    assert files_in(tmp_path) == []
    with pytest.raises(ServiceError, match="OBJECT_NOT_FOUND"):
        await whole(vault, StoredFile("documents/a1", vault._ring.new_data_key().wrapped, 0, b""))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("key", ["", "a", "../x/y", "a/../../b", "/etc/passwd", "A/b", "a//b"])
async def test_a_key_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="OBJECT_KEY_INVALID"):
        await FolderStore(tmp_path / "objects").put(key, in_parts(b"x"))


async def test_a_deleted_file_is_gone(vault: FileVault) -> None:
    file = await vault.write("documents/a1", in_parts(b"one"), *PLACE)
    await vault.delete(file)
    await vault.delete(file)

    with pytest.raises(ServiceError, match="OBJECT_NOT_FOUND"):
        await whole(vault, file)
