"""Months of the journal in files: the lines of an export, packed, each with a signed statement."""

import asyncio
import gzip
import hashlib
import os
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from lkmr_auth.domain.journal import ChainedRow, Head
from lkmr_auth.domain.month_statement import MonthKind, MonthStatement
from lkmr_auth.domain.retention import Month
from lkmr_auth.usecases.archive_ports import FileUnreadable, Kept

PAGE = 5000
_SUFFIX, _WORDS = ".jsonl.gz", ".json"
_ZERO_TIME = 0  # the same rows give the same file


class FolderArchive:
    """The port `Archive`: a folder that all instances share and that is kept.

    `2025-01.jsonl.gz` holds rows, `2025-01.json` says what is in it; after the term only the
    latter stays, as a statement of the kind `ended`.
    """

    def __init__(self, folder: Path, key: Ed25519PrivateKey) -> None:
        self._folder, self._key = folder, key

    @property
    def public_key(self) -> Ed25519PublicKey:
        return self._key.public_key()

    def months(self) -> list[Kept]:
        found = []
        for path in sorted(self._folder.glob(f"*{_WORDS}")):
            try:
                statement = MonthStatement.read(path.read_bytes())
            except ValueError:
                found.append(Kept(path.name, None, has_file=False))
                continue
            rows = self._folder / f"{path.stem}{_SUFFIX}"
            found.append(Kept(rows.name, statement, has_file=rows.is_file()))
        return found

    async def write(
        self, month: Month, before: Head, pages: AsyncIterator[list[ChainedRow]], now: datetime
    ) -> MonthStatement:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{month}{_SUFFIX}"
        fresh = self._folder / f".{path.name}.fresh"
        last = before
        with fresh.open("wb") as file:
            with gzip.GzipFile("", "wb", fileobj=file, mtime=_ZERO_TIME) as packed:
                async for rows in pages:
                    lines = b"".join(row.line for row in rows)
                    await asyncio.to_thread(packed.write, lines)
                    last = Head(rows[-1].seq, rows[-1].hash)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        statement = MonthStatement(
            kind=MonthKind.ARCHIVED, month=month, first=before.seq + 1, before=before.hash,
            last=last, sha256=await asyncio.to_thread(_sum_of, fresh), time="",
        ).signed(MonthKind.ARCHIVED, now, self._key)  # fmt: skip
        fresh.replace(path)
        self._state(statement)
        return statement

    async def read(self, statement: MonthStatement) -> AsyncIterator[list[ChainedRow]]:
        path, before = self._folder / f"{statement.month}{_SUFFIX}", statement.before
        try:
            with gzip.open(path, "rb") as lines:
                while rows := await asyncio.to_thread(_page, lines, before):
                    yield rows
                    before = rows[-1].hash
        except (OSError, EOFError, ValueError, TypeError, LookupError, zlib.error) as fault:
            raise FileUnreadable(path.name) from fault

    async def sum_of(self, statement: MonthStatement) -> bytes:
        return await asyncio.to_thread(_sum_of, self._folder / f"{statement.month}{_SUFFIX}")

    def end(self, statement: MonthStatement, now: datetime) -> MonthStatement:
        ended = statement.signed(MonthKind.ENDED, now, self._key)
        self._state(ended)
        (self._folder / f"{statement.month}{_SUFFIX}").unlink(missing_ok=True)
        return ended

    def _state(self, statement: MonthStatement) -> None:
        path = self._folder / f"{statement.month}{_WORDS}"
        fresh = self._folder / f".{path.name}.fresh"
        with fresh.open("wb") as file:
            file.write(orjson.dumps(statement.to_json()))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _page(lines: Iterable[bytes], before: bytes) -> list[ChainedRow]:
    return list(_rows(islice(lines, PAGE), before))


def _rows(lines: Iterable[bytes], before: bytes) -> Iterator[ChainedRow]:
    """Raises ValueError for a line that is none."""
    for line in lines:
        digest, _, content = line.rstrip(b"\n").partition(b" ")
        own = bytes.fromhex(digest.decode("ascii"))
        number = orjson.loads(content)[0]
        yield ChainedRow(int(number), content, before, own)
        before = own


def _sum_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
