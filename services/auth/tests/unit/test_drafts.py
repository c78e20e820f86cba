"""What was typed is kept per form, through the end of a session, for seven days."""

from datetime import timedelta

import pytest
from auth_fakes import World
from auth_samples import DOCTOR
from auth_steps import signed_in

from lkmr_auth.domain.draft import LIFE, MAX_DRAFTS
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import EndReason
from lkmr_auth.usecases.keep_drafts import drop_draft, list_drafts, save_draft, save_lost_form
from lkmr_servicekit.errors import ServiceError

FORM, PAGE = "/education/plan", "/education/plan?year=2026"


async def save(world: World, owner: PersonId, form: str = FORM, **fields: str) -> None:
    given = fields or {"title": "Курс"}
    await save_draft(owner, form, PAGE, given, new_uow=world.store, clock=world.clock)


async def kept(world: World, owner: PersonId) -> dict[str, dict[str, str]]:
    found = await list_drafts(owner, new_uow=world.store, clock=world.clock)
    return {one.form: dict(one.fields.open()) for one in found}


async def test_the_last_text_of_a_form_is_kept_for_its_owner_alone() -> None:
    world = World()
    owner, other = world.store.person(DOCTOR).id, world.store.person(DOCTOR).id
    await save(world, owner, title="К")
    await save(world, owner, title="Курс")

    assert await kept(world, owner) == {FORM: {"title": "Курс"}}
    assert await kept(world, other) == {}
    await drop_draft(other, FORM, new_uow=world.store)
    assert await kept(world, owner)
    await drop_draft(owner, FORM, new_uow=world.store)
    assert await kept(world, owner) == {}


async def test_drafts_end_after_seven_days_and_the_oldest_beyond_twenty_go() -> None:
    world = World()
    owner = world.store.person(DOCTOR).id
    for number in range(MAX_DRAFTS + 1):
        await save(world, owner, f"/form/{number}")
        world.clock.move(seconds=1)

    assert "/form/0" not in await kept(world, owner)
    assert len(await kept(world, owner)) == MAX_DRAFTS
    world.clock.move(seconds=int(LIFE.total_seconds()))
    assert await kept(world, owner) == {}


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("education", {"a": "b"}),
        ("/" + "a" * 200, {"a": "b"}),
        ("/a\x00", {"a": "b"}),
        ("/a", {}),
        ("/a", {"a": "b" * 16_001}),
        ("/a", {str(number): "b" for number in range(61)}),
    ],
)
async def test_what_is_no_draft(form: str, fields: dict[str, str]) -> None:
    world = World()
    with pytest.raises(ServiceError, match="DRAFT_INVALID"):
        await save_draft(
            world.store.person(DOCTOR).id,
            form,
            PAGE,
            fields,
            new_uow=world.store,
            clock=world.clock,
        )


async def test_a_form_that_comes_after_the_end_of_its_session_is_kept() -> None:
    world, session = await signed_in()
    (opened,) = world.store.sessions.values()
    async with world.store() as uow:
        await uow.sessions.end_all(opened.person_id, EndReason.ENDED_BY_ADMIN, world.clock.now())
        await uow.commit()

    async def lose(secret_hash: bytes) -> None:
        await save_lost_form(
            secret_hash, FORM, PAGE, {"title": "Курс"}, new_uow=world.store, clock=world.clock
        )

    await lose(session)

    assert await kept(world, opened.person_id) == {FORM: {"title": "Курс"}}
    with pytest.raises(ServiceError, match="SESSION_UNKNOWN"):
        await lose(b"another")
    world.clock.move(seconds=int(timedelta(hours=13).total_seconds()))
    with pytest.raises(ServiceError, match="SESSION_UNKNOWN"):
        await lose(session)
