"""Drafts over PostgreSQL: sealed, one for a form, few for a person."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from auth_fakes import World
from auth_samples import DOCTOR
from stored_people import raw_bytes, stored_person

from lkmr_auth.domain.draft import LIFE, MAX_DRAFTS, Draft
from lkmr_auth.domain.person import Person
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

pytestmark = pytest.mark.servers
FORM = "/applications/1/sections/address"


@pytest.fixture
async def owner(world: World) -> Person:
    return await stored_person(world, DOCTOR)


async def keep(world: World, owner: Person, form: str = FORM, **fields: str) -> None:
    draft = Draft(
        person_id=owner.id,
        form=form,
        page="/applications/1",
        fields=Personal(fields or {"street": "Садовая"}),
        update_time=world.clock.now(),
    )
    async with world.new_uow() as uow:
        await uow.drafts.save(draft, keep=MAX_DRAFTS)
        await uow.commit()


async def held(world: World, owner: Person, since: timedelta = LIFE) -> list[Draft]:
    async with world.new_uow() as uow:
        return list(await uow.drafts.list(owner.id, world.clock.now() - since))


async def test_a_draft_comes_back_as_it_was_typed_and_is_sealed(
    world: World, store: Database, owner: Person
) -> None:
    await keep(world, owner, street="Садовая, 5", flat="")
    world.clock.move(minutes=1)
    await keep(world, owner, street="Лесная, 7", flat="12")

    (draft,) = await held(world, owner)

    assert draft.fields.open() == {"street": "Лесная, 7", "flat": "12"}
    assert (draft.page, draft.update_time) == ("/applications/1", world.clock.now())
    raw = await raw_bytes(store, "SELECT * FROM draft WHERE person_id = :id", id=owner.id)
    assert "Лесная".encode() not in raw


async def test_a_person_keeps_the_newest_ones_and_nobody_elses(world: World, owner: Person) -> None:
    other = await stored_person(world, DOCTOR)
    await keep(world, other)
    for number in range(MAX_DRAFTS + 3):
        world.clock.move(seconds=1)
        await keep(world, owner, form=f"/form/{number}")

    forms = [one.form for one in await held(world, owner)]

    assert forms == [f"/form/{number}" for number in range(MAX_DRAFTS + 2, 2, -1)]
    assert len(await held(world, other)) == 1


async def test_forms_kept_side_by_side_are_all_there(world: World, owner: Person) -> None:
    saved = [keep(world, owner, form=f"/form/{number % 4}") for number in range(20)]

    await asyncio.gather(*saved)

    assert {one.form for one in await held(world, owner)} == {f"/form/{one}" for one in range(4)}


async def test_a_sent_form_and_an_old_draft_are_gone(
    world: World, store: Database, owner: Person
) -> None:
    await keep(world, owner)
    await keep(world, owner, form="/sent")
    async with world.new_uow() as uow:
        await uow.drafts.drop(owner.id, "/sent")
        await uow.commit()
    assert [one.form for one in await held(world, owner)] == [FORM]

    world.clock.move(hours=24 * 7 + 1)

    assert await held(world, owner) == [], "it is not shown, swept or not"
    async with world.new_uow() as uow:
        await uow.cleaner.sweep(world.clock.now(), timedelta(minutes=15))
        await uow.commit()
    async with store.engine.connect() as connection:
        left = sa.text("SELECT count(*) FROM draft WHERE person_id = :id")
        assert (await connection.execute(left, {"id": owner.id})).scalar_one() == 0


async def test_a_draft_moved_to_another_form_does_not_open(
    world: World, store: Database, owner: Person, keyring: KeyRing
) -> None:
    await keep(world, owner)
    async with store.engine.begin() as connection:
        moved = sa.text("UPDATE draft SET form = '/other' WHERE person_id = :id")
        await connection.execute(moved, {"id": owner.id})

    with pytest.raises(ServiceError, match="STORED_DATA_DAMAGED"):
        await held(world, owner)
