"""The scrub finds damage that nobody has asked for, and does not cry over a store that is away."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lkmr_accreditation.clients.vault import DocumentVault
from lkmr_accreditation.usecases import scrub
from lkmr_accreditation.usecases.scrub import FIRST, FileScrub
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.files import FileVault, FolderStore

from .document_parts import FIELDS, Papers, a_pdf
from .test_documents import NewUow, papers

__all__ = ["papers"]
pytestmark = pytest.mark.servers


@asynccontextmanager
async def held(_name: str) -> Any:
    yield


async def never() -> bool:
    return False


def a_scrub(papers: Papers, keys: KeyRing, new_uow: NewUow) -> FileScrub:
    vault = DocumentVault(FileVault(FolderStore(papers.folder), keys))
    made = FileScrub(new_uow=new_uow, vault=vault, hold=held, busy=never, pause=0)
    made._place = FIRST
    return made


def spoil(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(bytes(raw))


async def damaged(store: Database) -> int:
    query = "SELECT count(*) FROM outbox WHERE subject LIKE '%document.damaged'"
    return int(await store.pool.fetchval(query))


async def test_every_file_is_read_and_the_damaged_one_is_told(
    papers: Papers, store: Database, keys: KeyRing, new_uow: NewUow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub, "PORTION", 2)
    for mark in "123":
        await papers.upload(FIELDS, a_pdf(mark))
    work = a_scrub(papers, keys, new_uow)
    assert [await work.portion(), await work.portion()] == [True, False]
    assert await damaged(store) == 0

    spoil(papers.files()[1])

    assert [await work.portion(), await work.portion()] == [True, False]
    assert [await work.portion(), await work.portion()] == [True, False]
    assert await damaged(store) == 1  # told once


async def test_a_store_that_is_away_whole_stops_the_scrub(
    papers: Papers, store: Database, keys: KeyRing, new_uow: NewUow
) -> None:
    for mark in "12345":
        await papers.upload(FIELDS, a_pdf(mark))
    for file in papers.files():
        file.unlink()

    assert await a_scrub(papers, keys, new_uow).portion() is False

    assert await damaged(store) == scrub.IN_A_ROW
