"""What the owner of the entries is shown: each computed state, in the list and in the detail."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from lkmr_accreditation.domain.accreditation import State
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.list_accreditations import Page, Query, list_accreditations
from lkmr_accreditation.usecases.read_accreditation import read_accreditation
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

from ..application_builders import World, a_world, unchanged
from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
TODAY = NOON.date()
ENTRIES = {
    "терапия": an_entry("1", expire_date=TODAY + timedelta(days=150)),
    "кардиология": an_entry("2", specialty="кардиология", expire_date=TODAY + timedelta(days=400)),
    "хирургия": an_entry("3", specialty="хирургия", expire_date=TODAY + timedelta(days=30)),
    "урология": an_entry("4", specialty="урология", expire_date=TODAY - timedelta(days=1)),
    "неврология": an_entry(
        "5", specialty="неврология", record_date=date(2020, 6, 1), expire_date=date(2025, 6, 1)
    ),
    "онкология": an_entry("6", specialty="онкология", annulled=True),
    "педиатрия": an_entry("7", specialty="педиатрия", record_date=None, expire_date=None),
}


@pytest.fixture
async def world(store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock) -> World:
    card = a_card(*ENTRIES.values())
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    return a_world(store, keys, new_uow, clock, card.worker)


async def page(world: World, store: Database, **asked: object) -> Page:
    return await list_accreditations(
        world.worker,
        Query(**asked),  # type: ignore[arg-type]
        reader=PostgresReader(store),
        refresh=unchanged,
        law=world.parts.book.registry.law,
        clock=world.clock,
    )


async def states(world: World, store: Database) -> dict[str, str]:
    found = await page(world, store)
    return {item.entry.specialty: term.state.value for item, term in found.items}


@pytest.mark.proves("F-029")
async def test_each_computed_state_is_shown_to_the_owner(world: World, store: Database) -> None:
    before = await states(world, store)
    draft = await world.create()
    with_draft = await states(world, store)
    await world.act(draft, "DELETE")
    sent = await world.submitted()
    after = await states(world, store)

    assert before == {
        "терапия": "EXPIRING",
        "кардиология": "ACTIVE",
        "хирургия": "EXPIRING",
        "урология": "EXPIRED",
        "неврология": "EXTENDED",
        "онкология": "ANNULLED",
        "педиатрия": "NOT_ADMITTED_YET",
    }
    assert with_draft == before  # a draft renews nothing
    assert after == before | {"терапия": "IN_RENEWAL"}
    assert set(after.values()) == {state.value for state in State}
    renewed = await page(world, store, states=frozenset({"IN_RENEWAL"}))
    assert [item.entry.registry_number for item, _ in renewed.items] == ["1"]
    await world.act(sent, "WITHDRAW")
    assert await states(world, store) == before


@pytest.mark.proves("F-029")
async def test_a_renewal_on_its_way_and_stale_data_are_shown_in_the_detail_too(
    world: World, store: Database, new_uow: NewUow
) -> None:
    await world.submitted()
    (item,) = [
        one for one, _ in (await page(world, store)).items if one.entry.specialty == "терапия"
    ]
    world.clock.move(hours=25)

    detail = await read_accreditation(
        world.worker,
        item.id,
        reader=PostgresReader(store),
        refresh=unchanged,
        new_uow=new_uow,
        law=world.parts.book.registry.law,
        clock=world.clock,
    )

    assert (detail.term.state, detail.stale) == (State.IN_RENEWAL, True)
