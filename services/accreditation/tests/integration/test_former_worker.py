"""After the last job own unfinished applications stay open for the days of the norm."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest

from lkmr_accreditation.domain.errors import FormerTermOver
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.former_worker import check_former
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

from ..application_builders import World, a_worker, a_world
from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]


@pytest.fixture
def world_of(
    store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock
) -> Callable[..., Awaitable[World]]:
    async def made(*, end_date: date | None, jobs: bool = True) -> World:
        card = a_card(an_entry())
        ended = tuple(replace(one, end_date=end_date) for one in card.jobs)
        card = replace(card, jobs=ended if jobs else ())
        async with new_uow() as uow:
            await store_card(card, now=NOON, uow=uow)
            await uow.commit()
        return a_world(store, keys, new_uow, clock, card.worker)

    return made


async def check(world: World, *, roles: tuple[str, ...] = ()) -> None:
    await check_former(replace(a_worker(world.worker), roles=roles), world.worker, world.parts)


async def test_thirty_days_after_the_last_day_are_open_and_the_next_is_not(
    world_of: Callable[..., Awaitable[World]], clock: FakeClock
) -> None:
    world = await world_of(end_date=date(2026, 11, 1))

    clock.moment = clock.moment.replace(day=30)
    await check(world)
    clock.move(days=2)
    with pytest.raises(FormerTermOver) as refusal:
        await check(world)

    assert refusal.value.metadata == {"limit_date": "01.12.2026"}
    await check(world, roles=("DOCTOR",))


async def test_a_job_that_lasts_sets_no_term_and_without_any_nothing_is_open(
    world_of: Callable[..., Awaitable[World]],
) -> None:
    await check(await world_of(end_date=None))
    with pytest.raises(FormerTermOver):
        await check(await world_of(end_date=None, jobs=False))
