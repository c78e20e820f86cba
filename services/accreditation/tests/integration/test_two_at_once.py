"""Two transactions about one worker at the same moment: neither fails, nothing newer is lost."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from lkmr_accreditation.domain.hours import Statement
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.ports import CardBatch
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_accreditation.usecases.sync_register import sync_register
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database

from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]


async def behind_a_lock(store: Database) -> None:
    """Until some transaction waits for another one."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not await store.pool.fetchval(asked):
            await asyncio.sleep(0.01)


async def test_a_newer_card_that_comes_while_the_first_is_being_stored_is_kept_and_announced(
    new_uow: NewUow, store: Database
) -> None:
    first = a_card(an_entry())
    newer = a_card(an_entry(), an_entry("77 2"), worker=first.worker, version=2)

    async def second() -> None:
        async with new_uow() as uow:
            await store_card(newer, now=NOON, uow=uow)
            await uow.commit()

    async with new_uow() as uow:
        await store_card(first, now=NOON, uow=uow)
        waiting = asyncio.create_task(second())
        await behind_a_lock(store)
        await uow.commit()
    await waiting

    found = await PostgresReader(store).find_worker(first.worker)
    assert found is not None
    assert (found.register_version, len(found.entries)) == (2, 2)
    subjects = await store.pool.fetch("SELECT subject FROM outbox")
    assert [row["subject"].rpartition("v1.")[2] for row in subjects] == ["accreditation.recorded"]


async def test_a_load_that_meets_a_worker_who_has_just_come_in_takes_all_others(
    new_uow: NewUow, store: Database
) -> None:
    came, others = a_card(an_entry()), [a_card(an_entry(f"77 {n}")) for n in range(3)]
    register = PlayedRegister(CardBatch([*others, came], "1", 4))

    async with new_uow() as uow:
        await store_card(came, now=NOON, uow=uow)
        load = asyncio.create_task(
            sync_register(register=register, new_uow=new_uow, clock=FakeClock())
        )
        await behind_a_lock(store)
        await uow.commit()
    state = await load

    assert (state.cursor, state.loaded) == ("1", 4)
    assert await store.pool.fetchval("SELECT count(*) FROM worker") == 4


class PlayedRegister:
    """Gives one portion."""

    def __init__(self, batch: CardBatch) -> None:
        self.batch = batch

    async def get_card(self, worker: str, *, background: bool = False, min_version: int = 0) -> Any:
        raise NotImplementedError

    async def stream(self, cursor: str) -> Any:
        yield self.batch


def hours_until(end: date) -> list[Statement]:
    return [Statement(specialty="кардиология", start=date(2026, 1, 1), end=end)]


async def kept_ends(new_uow: NewUow, worker: str) -> list[date]:
    async with new_uow() as uow:
        (loaded,) = await uow.compliance.load([worker])
    return [one.end for one in loaded.hours.values()]


async def test_hours_that_two_ask_for_at_once_are_kept_once_and_the_later_ones_stay(
    new_uow: NewUow, store: Database
) -> None:
    card = a_card(an_entry())
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    later, earlier = date(2031, 2, 2), date(2031, 1, 1)

    async def keep(end: date, asked: Any) -> bool:
        async with new_uow() as uow:
            kept = await uow.compliance.keep_hours(card.worker, hours_until(end), asked)
            await uow.commit()
        return kept

    async with new_uow() as uow:
        assert await uow.compliance.keep_hours(card.worker, hours_until(later), NOON)
        waiting = asyncio.create_task(keep(earlier, NOON - timedelta(seconds=1)))
        await behind_a_lock(store)
        await uow.commit()

    assert not await waiting
    assert await kept_ends(new_uow, card.worker) == [later]
    assert await keep(earlier, NOON + timedelta(seconds=1))
    assert await kept_ends(new_uow, card.worker) == [earlier]
