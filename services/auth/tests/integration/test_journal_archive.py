"""Months of the journal at hand, in the archive and ended: the chain holds throughout."""

import base64
import gzip
import json
import os
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from independent_verifier import verify

from lkmr_auth.clients.archive import FolderArchive
from lkmr_auth.clients.witness import PUBLIC_KEY, FolderWitness
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.month_statement import MonthKind, MonthStatement
from lkmr_auth.domain.retention import Month, Place, Retention
from lkmr_auth.domain.statement import signing_key
from lkmr_auth.domain.verification import Verification
from lkmr_auth.storage import shipped
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.journal_reader import JournalReader
from lkmr_auth.storage.months import StoredMonths
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_auth.usecases.archive_ports import MonthStays
from lkmr_auth.usecases.export_journal import export_journal
from lkmr_auth.usecases.find_acts import Wanted, find_acts
from lkmr_auth.usecases.keep_journal import keep_journal
from lkmr_auth.usecases.keep_months import MonthParts, keep_months
from lkmr_auth.usecases.record_acts import record_acts
from lkmr_auth.usecases.report_months import report_months
from lkmr_auth.usecases.verify_journal import verify_journal
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.audit import Act
from lkmr_servicekit.clock import MOSCOW, FakeClock, day_in
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.partitions import ensure_months

ROWS = 7
FIRST = Month(2026, 1)
TERMS = Retention(12, 60)


class Years:
    """A journal of 14 months from January 2026, seven rows each, read on 10 February 2027."""

    def __init__(self, store: Database, keyring: KeyRing, folder: Path, made: TestDatabase) -> None:
        self.store, self.keyring, self.folder, self.made = store, keyring, folder, made
        self.clock = FakeClock(datetime(2026, 1, 10, 9, tzinfo=UTC))
        self.chain = StoredChain(store, self.clock)
        key = signing_key(base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("="))
        self.witness, self.archive = (
            FolderWitness(folder, key, 1),
            FolderArchive(folder / "archive", key),
        )
        self.witness.prepare()
        self.terms = TERMS

    @property
    def parts(self) -> MonthParts:
        async def terms() -> Retention:
            return self.terms

        return MonthParts(
            months=StoredMonths(self.store, self.clock),
            chain=self.chain,
            archive=self.archive,
            clock=self.clock,
            terms=terms,
        )

    def go_to(self, month: Month) -> None:
        self.clock.moment = datetime(month.year, month.month, 10, 9, tzinfo=UTC)

    async def fill(self, month: Month, *, prepared: bool = True) -> None:
        self.go_to(month)
        if prepared:
            await ensure_months(self.store, ("journal_entry",), self.clock.now())
        acts = [
            Reported(
                event_id=uuid.uuid4(),
                source="accreditation",
                act=Act(
                    operation="extract.issued", object=f"extracts/{month}-{number}",
                    time=self.clock.now(), actor="persons/7",
                ),
            )
            for number in range(ROWS)
        ]  # fmt: skip

        def refused(_: object) -> None:
            raise AssertionError

        make = partial(
            StoredUnitOfWork, self.store, self.keyring, clock=self.clock, announcement=refused
        )
        await record_acts(acts, new_uow=make, clock=self.clock)
        await keep_journal(self.chain, self.witness, self.clock)

    async def check(self) -> Verification:
        return await verify_journal(self.chain, self.archive, self.witness)

    async def lines(self) -> list[str]:
        text = b"".join(
            [
                part
                async for part in export_journal(
                    self.chain, self.archive, self.witness, now=self.clock.now()
                )
            ]
        )
        return text.decode().splitlines()

    async def independent(self) -> list[int]:
        statements = [json.loads(path.read_text()) for path in sorted(self.folder.glob("*.json"))]
        pem = (self.folder / PUBLIC_KEY).read_bytes()
        return verify(await self.lines(), pem, statements)

    async def places(self) -> dict[str, str]:
        today = day_in(MOSCOW, self.clock.now())
        lines = await report_months(self.parts.months, self.archive, self.terms, today)
        assert not any(one.late for one in lines)
        return {str(one.month): one.place.value for one in lines}

    async def partitions(self) -> set[str]:
        rows = await self.store.pool.fetch(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'journal_entry'::regclass"
        )
        return {row[0] for row in rows}

    def file(self, month: str) -> Path:
        return self.folder / "archive" / f"{month}.jsonl.gz"


@pytest.fixture
async def years(
    database: Callable[..., TestDatabase], keyring: KeyRing, tmp_path: Path
) -> AsyncIterator[Years]:
    made = database("auth")
    async with Database(made.url) as store:
        years = Years(store, keyring, tmp_path / "audit", made)
        for number in range(14):
            await years.fill(FIRST.plus(number))
        yield years


def test_the_terms_come_from_the_policies_that_a_security_administrator_decides() -> None:
    values = shipped.policies().in_force((), datetime(2026, 11, 26, tzinfo=UTC).date())

    assert Retention.of(values) == TERMS
    assert str(TERMS.archive_on(FIRST)) == "2027-02-01"
    assert str(TERMS.end_on(FIRST)) == "2031-02-01"


async def test_a_month_older_than_its_term_goes_into_the_archive_and_the_chain_holds(
    years: Years,
) -> None:
    assert await keep_months(years.parts) == 1
    assert await keep_months(years.parts) == 0
    await years.chain.advance()

    assert await years.places() == {"2026-01": "ARCHIVE"} | {
        str(FIRST.plus(number)): "TABLE" for number in range(1, 14)
    }
    assert "journal_entry_2026_01" not in await years.partitions()
    found = await years.check()
    assert (found.flaws, found.rows) == ([], 14 * ROWS + 1)  # the archiving is an act itself
    assert await years.independent() == []
    rows = gzip.decompress(years.file("2026-01").read_bytes()).decode().splitlines()
    assert rows == (await years.lines())[:ROWS]


async def test_a_month_past_the_whole_term_is_ended_and_what_was_signed_carries_the_chain(
    years: Years,
) -> None:
    await years.fill(Month(2031, 2))

    assert await keep_months(years.parts) == 14 + 1
    await years.chain.advance()

    assert (await years.places())["2026-01"] == Place.ENDED.value
    assert (await years.places())["2026-02"] == Place.ARCHIVE.value
    assert not years.file("2026-01").exists()
    found = await years.check()
    assert found.flaws == []
    assert await years.independent() == []
    assert (await years.lines())[0].startswith("ended ")


async def test_a_reader_is_told_from_which_day_on_rows_are_at_hand(years: Years) -> None:
    reader = JournalReader(years.store, years.keyring)
    assert await reader.archived_before() is None

    await keep_months(years.parts)

    assert str(await reader.archived_before()) == "2026-02-01"


async def test_an_auditor_finds_an_act_of_an_archived_month(years: Years) -> None:
    await keep_months(years.parts)
    wanted = Wanted(object="extracts/2026-01-3", until=datetime(2026, 2, 1, tzinfo=UTC))

    found = [row async for row in find_acts(wanted, years.chain, years.archive)]

    assert [row.seq for row in found] == [4]


@pytest.mark.parametrize("step", ["file", "statement", "busy"])
async def test_a_crash_on_the_way_loses_nothing_and_the_next_round_goes_on(
    years: Years, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(Exception):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as broken:
        if step == "file":
            broken.setattr(FolderArchive, "_state", crash)
        elif step == "statement":
            broken.setattr(StoredMonths, "let_go", crash)
        if step == "busy":
            reader = await asyncpg.connect(years.made.superuser_url)
            async with reader.transaction():
                await reader.fetch("SELECT count(*) FROM journal_entry")
                assert await keep_months(years.parts) == 0
            await reader.close()
        else:
            with pytest.raises(Crash):
                await keep_months(years.parts)

    assert (await years.check()).flaws == []
    assert (await years.check()).rows == 14 * ROWS
    assert await keep_months(years.parts) == 1
    assert (await years.check()).flaws == []
    assert (await years.places())["2026-01"] == Place.ARCHIVE.value


async def test_a_file_cut_by_a_crash_is_written_anew_before_anything_is_dropped(
    years: Years, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as busy:

        async def not_now(*_: object) -> bool:
            return False

        busy.setattr(StoredMonths, "let_go", not_now)
        assert await keep_months(years.parts) == 0
    whole = years.file("2026-01").read_bytes()
    years.file("2026-01").write_bytes(whole[:-40])

    assert await keep_months(years.parts) == 1

    assert years.file("2026-01").read_bytes() == whole
    assert (await years.check()).flaws == []


async def test_a_changed_month_is_not_archived_and_nothing_is_dropped(years: Years) -> None:
    await tamper(years, "UPDATE journal_entry SET actor = 'persons/8' WHERE seq = 3")

    assert await keep_months(years.parts) == 0

    assert "journal_entry_2026_01" in await years.partitions()
    assert [(one.kind, one.seq) for one in (await years.check()).flaws] == [("CHANGED", 3)]


@pytest.mark.parametrize(
    ("harm", "kind", "seq"),
    [
        ("field", "CHANGED", 3),
        ("row", "REMOVED", 5),
        ("cut", "CHANGED", 1),
        ("tail", "CHANGED", 6),
        ("file", "REMOVED", 1),
        ("repacked", "CHANGED", 1),
        ("foreign", "FORGED", 0),
        ("all", "REMOVED", 1),
    ],
)
async def test_what_was_done_to_the_archive_is_found_with_its_file_and_row(
    years: Years, harm: str, kind: str, seq: int
) -> None:
    await keep_months(years.parts)
    path = years.file("2026-01")
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    words = path.with_name("2026-01.json")
    if harm == "field":
        lines[2] = lines[2].replace(b"persons/7", b"persons/8")
    elif harm == "row":
        del lines[4]
    elif harm == "tail":
        del lines[5:]
    if harm in {"field", "row", "tail"}:
        path.write_bytes(gzip.compress(b"".join(lines)))
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    elif harm == "repacked":
        path.write_bytes(gzip.compress(b"".join(lines), compresslevel=1))
    elif harm == "foreign":
        other = signing_key(base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("="))
        said = MonthStatement.read(words.read_bytes())
        forged = said.signed(MonthKind.ENDED, years.clock.now(), other)
        words.write_text(json.dumps(forged.to_json()))
    elif harm == "file":
        path.unlink()
    else:
        path.unlink()
        words.unlink()

    found = (await years.check()).flaws

    assert (found[0].kind, found[0].seq) == (kind, seq)
    if harm != "all":
        assert "2026-01" in found[0].detail


async def test_the_database_lets_no_month_go_that_is_young_foreign_or_not_the_oldest(
    years: Years,
) -> None:
    months = await years.parts.months.list()
    written = {}
    for number in (0, 1, 13):
        one = months[number]
        pages = years.chain.rows(one.before.seq, one.last)
        written[number] = await years.archive.write(one.month, one.before, pages, years.clock.now())

    for number in (1, 13):
        with pytest.raises(MonthStays):
            await years.parts.months.let_go(written[number], years.clock.now())
    for harm in ("DELETE FROM journal_archive", "INSERT INTO journal_archive DEFAULT VALUES"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await years.store.pool.execute(harm)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await years.store.pool.execute("DROP TABLE months.journal_entry_2026_01")
    assert await years.parts.months.let_go(written[0], years.clock.now())

    left = await years.store.pool.fetchrow("SELECT * FROM journal_archive")
    assert (left["last_seq"], bytes(left["sha256"])) == (ROWS, written[0].sha256)


async def test_months_that_were_never_made_leave_the_rest_without_the_others(
    database: Callable[..., TestDatabase], keyring: KeyRing, tmp_path: Path
) -> None:
    made = database("auth")
    async with Database(made.url) as store:
        years = Years(store, keyring, tmp_path / "audit", made)
        for number in (0, 1, 13):
            await years.fill(FIRST.plus(number), prepared=False)

        assert await keep_months(years.parts) == 1

        assert list((await years.places()).items())[:2] == [
            ("2026-01", "ARCHIVE"),
            ("2026-02", "TABLE"),
        ]
        await years.chain.advance()
        assert (await years.check()).flaws == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await store.pool.execute("SELECT FROM months.journal_entry_rest")


async def test_a_clock_that_is_late_never_cuts_a_month_out_of_the_order_of_the_chain(
    years: Years,
) -> None:
    years.go_to(Month(2026, 5))
    await years.fill(Month(2026, 5))

    months = await years.parts.months.list()

    assert [one.month for one in months] == [FIRST.plus(number) for number in range(14)]
    assert months[-1].last == 15 * ROWS


async def tamper(years: Years, statement: str) -> None:
    """As a superuser of the database would, past grants and triggers."""
    connection = await asyncpg.connect(years.made.superuser_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(statement)
    finally:
        await connection.close()
