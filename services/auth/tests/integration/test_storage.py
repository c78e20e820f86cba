"""The use cases over the real PostgreSQL; each test has people of its own."""

import asyncio
import itertools
import uuid
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from auth_fakes import World
from auth_samples import (
    CLINIC,
    DOCTOR,
    HOSPITAL,
    HOSPITAL_DOCTOR,
    NOW,
    a_check,
    an_esia_person,
    tokens,
)
from auth_steps import back, begin, sign_in
from sqlalchemy.engine import Connection

from lkmr_auth.domain.code import OneTimeCode
from lkmr_auth.domain.identity import RegisterCard
from lkmr_auth.domain.person import AccountState, Person
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.domain.session import EndReason, hash_of
from lkmr_auth.domain.sign_in import ActivationStep, CodeStep, ProfileStep, SessionStep
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.tables import metadata
from lkmr_auth.usecases.choose_profile import choose_profile
from lkmr_auth.usecases.finish_sign_in import finish_sign_in
from lkmr_auth.usecases.import_people import ImportedPerson, import_people
from lkmr_auth.usecases.keep_house import close_rotated, sweep
from lkmr_auth.usecases.list_sessions import list_sessions
from lkmr_auth.usecases.refresh_esia_tokens import refresh_esia_tokens
from lkmr_auth.usecases.resolve_session import resolve_session
from lkmr_auth.usecases.revoke_session import revoke_session
from lkmr_auth.usecases.submit_code import submit_code
from lkmr_auth.usecases.switch_profile import switch_profile
from lkmr_auth.usecases.touch_session import touch_session
from lkmr_auth.usecases.unlock_codes import unlock_codes
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.database import Database
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

pytestmark = pytest.mark.servers

_numbers = itertools.count(100)


def a_snils() -> str:
    number = f"9002{next(_numbers):05d}"
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(number))
    return f"{number}{total % 101 % 100:02d}"


async def a_person(
    world: World, *bindings: Binding, state: AccountState = AccountState.ACTIVE
) -> Person:
    """A person in the database, known to the fakes of ESIA and the registers."""
    snils = Personal(a_snils())
    imported = ImportedPerson(
        snils=snils, state=state, employee_number=Personal("E1"), bindings=bindings
    )
    await import_people([CLINIC, HOSPITAL], [imported], new_uow=world.new_uow, clock=world.clock)
    world.esia.person = an_esia_person(snils=snils)
    check = a_check(CLINIC, HOSPITAL)
    assert check.card
    card = RegisterCard(worker_id=str(uuid.uuid4()), version="7", jobs=check.card.jobs)
    world.registers.check = replace(check, card=card)
    async with world.new_uow() as uow:
        found = await uow.people.find_by_snils(snils)
    assert found is not None
    return found


async def test_the_migrations_make_what_the_code_describes(auth_database: TestDatabase) -> None:
    url = auth_database.owner_url.replace("postgresql://", "postgresql+asyncpg://")
    engine = sa.ext.asyncio.create_async_engine(url)

    def differences(connection: Connection) -> list[object]:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
        return [one for one in found if "alembic_version" not in repr(one)]

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_a_whole_life_of_a_session(world: World, store: Database) -> None:
    person = await a_person(world, DOCTOR, HOSPITAL_DOCTOR)
    parts = await world.sessions()
    step = await sign_in(world)
    assert isinstance(step, ProfileStep)
    opened = await choose_profile(step.login_cookie, "org-gp1/DOCTOR", parts=world.sign_in)
    first = hash_of(opened.session_cookie)

    resolved = await resolve_session(first, "device-1", parts=parts)

    assert resolved.person.names.family_name.open() == "Образцова"
    assert resolved.person.contacts.phone.open() == "+79000000001"
    assert resolved.person.account_number.startswith("ЛК-")
    assert resolved.esia_access_token == "access-first"
    assert resolved.session.address.open() == "192.0.2.7"
    world.clock.move(minutes=10)
    await touch_session(first, world.clock.now(), parts=parts)
    switched = await switch_profile(first, "org-kb2/DOCTOR", parts=parts)
    second = hash_of(switched.session_cookie)
    world.clock.move(seconds=31)
    await close_rotated(parts=parts)
    assert (await resolve_session(second, "device-1", parts=parts)).profile is not None
    with pytest.raises(ServiceError, match="SESSION_REVOKED"):
        await resolve_session(first, "device-1", parts=parts)
    with pytest.raises(ServiceError, match="SESSION_REVOKED"):
        await resolve_session(second, "device-1", parts=parts)
    rows = await store.pool.fetch(
        "SELECT subject, body FROM outbox WHERE resource_name LIKE $1 ORDER BY id",
        f"persons/{person.id}/%",
    )
    assert [row["subject"].rpartition("v1.")[2] for row in rows] == [
        "session.opened",
        "session.opened",
        "session.revoked",
        "session.revoked",
    ]
    assert [b"PROFILE_SWITCHED" in row["body"] for row in rows[2:]] == [True, False]


async def test_nothing_personal_lies_open_in_the_database(
    world: World, auth_database: TestDatabase
) -> None:
    person = await a_person(world, DOCTOR)
    world.esia.second_factor = False
    await sign_in(world)
    world.esia.second_factor = True
    await sign_in(world)
    secrets = ["Образцова", "p@demo.example", "79000000001", person.snils.open(), "192.0.2.7"]
    secrets += ["access-first", "refresh-first", world.sender.last_digits, "Firefox/140"]

    connection = await asyncpg.connect(auth_database.superuser_url)
    try:
        tables = await connection.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        for table in tables:
            name = table["table_name"]
            for row in await connection.fetch(f'SELECT * FROM "{name}"'):  # noqa: S608 - names of the catalogue
                stored = b" ".join(
                    value if isinstance(value, bytes) else str(value).encode()
                    for value in row.values()
                )
                found = [one for one in secrets if one.encode() in stored]
                assert not found, f"{found} in {name}"
    finally:
        await connection.close()


async def a_code(world: World) -> OneTimeCode:
    await a_person(world, DOCTOR)
    world.esia.second_factor = False
    step = await sign_in(world)
    assert isinstance(step, CodeStep)
    (person_id,) = {one.person_id for one in await all_codes(world)}
    async with world.new_uow() as uow:
        code = await uow.codes.find_last(person_id)
    assert code is not None
    return code


async def all_codes(world: World) -> list[OneTimeCode]:
    async with world.new_uow() as uow:
        person = await uow.people.find_by_snils(world.esia.person.snils)
        assert person is not None
        return list(await uow.codes.list_recent(person.id, NOW - timedelta(days=1)))


async def test_a_hundred_guesses_side_by_side_are_compared_three_times(world: World) -> None:
    code = await a_code(world)

    async def attempt() -> bool:
        async with world.new_uow() as uow:
            taken = await uow.codes.take_attempt(code.id, world.clock.now())
            await uow.commit()
        return taken is not None

    taken = await asyncio.gather(*(attempt() for _ in range(100)))

    assert sum(taken) == 3


async def test_wrong_guesses_side_by_side_lock_the_person_even_for_the_right_code(
    world: World,
) -> None:
    person = await a_person(world, DOCTOR)
    world.esia.second_factor = False
    step = await sign_in(world)
    assert isinstance(step, CodeStep)
    right = world.sender.last_digits
    guesses = [f"{(int(right) + by) % 1_000_000:06d}" for by in range(1, 31)]

    async def guess(digits: str) -> str:
        try:
            await submit_code(step.login_cookie, digits, parts=world.sign_in)
        except ServiceError as refused:
            return refused.reason
        return "OPEN"

    reasons = await asyncio.gather(*(guess(one) for one in guesses))

    assert reasons.count("CODE_WRONG") == 2
    assert set(reasons) <= {"CODE_WRONG", "CODE_BLOCKED", "SIGN_IN_STATE_LOST"}
    assert await guess(right) != "OPEN"
    with pytest.raises(ServiceError, match="CODE_BLOCKED"):
        await sign_in(world)
    assert await unlock_codes(person.account_number, new_uow=world.new_uow, clock=world.clock)
    world.clock.move(seconds=1)
    again = await sign_in(world)
    assert isinstance(again, CodeStep)
    opened = await submit_code(again.login_cookie, world.sender.last_digits, parts=world.sign_in)
    assert isinstance(opened, SessionStep)


async def test_the_right_code_given_twice_side_by_side_opens_one_session(world: World) -> None:
    person = await a_person(world, DOCTOR)
    world.esia.second_factor = False
    step = await sign_in(world)
    assert isinstance(step, CodeStep)

    async def submit() -> bool:
        try:
            await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)
        except ServiceError:
            return False
        return True

    assert sorted(await asyncio.gather(submit(), submit())) == [False, True]
    listed = await list_sessions(person.id, parts=await world.sessions())
    assert len(listed.sessions) == 1


async def test_a_callback_given_twice_side_by_side_is_taken_once(world: World) -> None:
    await a_person(world, DOCTOR)
    callback = back(*await begin(world))

    async def finish() -> str:
        try:
            await finish_sign_in(callback, parts=world.sign_in)
        except ServiceError as refused:
            return refused.reason
        return "OPEN"

    assert sorted(await asyncio.gather(finish(), finish())) == ["OPEN", "SIGN_IN_STATE_LOST"]


async def test_a_first_sign_in_given_twice_side_by_side_makes_one_account(world: World) -> None:
    await a_person(world)
    world.esia.person = an_esia_person(snils=Personal(a_snils()))
    check = world.registers.check
    assert check.card
    world.registers.check = replace(check, card=replace(check.card, worker_id=str(uuid.uuid4())))

    steps = await asyncio.gather(sign_in(world), sign_in(world))

    assert all(isinstance(step, ActivationStep) for step in steps)
    async with world.new_uow() as uow:
        person = await uow.people.find_by_snils(world.esia.person.snils)
    assert person is not None
    assert person.state is AccountState.NOT_ACTIVATED


async def test_a_card_given_to_another_person_leaves_the_one_before(world: World) -> None:
    before = await a_person(world, DOCTOR)
    await sign_in(world)
    card = world.registers.check.card
    after = await a_person(world, DOCTOR)
    world.registers.check = replace(world.registers.check, card=card)

    await sign_in(world)

    assert card
    async with world.new_uow() as uow:
        found = await uow.people.find_by_worker(card.worker_id)
        assert found is not None
        assert found.id == after.id
        assert (await uow.people.get(before.id)).worker_id == ""
        assert await uow.people.known_workers(["nobody", card.worker_id]) == {card.worker_id}


async def test_sessions_beyond_the_limit_end_also_when_opened_side_by_side(world: World) -> None:
    person = await a_person(world, DOCTOR)

    await asyncio.gather(*(sign_in(world) for _ in range(9)))

    listed = await list_sessions(person.id, parts=await world.sessions())
    assert len(listed.sessions) == 5
    assert len(listed.sign_ins) == 9


async def test_two_instances_never_renew_the_same_tokens(world: World) -> None:
    people = [await a_person(world, DOCTOR)]
    for _ in range(5):
        await sign_in(world)
    world.clock.move(minutes=60)

    taken = await asyncio.gather(
        *(
            refresh_esia_tokens(new_uow=world.new_uow, esia=world.esia, clock=world.clock)
            for _ in range(4)
        )
    )

    assert sum(taken) >= 5
    assert len(world.esia.refreshed) == sum(taken)
    async with world.new_uow() as uow:
        for session in await uow.sessions.list_open(people[0].id, world.clock.now(), 10):
            held = await uow.esia_sessions.find(session.family_id)
            assert held == replace(tokens("renewed"), expire_time=NOW + timedelta(hours=2))


async def test_sweeping_ends_idle_sessions_and_drops_old_records(
    world: World, store: Database
) -> None:
    person = await a_person(world, DOCTOR)
    parts = await world.sessions()
    await sign_in(world)
    await begin(world)
    world.clock.move(hours=2)

    await sweep(parts=parts)

    assert await store.pool.fetchval("SELECT count(*) FROM sign_in") == 0
    state = await store.pool.fetchrow(
        "SELECT state, end_reason FROM session WHERE person_id = $1", person.id
    )
    assert tuple(state) == ("ENDED", "EXPIRED")
    assert not await store.pool.fetchval(
        "SELECT count(*) FROM esia_session WHERE person_id = $1", person.id
    )
    world.clock.move(days=8)
    await sweep(parts=parts)
    assert not await store.pool.fetchval(
        "SELECT count(*) FROM session WHERE person_id = $1", person.id
    )


async def test_one_may_end_only_own_sessions(world: World) -> None:
    owner = await a_person(world, DOCTOR)
    await sign_in(world)
    stranger = await a_person(world, DOCTOR)
    parts = await world.sessions()
    (session,) = (await list_sessions(owner.id, parts=parts)).sessions

    with pytest.raises(ServiceError, match="SESSION_NOT_FOUND"):
        await revoke_session(stranger.id, session.id, parts=parts)
    await revoke_session(owner.id, session.id, parts=parts)

    async with world.new_uow() as uow:
        found = await uow.sessions.get_own(session.id, owner.id)
    assert found is not None
    assert found.end_reason is EndReason.REVOKED_BY_OWNER


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET reason = ''",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
    ],
)
async def test_the_journal_is_append_only_for_the_program_and_for_its_owner(
    world: World, store: Database, auth_database: TestDatabase, statement: str
) -> None:
    await a_person(world, DOCTOR)
    await sign_in(world)
    await StoredChain(store, world.clock).advance()
    for url in (auth_database.url, auth_database.owner_url):
        connection = await asyncpg.connect(url)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        finally:
            await connection.close()


async def test_a_refusal_without_a_known_person_is_journalled_with_a_sealed_address(
    world: World, store: Database
) -> None:
    before = await store.pool.fetchval("SELECT coalesce(max(id), 0) FROM journal_pending")

    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await finish_sign_in(back("no-cookie", str(uuid.uuid4())), parts=world.sign_in)

    row = await store.pool.fetchrow(
        "SELECT actor, result, reason, address FROM journal_pending WHERE id > $1", before
    )
    assert (row["actor"], row["result"], row["reason"]) == ("", "DENIED", "SIGN_IN_STATE_LOST")
    assert row["address"].startswith(b"LK1")


async def test_two_instances_started_at_once_share_their_keys(world: World) -> None:
    one, two = await asyncio.gather(world.sessions(), world.sessions())

    assert one.keys.published() == two.keys.published()
    assert len(one.keys.published()) == 2
    assert one.keys.signer().key_id == two.keys.signer().key_id
