"""The chain over a real database: without gaps, in order, once, also with two instances at work."""

import asyncio
import hashlib
import json
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC

import asyncpg
import pytest

from lkmr_auth.domain.journal import Reported
from lkmr_auth.messaging.handlers import ActIntake
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_auth.usecases.record_acts import record_acts
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.audit import Act
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.partitions import ensure_months

CLOCK = FakeClock()


@pytest.fixture
def fresh(database: Callable[..., TestDatabase]) -> TestDatabase:
    return database("auth")


@pytest.fixture
async def store(fresh: TestDatabase) -> AsyncIterator[Database]:
    async with Database(fresh.url) as opened:
        yield opened


def new_uow(store: Database, keyring: KeyRing) -> Callable[[], StoredUnitOfWork]:
    def refused(_: object) -> None:
        raise AssertionError

    return lambda: StoredUnitOfWork(store, keyring, clock=CLOCK, announcement=refused)  # type: ignore[arg-type,return-value]


def reported(number: int) -> Reported:
    act = Act(
        operation="extract.issued", object=f"workers/7/extracts/{number}", time=CLOCK.now(),
        actor="persons/7", roles=("DOCTOR", "HR"), basis="приказ 5",
    )  # fmt: skip
    return Reported(event_id=uuid.UUID(int=number + 1), source="accreditation", act=act)


async def test_many_reports_repeated_and_two_chains_at_once_make_one_chain_without_gaps(
    store: Database, keyring: KeyRing
) -> None:
    make = new_uow(store, keyring)
    intake = ActIntake(lambda acts: record_acts(acts, new_uow=make, clock=CLOCK))
    chains = [StoredChain(store, CLOCK), StoredChain(store, CLOCK)]
    stop = asyncio.Event()

    async def work(chain: StoredChain) -> None:
        while not stop.is_set():
            await chain.advance()
            await asyncio.sleep(0)

    workers = [asyncio.create_task(work(chain)) for chain in chains]
    await asyncio.gather(*(intake.take(reported(number % 1500)) for number in range(3000)))
    stop.set()
    await asyncio.gather(*workers)
    await chains[0].advance()

    rows = await store.pool.fetch("SELECT seq, event_id, prev_hash, hash FROM journal_entry")
    rows.sort(key=lambda row: row["seq"])
    assert [row["seq"] for row in rows] == list(range(1, 1501))
    assert len({row["event_id"] for row in rows}) == 1500
    assert [row["prev_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]
    assert await store.pool.fetchval("SELECT count(*) FROM journal_pending") == 0
    head = await store.pool.fetchrow("SELECT seq, hash FROM journal_head")
    assert (head["seq"], head["hash"]) == (1500, rows[-1]["hash"])


async def test_the_hash_follows_from_the_documented_form_alone(
    store: Database, keyring: KeyRing
) -> None:
    await record_acts([reported(1)], new_uow=new_uow(store, keyring), clock=CLOCK)
    await StoredChain(store, CLOCK).advance()

    row = await store.pool.fetchrow("SELECT * FROM journal_entry")
    times = [row[name].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
             for name in ("chain_time", "time")]  # fmt: skip
    rest = ["actor", "on_behalf_of", "roles", "organization", "operation", "object", "subject",
            "result", "reason", "purpose", "basis", "session", "trace_id"]  # fmt: skip
    content = [row["seq"], *times, str(row["event_id"]), row["source"],
               *(row[name] for name in rest), None, row["device"]]  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    assert row["hash"] == hashlib.sha256(b"\0" + bytes(32) + text.encode()).digest()


async def test_rows_lie_in_the_month_of_their_chaining_and_nobody_changes_a_month(
    store: Database, keyring: KeyRing, fresh: TestDatabase
) -> None:
    await ensure_months(store, ("journal_entry",), CLOCK.now())
    await record_acts([reported(1)], new_uow=new_uow(store, keyring), clock=CLOCK)
    await StoredChain(store, CLOCK).advance()

    month = f"months.journal_entry_{CLOCK.now():%Y_%m}"
    owner = await asyncpg.connect(fresh.owner_url)
    try:
        assert await owner.fetchval(f"SELECT count(*) FROM {month}") == 1  # noqa: S608 - a name made here
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute(f"DELETE FROM {month}")  # noqa: S608 - a name made here
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute(f"UPDATE {month} SET reason = 'X'")  # noqa: S608 - a name made here
    finally:
        await owner.close()
    for table in (month, "months.journal_entry_rest"):
        for verb in ("DELETE FROM", "TRUNCATE", "SELECT 1 FROM"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await store.pool.execute(f"{verb} {table}")


async def test_rows_of_an_older_release_are_chained_too(store: Database) -> None:
    await store.pool.execute(
        "INSERT INTO audit_entry (event_id, source, time, actor, on_behalf_of, roles, organization,"
        " operation, object, result, reason, purpose, basis, session, trace_id, device)"
        " VALUES (gen_random_uuid(), 'auth', '2026-01-01', 'persons/1', '', '{DOCTOR}', '',"
        " 'session.start', 'persons/1/sessions/2', 'ALLOWED', '', '', '', '', '', '')"
    )

    await StoredChain(store, CLOCK).advance()

    row = await store.pool.fetchrow("SELECT subject, operation FROM journal_entry")
    assert tuple(row) == ("persons/1", "session.start")
