"""Whoever changes the journal behind the program's back is found, with the place."""

import base64
import json
import os
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from independent_verifier import verify

from lkmr_auth.clients.archive import FolderArchive
from lkmr_auth.clients.witness import PUBLIC_KEY, FolderWitness
from lkmr_auth.domain.journal import GENESIS, Head, Reported, content_of, link
from lkmr_auth.domain.statement import Kind, Statement, signing_key
from lkmr_auth.domain.verification import Verification
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_auth.usecases.export_journal import export_journal
from lkmr_auth.usecases.keep_journal import keep_journal
from lkmr_auth.usecases.record_acts import record_acts
from lkmr_auth.usecases.verify_journal import verify_journal
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.audit import Act
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

ROWS = 60


class Journal:
    """A journal of 60 rows in six batches, an hour apart, with its witness."""

    def __init__(self, store: Database, keyring: KeyRing, folder: Path, made: TestDatabase) -> None:
        self.store, self.keyring, self.folder, self.made = store, keyring, folder, made
        self.clock = FakeClock()
        self.chain = StoredChain(store, self.clock)
        key = signing_key(base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("="))
        self.witness = FolderWitness(folder, key, 1)
        self.witness.prepare()
        self.archive = FolderArchive(folder / "archive", key)

    async def fill(self, rows: int = 10) -> None:
        def refused(_: object) -> None:
            raise AssertionError

        acts = [
            Reported(
                event_id=uuid.uuid4(),
                source="accreditation",
                act=Act(
                    operation="extract.issued", object=f"workers/7/extracts/{number}",
                    time=self.clock.now(), actor="persons/7", purpose="проверка «ё»",
                ),
            )
            for number in range(rows)
        ]  # fmt: skip
        make = partial(
            StoredUnitOfWork, self.store, self.keyring, clock=self.clock, announcement=refused
        )
        await record_acts(acts, new_uow=make, clock=self.clock)
        await keep_journal(self.chain, self.witness, self.clock)
        self.clock.move(minutes=61)

    async def tamper(self, *statements: str) -> None:
        """As a superuser of the database would, past grants and triggers."""
        connection = await asyncpg.connect(self.made.superuser_url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def rewrite(self, first: int) -> None:
        """Change a row and seal everything after it anew, the head too: a clean new chain."""
        connection = await asyncpg.connect(self.made.superuser_url)
        try:
            await connection.execute("SET session_replication_role = replica")
            rows = await connection.fetch("SELECT * FROM journal_entry ORDER BY seq")
            before = GENESIS
            for row in rows:
                changed = dict(row) | ({"actor": "persons/8"} if row["seq"] == first else {})
                own = link(before, content_of(row["seq"], row["chain_time"], changed))
                await connection.execute(
                    "UPDATE journal_entry SET actor = $2, prev_hash = $3, hash = $4 WHERE seq = $1",
                    row["seq"], changed["actor"], before, own,
                )  # fmt: skip
                before = own
            await connection.execute("UPDATE journal_head SET hash = $1", before)
        finally:
            await connection.close()

    async def check(self) -> Verification:
        return await verify_journal(self.chain, self.archive, self.witness)

    async def independent(self) -> list[int]:
        text = b"".join(
            [
                part
                async for part in export_journal(
                    self.chain, self.archive, self.witness, now=self.clock.now()
                )
            ]
        )
        statements = [json.loads(path.read_text()) for path in sorted(self.folder.glob("*.json"))]
        pem = (self.folder / PUBLIC_KEY).read_bytes()
        return verify(text.decode().splitlines(), pem, statements)


@pytest.fixture
async def journal(
    database: Callable[..., TestDatabase], keyring: KeyRing, tmp_path: Path
) -> AsyncIterator[Journal]:
    made = database("auth")
    async with Database(made.url) as store:
        journal = Journal(store, keyring, tmp_path / "audit", made)
        for _ in range(ROWS // 10):
            await journal.fill()
        yield journal


@pytest.mark.proves("F-248", "F-256")
async def test_a_whole_journal_is_found_whole_by_us_and_by_a_stranger(journal: Journal) -> None:
    found = await journal.check()

    assert (found.flaws, found.rows) == ([], ROWS)
    assert {one.kind for one in found.statements} == {Kind.HEAD, Kind.HOUR, Kind.DAY}
    assert await journal.independent() == []


@pytest.mark.proves("F-258")
@pytest.mark.parametrize(
    ("statements", "kind", "seq"),
    [
        (["UPDATE journal_entry SET reason = 'X' WHERE seq = 17"], "CHANGED", 17),
        (["UPDATE journal_entry SET time = time - interval '1 day' WHERE seq = 1"], "CHANGED", 1),
        (["UPDATE journal_entry SET roles = '{DOCTOR}' WHERE seq = 60"], "CHANGED", 60),
        (["DELETE FROM journal_entry WHERE seq = 30"], "REMOVED", 30),
        (["DELETE FROM journal_entry WHERE seq <= 5"], "REMOVED", 1),
        (["DELETE FROM journal_entry WHERE seq > 55"], "CUT", 56),
        (["DELETE FROM journal_entry"], "CUT", 1),
        (
            [
                "UPDATE journal_entry SET seq = 1000 WHERE seq = 20",
                "UPDATE journal_entry SET seq = 20 WHERE seq = 21",
                "UPDATE journal_entry SET seq = 21 WHERE seq = 1000",
            ],
            "REORDERED",
            20,
        ),
        (
            [
                "DELETE FROM journal_entry WHERE seq = 40",
                "UPDATE journal_entry SET seq = seq - 1 WHERE seq > 40",
            ],
            "REORDERED",
            40,
        ),
    ],
    ids=["field", "time", "roles", "removed", "beginning", "tail", "everything", "swap", "closed"],
)
async def test_what_was_done_to_the_rows_is_found_with_the_first_row_that_is_wrong(
    journal: Journal, statements: list[str], kind: str, seq: int
) -> None:
    await journal.tamper(*statements)

    found = await journal.check()

    assert (found.flaws[0].kind, found.flaws[0].seq) == (kind, seq)
    assert seq in await journal.independent()


async def test_a_tail_cut_together_with_the_head_is_found_by_the_signed_statement(
    journal: Journal,
) -> None:
    await journal.tamper(
        "UPDATE journal_head SET (seq, hash) ="
        " (SELECT seq, hash FROM journal_entry WHERE seq = 52)",
        "DELETE FROM journal_entry WHERE seq > 52",
    )

    found = await journal.check()

    assert [(flaw.kind, flaw.seq) for flaw in found.flaws] == [("CUT", 53)]


async def test_a_chain_that_was_rewritten_whole_is_found_between_two_statements(
    journal: Journal,
) -> None:
    await journal.rewrite(33)

    found = await journal.check()

    assert {flaw.kind for flaw in found.flaws} == {"REWRITTEN"}
    assert found.flaws[0].seq == 31  # row 30 is the last one that a statement still confirms


async def test_a_statement_of_another_key_is_told_and_not_believed(journal: Journal) -> None:
    other = signing_key(secrets.token_urlsafe(32))
    forged = Statement.sign(Kind.HOUR, await journal.chain.head(), journal.clock.now(), other)
    (journal.folder / "hour-2030-01-01T00.json").write_text(json.dumps(forged.to_json()))
    (journal.folder / "hour-2030-01-01T01.json").write_text("{}")

    found = await journal.check()

    assert [flaw.kind for flaw in found.flaws] == ["FORGED", "FORGED"]


async def test_checking_beside_writers_finds_nothing_wrong(journal: Journal) -> None:
    class Meanwhile(StoredChain):
        async def head(self) -> Head:
            seen = await super().head()
            await journal.fill()
            return seen

    chain = Meanwhile(journal.store, journal.clock)
    found = await verify_journal(chain, journal.archive, journal.witness)

    assert (found.flaws, found.rows) == ([], ROWS)
    assert (await journal.check()).rows == ROWS + 10


async def test_the_digest_of_an_hour_is_written_once_and_never_again(journal: Journal) -> None:
    before = {path.name: path.read_bytes() for path in journal.folder.glob("hour-*.json")}
    journal.clock.moment -= timedelta(minutes=61)
    again = FolderWitness(journal.folder, signing_key(secrets.token_urlsafe(32)), 2)
    again.note(await journal.chain.head(), journal.clock.now())

    assert {path.name: path.read_bytes() for path in journal.folder.glob("hour-*.json")} == before
    assert len(before) == ROWS // 10
