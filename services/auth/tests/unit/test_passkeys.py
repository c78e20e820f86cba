"""Passkeys and backup codes as a second factor, with real signatures of a software key."""

from dataclasses import replace

import pytest
from auth_fakes import World
from auth_samples import DOCTOR, ORIGIN
from auth_steps import NO_PASSWORD, PASSWORD, assurance, sign_in, signed_in
from soft_authenticator import PRESENT, SoftAuthenticator

from lkmr_auth.domain.audit import PASSKEY_ADD, PASSKEY_REMOVE, STEP_UP
from lkmr_auth.domain.backup_code import CODES, code_typed
from lkmr_auth.domain.passkey import MAX_PASSKEYS
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import hash_of
from lkmr_auth.domain.sign_in import SessionStep
from lkmr_auth.usecases.passkeys.keep_backup_codes import make_backup_codes
from lkmr_auth.usecases.passkeys.keep_passkeys import (
    read_own_keys,
    register,
    remove_passkey,
    rename_passkey,
    start_registration,
)
from lkmr_auth.usecases.passkeys.prove import (
    prove_by_backup_code,
    prove_by_passkey,
    start_passkey_proof,
)
from lkmr_auth.usecases.step_up import get_step_up
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

OTHER = "https://lk.clinic.example"


def owner_of(world: World) -> PersonId:
    return next(iter(world.store.sessions.values())).person_id


async def with_key(
    world: World, device: SoftAuthenticator | None = None, name: str = "Телефон"
) -> SoftAuthenticator:
    device = device or SoftAuthenticator(ORIGIN)
    options = await start_registration(owner_of(world), device.origin, parts=world.keeping)
    answer = device.register(options)
    await register(
        owner_of(world), name, answer, session="persons/p/sessions/s", parts=world.keeping
    )
    return device


async def options_for(world: World, session: bytes, origin: str = ORIGIN) -> str:
    identity = await world.identity()
    return await start_passkey_proof(session, origin, identity=identity, parts=world.keeping)


async def prove(world: World, session: bytes, credential: str) -> SessionStep:
    return await prove_by_passkey(
        session, credential, identity=await world.identity(), parts=world.keeping
    )


async def refused(world: World, session: bytes, credential: str) -> None:
    with pytest.raises(ServiceError, match="PASSKEY_REFUSED"):
        await prove(world, session, credential)
    entry, _ = world.store.journal[-1]
    assert (entry.operation, entry.reason) == (STEP_UP, "PASSKEY_REFUSED")
    assert await assurance(world, session) == "SIGNED_IN"


async def test_a_key_proves_its_person_under_a_new_id_and_without_the_password() -> None:
    world, session = await signed_in(password=True)
    device = await with_key(world)
    assert (await get_step_up(session, ORIGIN, parts=await world.identity())).passkey_offered

    step = await prove(world, session, device.prove(await options_for(world, session)))

    assert await assurance(world, hash_of(step.session_cookie)) == "STEPPED_UP"
    (key,) = (await read_own_keys(owner_of(world), parts=world.keeping)).passkeys
    assert (key.sign_count, key.use_time) == (1, world.clock.now())
    operations = [(entry.operation, entry.reason) for entry, _ in world.store.journal]
    assert (PASSKEY_ADD, "") in operations
    assert (STEP_UP, "PASSKEY") in operations


async def test_an_answer_serves_once() -> None:
    world, session = await signed_in()
    device = await with_key(world)
    answer = device.prove(await options_for(world, session))
    step = await prove(world, session, answer)

    with pytest.raises(ServiceError, match="PASSKEY_REFUSED"):
        await prove(world, hash_of(step.session_cookie), answer)


async def test_an_answer_after_five_minutes_is_too_late() -> None:
    world, session = await signed_in()
    device = await with_key(world)
    answer = device.prove(await options_for(world, session))
    world.clock.move(minutes=5)

    await refused(world, session, answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://cabinet.example.evil"},
        {"type": "webauthn.create"},
        {"challenge": "bm90IG91cnM"},
    ],
)
async def test_an_answer_for_something_else_is_refused(changes: dict[str, str]) -> None:
    world, session = await signed_in()
    device = await with_key(world)

    await refused(world, session, device.prove(await options_for(world, session), **changes))


async def test_a_device_that_did_not_verify_its_owner_is_refused() -> None:
    world, session = await signed_in()
    device = await with_key(world)
    device.flags = PRESENT

    await refused(world, session, device.prove(await options_for(world, session)))


async def test_another_key_under_the_same_id_is_refused() -> None:
    world, session = await signed_in()
    device = await with_key(world)
    thief = replace(SoftAuthenticator(ORIGIN), credential_id=device.credential_id)

    await refused(world, session, thief.prove(await options_for(world, session)))


async def test_a_copied_key_is_noticed_by_its_count() -> None:
    world, session = await signed_in()
    device = await with_key(world)
    copy = replace(device)
    device.count = 7
    step = await prove(world, session, device.prove(await options_for(world, session)))
    session = hash_of(step.session_cookie)

    with pytest.raises(ServiceError, match="PASSKEY_REFUSED"):
        await prove(world, session, copy.prove(await options_for(world, session)))


async def test_a_key_of_another_person_proves_nothing() -> None:
    world, session = await signed_in()
    await with_key(world)
    stranger = world.store.person(DOCTOR, snils=Personal("90001659244"))
    foreign = SoftAuthenticator(ORIGIN)
    options = await start_registration(stranger.id, ORIGIN, parts=world.keeping)
    await register(
        stranger.id, "Чужой", foreign.register(options), session="s", parts=world.keeping
    )

    await refused(world, session, foreign.prove(await options_for(world, session)))


async def test_a_key_belongs_to_one_address_of_the_cabinet() -> None:
    world, session = await signed_in()
    await with_key(world, SoftAuthenticator(OTHER))

    assert not (await get_step_up(session, ORIGIN, parts=await world.identity())).passkey_offered
    with pytest.raises(ServiceError, match="PASSKEY_MISSING"):
        await options_for(world, session)
    assert await options_for(world, session, OTHER)


async def test_keys_are_named_renamed_and_removed_by_their_owner_alone() -> None:
    world, session = await signed_in()
    device = await with_key(world, name="  Рабочий   компьютер ")
    owner, stranger = owner_of(world), world.store.person(DOCTOR).id
    (key,) = (await read_own_keys(owner, parts=world.keeping)).passkeys
    assert key.name.open() == "Рабочий компьютер"
    for name in ("", "   ", "я" * 61, "a\x00b"):
        with pytest.raises(ServiceError, match="PASSKEY_NAME_INVALID"):
            await rename_passkey(owner, key.id, name, parts=world.keeping)
    for act in (
        rename_passkey(stranger, key.id, "Мой", parts=world.keeping),
        remove_passkey(stranger, key.id, session="s", parts=world.keeping),
    ):
        with pytest.raises(ServiceError, match="PASSKEY_NOT_FOUND"):
            await act
    answer = device.prove(await options_for(world, session))

    await remove_passkey(owner, key.id, session="s", parts=world.keeping)

    assert world.store.journal[-1][0].operation == PASSKEY_REMOVE
    await refused(world, session, answer)


async def test_one_device_is_registered_once_and_ten_are_enough() -> None:
    world, _ = await signed_in()
    device = await with_key(world)
    with pytest.raises(ServiceError, match="PASSKEY_TAKEN"):
        await with_key(world, device)
    for _ in range(MAX_PASSKEYS - 1):
        await with_key(world)

    with pytest.raises(ServiceError, match="TOO_MANY_PASSKEYS"):
        await with_key(world)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"id": "x"}', "not json"])
async def test_what_is_no_answer_is_refused(answer: str) -> None:
    world, session = await signed_in()
    await with_key(world)

    await refused(world, session, answer)
    with pytest.raises(ServiceError, match="PASSKEY_REFUSED"):
        await register(owner_of(world), "Ключ", answer, session="s", parts=world.keeping)


async def by_code(
    world: World, session: bytes, code: str, password: Personal[str] = NO_PASSWORD
) -> SessionStep:
    identity = await world.identity()
    return await prove_by_backup_code(
        session, code, password, identity=identity, parts=world.keeping
    )


async def test_a_backup_code_serves_once_and_with_the_password() -> None:
    world, session = await signed_in(password=True)
    codes = await make_backup_codes(owner_of(world), session="s", parts=world.keeping)
    assert len({*codes}) == CODES
    assert (await get_step_up(session, parts=await world.identity())).backup_code_offered
    with pytest.raises(ServiceError, match="CABINET_PASSWORD_WRONG"):
        await by_code(world, session, codes[0], Personal("x"))

    step = await by_code(world, session, f" {codes[0].lower()} ", PASSWORD)

    session = hash_of(step.session_cookie)
    assert await assurance(world, session) == "STEPPED_UP"
    assert (await read_own_keys(owner_of(world), parts=world.keeping)).backup_codes_left == 9
    with pytest.raises(ServiceError, match="BACKUP_CODE_WRONG"):
        await by_code(world, session, codes[0], PASSWORD)


async def test_fresh_codes_replace_those_before() -> None:
    world, session = await signed_in()
    old = await make_backup_codes(owner_of(world), session="s", parts=world.keeping)
    await make_backup_codes(owner_of(world), session="s", parts=world.keeping)

    with pytest.raises(ServiceError, match="BACKUP_CODE_WRONG"):
        await by_code(world, session, old[0])


async def test_guesses_of_backup_codes_are_counted_before_the_look() -> None:
    world, session = await signed_in()
    codes = await make_backup_codes(owner_of(world), session="s", parts=world.keeping)
    for _ in range(5):
        with pytest.raises(ServiceError, match="BACKUP_CODE_WRONG"):
            await by_code(world, session, "22222-22222")

    with pytest.raises(ServiceError, match="BACKUP_CODE_WAIT") as refusal:
        await by_code(world, session, codes[0])

    assert int(refusal.value.metadata["seconds"]) == 60
    world.clock.move(seconds=60)
    assert await by_code(world, session, codes[0])


def test_a_backup_code_is_read_however_it_is_typed() -> None:
    assert code_typed(" abcde fghjk ") == "ABCDEFGHJK"
    for typed in ("", "ABCDE", "ABCDE-FGHJ0", "ABCDE-FGHJKM"):
        with pytest.raises(ServiceError, match="BACKUP_CODE_WRONG"):
            code_typed(typed)


async def test_who_may_not_sign_in_is_not_proven_by_a_key() -> None:
    world, session = await signed_in()
    device = await with_key(world)
    answer = device.prove(await options_for(world, session))
    person = world.store.people[owner_of(world)]
    world.store.people[person.id] = replace(person, code_lock_time=world.clock.now())

    with pytest.raises(ServiceError, match="CODE_BLOCKED"):
        await prove(world, session, answer)


async def test_signing_in_needs_no_key() -> None:
    world, _ = await signed_in()
    await with_key(world)

    assert isinstance(await sign_in(world), SessionStep)
