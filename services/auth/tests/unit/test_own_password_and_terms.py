"""Limits of sendings over people, a password set later, terms that changed, issued identifiers."""

from dataclasses import replace
from datetime import date

import pytest
from auth_fakes import World
from auth_outside_fakes import FakeHasher
from auth_samples import DOCTOR, LEGAL, an_esia_person
from auth_steps import PASSWORD, assurance, sign_in, signed_in

from lkmr_auth.domain.activation import issued_number
from lkmr_auth.domain.audit import PASSWORD as PASSWORD_ACT
from lkmr_auth.domain.legal import Decision, Kind, Legal
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import hash_of
from lkmr_auth.domain.sign_in import ActivationStep, SessionStep
from lkmr_auth.usecases.activation.decide import accept_terms, record
from lkmr_auth.usecases.activation.progress import get_progress
from lkmr_auth.usecases.set_password import set_password
from lkmr_auth.usecases.step_up import confirm_step_up, start_step_up
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal


async def ask_code(world: World, session: bytes) -> None:
    await start_step_up(session, parts=await world.identity())


async def test_one_telephone_of_two_people_gets_five_codes_an_hour() -> None:
    world, session = await signed_in()
    (opened,) = world.store.sessions.values()
    person = world.store.people[opened.person_id]
    for _ in range(5):
        world.store.beyond.sendings.append(
            ("PHONE", person.contacts.phone.open(), world.clock.now())
        )
    world.clock.move(minutes=10)

    with pytest.raises(ServiceError, match="CODE_TOO_SOON") as refusal:
        await ask_code(world, session)

    assert int(refusal.value.metadata["seconds"]) == 50 * 60


async def test_one_address_asks_for_twenty_codes_an_hour() -> None:
    world, session = await signed_in()
    world.sends_per_address = 1
    await ask_code(world, session)
    world.clock.move(minutes=2)

    with pytest.raises(ServiceError, match="CODE_TOO_SOON"):
        await ask_code(world, session)
    assert len(world.sender.sent) == 1


async def test_a_password_is_set_later_and_asked_for_from_then_on() -> None:
    world, session = await signed_in()
    (opened,) = world.store.sessions.values()
    owner = PersonId(opened.person_id)
    identity = await world.identity()
    with pytest.raises(ServiceError, match="PASSWORD_WEAK"):
        await set_password(owner, Personal("kabinet"), session="s", parts=identity)

    await set_password(owner, PASSWORD, session="s", parts=identity)

    entry, _ = world.store.journal[-1]
    assert entry.operation == PASSWORD_ACT
    assert await FakeHasher().fits(world.store.passwords[owner].password_hash, PASSWORD)
    await ask_code(world, session)
    with pytest.raises(ServiceError, match="CABINET_PASSWORD_WRONG"):
        await confirm_step_up(session, world.sender.last_digits, Personal("x"), parts=identity)
    step = await confirm_step_up(session, world.sender.last_digits, PASSWORD, parts=identity)
    assert await assurance(world, hash_of(step.session_cookie)) == "STEPPED_UP"


def with_second_version() -> Legal:
    (terms,) = LEGAL.in_force(Kind.TERMS, date(2026, 11, 1))
    later = replace(
        terms, version="2", valid_from=date(2026, 11, 20), paragraphs=("Новые условия.",)
    )
    return Legal((*LEGAL.documents, later))


async def accepted_first(world: World) -> PersonId:
    person = world.store.person(DOCTOR)
    (terms,) = LEGAL.in_force(Kind.TERMS, date(2026, 11, 1))
    async with world.store() as uow:
        await record(uow, person, terms, Decision.GIVEN, await world.identity())
        await uow.commit()
    return PersonId(person.id)


async def test_a_new_version_of_the_terms_is_asked_at_the_next_sign_in_and_once() -> None:
    world = World()
    owner = await accepted_first(world)
    world.legal = with_second_version()
    step = await sign_in(world)
    assert isinstance(step, ActivationStep)
    parts = await world.identity()
    progress = await get_progress(step.login_cookie, parts=parts)
    assert [one.version for one in progress.documents] == ["2"]

    done = await accept_terms(step.login_cookie, "2", accepted=True, parts=parts)

    assert isinstance(done.next, SessionStep)
    decisions = [one.version for one in world.store.decisions if one.person_id == owner]
    assert decisions == ["1", "2"]
    assert isinstance(await sign_in(world), SessionStep)


async def test_who_refuses_the_new_terms_does_not_come_in() -> None:
    world = World()
    await accepted_first(world)
    world.legal = with_second_version()
    step = await sign_in(world)
    assert isinstance(step, ActivationStep)

    with pytest.raises(ServiceError, match="TERMS_NOT_ACCEPTED"):
        await accept_terms(step.login_cookie, "2", accepted=False, parts=await world.identity())

    assert not world.store.sessions
    assert isinstance(await sign_in(world), ActivationStep)


async def test_who_was_never_asked_is_not_kept_out_by_a_change() -> None:
    world = World()
    world.store.person(DOCTOR)
    world.legal = with_second_version()

    assert isinstance(await sign_in(world), SessionStep)


async def test_an_account_that_the_register_made_has_an_identifier_of_its_own() -> None:
    world = World()
    world.esia.person = an_esia_person(snils=Personal("900-016-592 44"))

    step = await sign_in(world)

    assert isinstance(step, ActivationStep)
    (person,) = world.store.people.values()
    assert person.employee_number == issued_number(person.account_number)
    assert person.employee_number.open() == "R000001"
