"""Files that nothing refers to are removed, and no others."""

import os
from pathlib import Path

import pytest

from lkmr_accreditation.clients.vault import DocumentVault
from lkmr_accreditation.usecases import sweep
from lkmr_accreditation.usecases.sweep import sweep_files
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.files import FileVault, FolderStore

from .document_parts import FIELDS, Papers, a_pdf
from .test_documents import NewUow, papers

__all__ = ["papers"]
pytestmark = pytest.mark.servers
DAY = 86_400


def grow_old(file: Path) -> None:
    moment = file.stat().st_mtime - 2 * DAY
    os.utime(file, (moment, moment))


def left_behind(papers: Papers, name: str, *, old: bool) -> Path:
    """What a process that was killed between file and document left."""
    made = papers.folder / "documents" / "00" / name
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_bytes(b"sealed")
    if old:
        grow_old(made)
    return made


async def test_a_stray_file_is_removed_and_a_document_is_not(
    papers: Papers, keys: KeyRing, new_uow: NewUow
) -> None:
    for mark in "12":
        await papers.upload(FIELDS, a_pdf(mark))
    kept = papers.files()
    for one in kept:
        grow_old(one)
    stray = left_behind(papers, "0" * 32, old=True)
    unfinished = left_behind(papers, f".{'1' * 32}.x.pending", old=True)
    arriving = left_behind(papers, "2" * 32, old=False)
    vault = DocumentVault(FileVault(FolderStore(papers.folder), keys))

    assert await sweep_files(new_uow=new_uow, vault=vault) == 1

    assert not stray.exists()
    assert not unfinished.exists()
    assert arriving.exists()
    assert all(one.exists() for one in kept)
    assert await sweep_files(new_uow=new_uow, vault=vault) == 0


async def test_a_database_that_lost_its_rows_costs_no_file(
    papers: Papers, keys: KeyRing, new_uow: NewUow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "FEW", 2)
    strays = [left_behind(papers, f"{number:032x}", old=True) for number in range(3)]
    vault = DocumentVault(FileVault(FolderStore(papers.folder), keys))

    assert await sweep_files(new_uow=new_uow, vault=vault) == 0

    assert all(one.exists() for one in strays)
