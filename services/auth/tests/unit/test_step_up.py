from datetime import timedelta

import pytest
from auth_fakes import World
from auth_steps import NO_PASSWORD, PASSWORD, assurance, sign_in, signed_in

from lkmr_auth.domain.password import wait_after
from lkmr_auth.domain.session import State, hash_of
from lkmr_auth.domain.sign_in import SessionStep
from lkmr_auth.usecases.step_up import confirm_step_up, get_step_up, start_step_up
from lkmr_auth.usecases.unlock_codes import unlock_codes
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal


async def confirm(
    world: World, session: bytes, code: str = "", password: Personal[str] = NO_PASSWORD
) -> SessionStep:
    return await confirm_step_up(
        session, code or world.sender.last_digits, password, parts=await world.identity()
    )


async def refused(
    world: World, session: bytes, code: str = "", password: Personal[str] = NO_PASSWORD
) -> ServiceError:
    with pytest.raises(ServiceError) as refusal:
        await confirm(world, session, code, password)
    return refusal.value


async def test_a_fresh_second_factor_proves_the_session_for_five_minutes_under_a_new_id() -> None:
    world, session = await signed_in()
    assert await assurance(world, session) == "SIGNED_IN"
    await start_step_up(session, parts=await world.identity())

    step = await confirm(world, session)

    renewed = hash_of(step.session_cookie)
    assert renewed != session
    assert await assurance(world, renewed) == "STEPPED_UP"
    states = [one.state for one in world.store.sessions.values()]
    assert states == [State.ROTATED, State.ACTIVE]
    world.clock.move(minutes=4, seconds=59)
    assert await assurance(world, renewed) == "STEPPED_UP"
    world.clock.move(seconds=1)
    assert await assurance(world, renewed) == "SIGNED_IN"


async def test_the_old_id_is_not_proven_and_its_late_use_ends_the_family() -> None:
    world, session = await signed_in()
    await start_step_up(session, parts=await world.identity())
    step = await confirm(world, session)

    assert await assurance(world, session) == "SIGNED_IN"
    world.clock.move(seconds=31)
    for used in (session, hash_of(step.session_cookie)):
        with pytest.raises(ServiceError, match="SESSION_REVOKED"):
            await assurance(world, used)


async def test_a_password_that_was_set_is_asked_for_beside_the_code() -> None:
    world, session = await signed_in(password=True)
    started = await start_step_up(session, parts=await world.identity())
    assert started.password_required

    assert (await refused(world, session)).reason == "CABINET_PASSWORD_WRONG"
    assert (await refused(world, session, password=Personal("x"))).reason == (
        "CABINET_PASSWORD_WRONG"
    )
    await confirm(world, session, password=PASSWORD)
    (held,) = world.store.passwords.values()
    assert held.tries == 0


async def test_after_five_wrong_passwords_the_right_one_has_to_wait_too() -> None:
    world, session = await signed_in(password=True)
    await start_step_up(session, parts=await world.identity())
    for _ in range(5):
        await refused(world, session, password=Personal("wrong"))

    waiting = await refused(world, session, password=PASSWORD)

    assert (waiting.reason, waiting.metadata["seconds"]) == ("CABINET_PASSWORD_WAIT", "60")
    world.clock.move(seconds=61)
    await confirm(world, session, password=PASSWORD)


def test_waits_grow_to_an_hour_and_never_for_ever() -> None:
    minutes = [wait_after(tries) // timedelta(minutes=1) for tries in range(13)]

    assert minutes == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert wait_after(10**6) == timedelta(hours=1)


async def test_a_code_is_good_once_and_only_for_what_it_was_sent() -> None:
    world, session = await signed_in()
    assert (await refused(world, session, "123456")).reason == "CODE_NOT_SENT"
    await start_step_up(session, parts=await world.identity())
    step = await confirm(world, session)
    renewed = hash_of(step.session_cookie)

    assert (await refused(world, renewed)).reason == "CODE_NOT_SENT"
    world.esia.second_factor = False
    world.clock.move(seconds=1)
    await sign_in(world)
    assert (await refused(world, renewed)).reason == "CODE_REPLACED"


async def test_three_wrong_codes_lock_the_person_and_end_every_session() -> None:
    world, session = await signed_in()
    other = await sign_in(world)
    assert isinstance(other, SessionStep)
    await start_step_up(session, parts=await world.identity())
    wrong = f"{(int(world.sender.last_digits) + 1) % 1_000_000:06d}"

    reasons = [(await refused(world, session, wrong)).reason for _ in range(3)]

    assert reasons == ["CODE_WRONG", "CODE_WRONG", "CODE_BLOCKED"]
    assert {one.state for one in world.store.sessions.values()} == {State.ENDED}
    assert (await refused(world, session)).reason == "SESSION_REVOKED"
    (person,) = world.store.people.values()
    await unlock_codes(person.account_number, new_uow=world.store, clock=world.clock)
    assert {one.state for one in world.store.sessions.values()} == {State.ENDED}


async def test_every_proof_and_every_refusal_is_journalled() -> None:
    world, session = await signed_in()
    await start_step_up(session, parts=await world.identity())
    await refused(world, session, "12")
    await confirm(world, session)

    notes = [
        (entry.result.value, entry.reason)
        for entry, _ in world.store.journal
        if entry.operation == "session.step_up"
    ]
    assert notes == [("DENIED", "CODE_INCOMPLETE"), ("ALLOWED", "CODE")]


async def test_a_code_on_its_way_is_shown_again_and_not_sent_twice() -> None:
    world, session = await signed_in()
    first = await start_step_up(session, parts=await world.identity())

    again = await start_step_up(session, parts=await world.identity())
    seen = await get_step_up(session, parts=await world.identity())

    assert len(world.sender.sent) == 1
    assert first.code == again.code == seen.code
