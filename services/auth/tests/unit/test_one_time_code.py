from dataclasses import replace

import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, HOSPITAL, HOSPITAL_DOCTOR, a_check
from auth_steps import sign_in

from lkmr_auth.domain.code import digits_typed
from lkmr_auth.domain.errors import CodeNotDelivered
from lkmr_auth.domain.person import AccountState, Contacts, masked_phone
from lkmr_auth.domain.sign_in import ActivationStep, CodeStep, ProfileStep, SessionStep
from lkmr_auth.usecases.get_sign_in import get_sign_in
from lkmr_auth.usecases.resend_code import resend_code
from lkmr_auth.usecases.submit_code import submit_code
from lkmr_auth.usecases.unlock_codes import unlock_codes
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal


def single_factor(*bindings: object) -> World:
    world = World()
    world.store.person(*(bindings or (DOCTOR,)))  # type: ignore[arg-type]
    world.esia.second_factor = False
    return world


async def code_step(world: World) -> CodeStep:
    step = await sign_in(world)
    assert isinstance(step, CodeStep)
    return step


def wrong(world: World, by: int = 1) -> str:
    return f"{(int(world.sender.last_digits) + by) % 1_000_000:06d}"


async def refused(world: World, cookie: str, digits: str) -> ServiceError:
    with pytest.raises(ServiceError) as refusal:
        await submit_code(cookie, digits, parts=world.sign_in)
    return refusal.value


async def test_without_a_second_factor_at_esia_the_cabinet_sends_its_own_code() -> None:
    world = single_factor()

    step = await code_step(world)

    assert world.sender.sent[0][0] == "+79000000001"
    assert step.phone_masked == "+7 900 ***-**-01"
    assert step.attempts_left == 3
    assert (step.expire_time - world.clock.now()).total_seconds() == 300
    assert (step.resend_time - world.clock.now()).total_seconds() == 60
    assert not world.store.sessions
    opened = await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)
    assert isinstance(opened, SessionStep)
    assert not world.store.waiting


async def test_the_digits_are_stored_nowhere() -> None:
    world = single_factor()
    await code_step(world)

    (code,) = world.store.codes.values()
    assert world.sender.last_digits.encode() not in code.code_hmac
    assert world.sender.last_digits not in repr(world.store.codes)


async def test_blanks_around_and_inside_the_code_do_not_matter() -> None:
    world = single_factor()
    step = await code_step(world)
    digits = world.sender.last_digits

    typed = f" {digits[:3]} {digits[3:]}\n"

    assert isinstance(await submit_code(step.login_cookie, typed, parts=world.sign_in), SessionStep)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "１２３４５６", "1" * 100])
async def test_what_is_not_six_digits_takes_no_attempt(typed: str) -> None:
    world = single_factor()
    step = await code_step(world)

    assert (await refused(world, step.login_cookie, typed)).reason == "CODE_INCOMPLETE"
    (code,) = world.store.codes.values()
    assert code.tries == 0


def test_a_code_may_begin_with_zero() -> None:
    assert digits_typed("000 123") == "000123"


async def test_the_third_error_in_a_row_locks_the_person_and_the_right_code_too() -> None:
    world = single_factor()
    step = await code_step(world)

    first = await refused(world, step.login_cookie, wrong(world))
    second = await refused(world, step.login_cookie, wrong(world, 2))
    third = await refused(world, step.login_cookie, wrong(world, 3))

    assert [one.reason for one in (first, second)] == ["CODE_WRONG", "CODE_WRONG"]
    assert [one.metadata["attempts_left"] for one in (first, second)] == ["2", "1"]
    assert third.reason == "CODE_BLOCKED"
    after = await refused(world, step.login_cookie, world.sender.last_digits)
    assert after.reason == "SIGN_IN_STATE_LOST"
    with pytest.raises(ServiceError, match="CODE_BLOCKED"):
        await sign_in(world)
    assert "account.code_lock" in [entry.operation for entry, _ in world.store.journal]


async def test_support_lifts_the_lock_and_the_errors_with_it() -> None:
    world = single_factor()
    step = await code_step(world)
    for by in (1, 2, 3):
        await refused(world, step.login_cookie, wrong(world, by))
    (person,) = world.store.people.values()

    assert await unlock_codes(person.account_number, new_uow=world.store, clock=world.clock)

    world.clock.move(seconds=61)
    assert (await code_step(world)).attempts_left == 3
    assert not await unlock_codes(person.account_number, new_uow=world.store, clock=world.clock)
    with pytest.raises(ServiceError, match="PERSON_NOT_FOUND"):
        await unlock_codes("ЛК-999999", new_uow=world.store, clock=world.clock)


async def test_a_code_ends_after_five_minutes() -> None:
    world = single_factor()
    step = await code_step(world)
    world.clock.move(seconds=300)

    assert (
        await refused(world, step.login_cookie, world.sender.last_digits)
    ).reason == "CODE_EXPIRED"


async def test_a_new_code_kills_the_old_one_and_says_so() -> None:
    world = single_factor()
    step = await code_step(world)
    old = world.sender.last_digits
    world.clock.move(seconds=60)
    fresh = await resend_code(step.login_cookie, parts=world.sign_in)

    if old != world.sender.last_digits:
        assert (await refused(world, step.login_cookie, old)).reason == "CODE_REPLACED"
    assert fresh.attempts_left == 3
    opened = await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)
    assert isinstance(opened, SessionStep)


async def test_a_new_code_gives_no_new_guesses() -> None:
    world = single_factor()
    step = await code_step(world)
    await refused(world, step.login_cookie, wrong(world))
    await refused(world, step.login_cookie, wrong(world, 2))
    world.clock.move(seconds=60)

    fresh = await resend_code(step.login_cookie, parts=world.sign_in)

    assert fresh.attempts_left == 1
    last = await refused(world, step.login_cookie, wrong(world))
    assert last.reason == "CODE_BLOCKED"


async def test_a_code_used_well_forgets_the_errors_before_it() -> None:
    world = single_factor()
    step = await code_step(world)
    await refused(world, step.login_cookie, wrong(world))
    await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)

    assert (await code_step(world)).attempts_left == 3


async def test_a_new_code_may_be_asked_for_after_a_minute() -> None:
    world = single_factor()
    step = await code_step(world)
    world.clock.move(seconds=18)

    with pytest.raises(ServiceError) as refusal:
        await resend_code(step.login_cookie, parts=world.sign_in)

    assert (refusal.value.reason, refusal.value.metadata) == ("CODE_TOO_SOON", {"seconds": "42"})
    assert len(world.sender.sent) == 1


async def test_a_sign_in_begun_anew_within_a_minute_sends_no_second_message() -> None:
    world = single_factor()
    first = await code_step(world)
    await refused(world, first.login_cookie, wrong(world))

    second = await code_step(world)

    assert len(world.sender.sent) == 1
    assert second.attempts_left == 2
    opened = await submit_code(second.login_cookie, world.sender.last_digits, parts=world.sign_in)
    assert isinstance(opened, SessionStep)


async def test_five_messages_an_hour_are_enough() -> None:
    world = single_factor()
    step = await code_step(world)
    for _ in range(4):
        world.clock.move(seconds=61)
        await resend_code(step.login_cookie, parts=world.sign_in)
    world.clock.move(seconds=61)

    with pytest.raises(ServiceError) as refusal:
        await resend_code(step.login_cookie, parts=world.sign_in)

    assert refusal.value.reason == "CODE_TOO_SOON"
    assert refusal.value.metadata == {"seconds": str(3600 - 5 * 61)}


async def test_a_message_that_was_not_taken_over_may_be_sent_again_at_once() -> None:
    world = single_factor()
    world.sender.fault = CodeNotDelivered()
    with pytest.raises(ServiceError, match="CODE_NOT_DELIVERED"):
        await sign_in(world)
    world.sender.fault = None

    step = await code_step(world)

    assert len(world.sender.sent) == 1
    assert isinstance(
        await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in),
        SessionStep,
    )


@pytest.mark.parametrize("typed", ["+7 900 000-00-01", "8(900)0000001", "900 000 00 01"])
async def test_a_telephone_typed_again_as_in_the_profile_gets_a_new_code(typed: str) -> None:
    world = single_factor()
    step = await code_step(world)
    world.clock.move(seconds=60)

    fresh = await resend_code(step.login_cookie, phone=Personal(typed), parts=world.sign_in)

    assert len(world.sender.sent) == 2
    assert fresh.phone_masked == step.phone_masked


async def test_another_telephone_than_that_of_the_profile_is_told_and_gets_nothing() -> None:
    world = single_factor()
    step = await code_step(world)
    world.clock.move(seconds=60)

    for typed in ("+7 900 000-00-02", "1", "+7 900 000-00-01-0", "x"):
        with pytest.raises(ServiceError, match="PHONE_DIFFERS"):
            await resend_code(step.login_cookie, phone=Personal(typed), parts=world.sign_in)

    assert len(world.sender.sent) == 1
    opened = await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)
    assert isinstance(opened, SessionStep)


async def test_a_telephone_cannot_be_found_by_trying() -> None:
    world = single_factor()
    step = await code_step(world)
    for number in range(5):
        with pytest.raises(ServiceError, match="PHONE_DIFFERS"):
            await resend_code(step.login_cookie, phone=Personal(str(number)), parts=world.sign_in)

    right = Personal("+79000000001")
    with pytest.raises(ServiceError, match="CODE_TOO_SOON") as refusal:
        await resend_code(step.login_cookie, phone=right, parts=world.sign_in)

    assert refusal.value.metadata == {"seconds": "3600"}
    assert len(world.sender.sent) == 1


async def test_a_code_sent_to_a_telephone_of_before_is_worth_nothing_after_a_change() -> None:
    world = single_factor()
    await code_step(world)
    old = world.sender.last_digits
    contacts = replace(world.esia.person.contacts, phone=Personal("+79000000002"))
    world.esia.person = replace(world.esia.person, contacts=contacts)

    step = await code_step(world)

    assert [one[0] for one in world.sender.sent] == ["+79000000001", "+79000000002"]
    if old != world.sender.last_digits:
        assert (await refused(world, step.login_cookie, old)).reason == "CODE_REPLACED"
    opened = await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)
    assert isinstance(opened, SessionStep)


async def test_without_a_telephone_no_code_can_be_sent() -> None:
    world = single_factor()
    world.esia.person = replace(world.esia.person, contacts=Contacts())

    with pytest.raises(ServiceError, match="PHONE_MISSING"):
        await sign_in(world)


async def test_a_code_opens_only_one_session() -> None:
    world = single_factor()
    step = await code_step(world)
    await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)

    again = await refused(world, step.login_cookie, world.sender.last_digits)

    assert again.reason == "SIGN_IN_STATE_LOST"
    assert len(world.store.sessions) == 1


async def test_after_the_code_comes_the_choice_of_profile_under_a_new_secret() -> None:
    world = single_factor(DOCTOR, HOSPITAL_DOCTOR)
    world.registers.check = a_check(CLINIC, HOSPITAL)
    step = await code_step(world)

    chosen = await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)

    assert isinstance(chosen, ProfileStep)
    assert chosen.login_cookie not in ("", step.login_cookie)


async def test_after_the_code_comes_activation() -> None:
    world = World()
    world.store.person(DOCTOR, state=AccountState.NOT_ACTIVATED)
    world.esia.second_factor = False
    step = await code_step(world)

    led = await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)

    assert isinstance(led, ActivationStep)


async def test_an_account_blocked_meanwhile_does_not_get_in() -> None:
    world = single_factor()
    step = await code_step(world)
    (person,) = world.store.people.values()
    world.store.people[person.id] = replace(person, state=AccountState.BLOCKED)

    blocked = await refused(world, step.login_cookie, world.sender.last_digits)

    assert blocked.reason == "ACCOUNT_BLOCKED"


async def test_looking_again_shows_what_is_left() -> None:
    world = single_factor()
    step = await code_step(world)
    await refused(world, step.login_cookie, wrong(world))

    shown = await get_sign_in(step.login_cookie, parts=world.sign_in)

    assert isinstance(shown, CodeStep)
    assert (shown.attempts_left, shown.login_cookie) == (2, "")
    world.clock.move(minutes=10)
    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await get_sign_in(step.login_cookie, parts=world.sign_in)


def test_the_middle_of_a_telephone_is_hidden() -> None:
    assert masked_phone("+79161234567") == "+7 916 ***-**-67"
    assert masked_phone("+375291234567") == "+37 529 ***-**-67"
