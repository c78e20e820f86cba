from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from lkmr_accreditation.domain.accreditation import Organization
from lkmr_accreditation.domain.errors import CursorUnknown
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.tables import metadata
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.ports import CardBatch
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_accreditation.usecases.sync_register import sync_register
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database

from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]


async def stored(new_uow: NewUow, card: Any) -> None:
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()


async def outbox_subjects(store: Database) -> list[str]:
    rows = await store.pool.fetch("SELECT subject FROM outbox ORDER BY id")
    return [row["subject"].rpartition("v1.")[2] for row in rows]


async def test_the_database_is_as_the_code_describes_it(database: Any) -> None:
    engine = create_async_engine(
        database("accreditation").owner_url.replace("postgresql://", "postgresql+asyncpg://")
    )
    async with engine.connect() as connection:
        drift = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    await engine.dispose()

    assert drift == []


async def test_the_first_card_is_stored_in_silence_and_each_later_change_is_announced_once(
    new_uow: NewUow, store: Database
) -> None:
    first = a_card(an_entry())
    await stored(new_uow, first)
    assert await outbox_subjects(store) == []

    added = a_card(an_entry(), an_entry("77 2"), worker=first.worker, version=2)
    await stored(new_uow, added)
    await stored(new_uow, added)
    annulled = a_card(an_entry(annulled=True), worker=first.worker, version=3)
    await stored(new_uow, annulled)

    assert await outbox_subjects(store) == [
        "accreditation.recorded",
        *["accreditation.annulled"] * 2,
    ]


async def test_an_older_card_never_replaces_a_newer_one(new_uow: NewUow, store: Database) -> None:
    newer = a_card(an_entry(specialty="кардиология"), version=5)
    await stored(new_uow, newer)

    await stored(new_uow, a_card(an_entry(), worker=newer.worker, version=4))

    found = await PostgresReader(store).find_worker(newer.worker)
    assert found is not None
    assert [one.entry.specialty for one in found.entries] == ["кардиология"]


async def test_a_changed_entry_keeps_its_earlier_version(new_uow: NewUow, store: Database) -> None:
    first = a_card(an_entry())
    await stored(new_uow, first)
    changed = an_entry(expire_date=date(2029, 1, 1))
    await stored(new_uow, a_card(changed, worker=first.worker, version=2))

    found = await PostgresReader(store).find_worker(first.worker)
    assert found is not None
    async with new_uow() as uow:
        history = await uow.workers.history_of(first.worker, found.entries[0].id)

    assert found.entries[0].entry == changed
    assert found.entries[0].version == 2
    assert [old.entry for old in history] == [an_entry()]


async def test_an_entry_that_the_register_no_longer_shows_can_come_back(
    new_uow: NewUow, store: Database
) -> None:
    first = a_card(an_entry())
    await stored(new_uow, first)
    await stored(new_uow, a_card(worker=first.worker, version=2))
    gone = await PostgresReader(store).find_worker(first.worker)

    await stored(new_uow, a_card(an_entry(), worker=first.worker, version=3))

    back = await PostgresReader(store).find_worker(first.worker)
    assert gone is not None
    assert gone.entries == ()
    assert back is not None
    assert [one.version for one in back.entries] == [3]


async def test_no_personal_fact_lies_open_in_the_database(new_uow: NewUow, store: Database) -> None:
    card = a_card(an_entry(), name="Приметная")
    await stored(new_uow, card)

    row = await store.pool.fetchrow("SELECT w::text AS whole, w.personal FROM worker w")

    whole = row["whole"] + row["personal"].decode("latin-1")
    assert "Приметная" not in whole
    assert "Приметная".encode().hex() not in whole
    assert "90000103798" not in whole
    async with new_uow() as uow:
        assert (await uow.workers.personal_of(card.worker)).family_name == "Приметная"


class FakeRegister:
    def __init__(self, *batches: CardBatch) -> None:
        self.batches, self.asked = batches, []

    async def get_card(self, worker: str, *, background: bool = False, min_version: int = 0) -> Any:
        raise NotImplementedError

    async def stream(self, cursor: str) -> Any:
        self.asked.append(cursor)
        for batch in self.batches:
            if batch.cursor > cursor:
                yield batch


async def test_the_load_goes_on_where_it_was_interrupted(
    new_uow: NewUow, store: Database, clock: FakeClock
) -> None:
    batches = [
        CardBatch([a_card(an_entry()) for _ in range(3)], f"c{number}", 6) for number in (1, 2)
    ]
    await sync_register(register=FakeRegister(batches[0]), new_uow=new_uow, clock=clock)

    register = FakeRegister(*batches)
    state = await sync_register(register=register, new_uow=new_uow, clock=clock)

    assert register.asked == ["c1"]
    assert (state.loaded, state.total, state.cursor) == (6, 6, "c2")
    assert await store.pool.fetchval("SELECT count(*) FROM worker") == 6
    assert await store.pool.fetchval("SELECT count(*) FROM accreditation") == 6


async def test_a_change_that_the_load_meets_first_is_announced_by_the_load(
    new_uow: NewUow, store: Database, clock: FakeClock
) -> None:
    known = a_card(an_entry())
    await stored(new_uow, known)
    newer = a_card(an_entry(), an_entry("77 2"), worker=known.worker, version=2)

    register = FakeRegister(CardBatch([newer, a_card(an_entry())], "c1", 2))
    await sync_register(register=register, new_uow=new_uow, clock=clock)
    await stored(new_uow, newer)

    assert await outbox_subjects(store) == ["accreditation.recorded"]


async def test_who_was_met_before_the_load_counts_as_loaded(
    new_uow: NewUow, clock: FakeClock
) -> None:
    known = a_card(an_entry())
    await stored(new_uow, known)

    register = FakeRegister(CardBatch([known, a_card(an_entry())], "c1", 2))
    state = await sync_register(register=register, new_uow=new_uow, clock=clock)

    assert (state.loaded, state.total) == (2, 2)


async def test_a_register_that_forgot_the_cursor_is_read_from_the_start(
    new_uow: NewUow, store: Database, clock: FakeClock
) -> None:
    batch = CardBatch([a_card(an_entry())], "c1", 1)
    await sync_register(register=FakeRegister(batch), new_uow=new_uow, clock=clock)

    class Emptied(FakeRegister):
        async def stream(self, cursor: str) -> Any:
            if cursor:
                raise CursorUnknown
            yield batch

    state = await sync_register(register=Emptied(), new_uow=new_uow, clock=clock)
    assert state.cursor == ""
    state = await sync_register(register=Emptied(), new_uow=new_uow, clock=clock)

    assert (state.cursor, state.loaded) == ("c1", 1)


async def test_organisations_that_the_register_ties_to_an_entry_are_kept_with_it(
    new_uow: NewUow, store: Database
) -> None:
    tied = an_entry(organizations=(Organization("1.2.3", "Больница (проба)"),))
    card = a_card(tied)
    await stored(new_uow, card)
    await stored(new_uow, a_card(an_entry(), worker=card.worker, version=2))

    found = await PostgresReader(store).find_worker(card.worker)
    assert found is not None
    async with new_uow() as uow:
        history = await uow.workers.history_of(card.worker, found.entries[0].id)
    assert [old.entry for old in history] == [tied]
    assert found.entries[0].entry.organizations == ()
