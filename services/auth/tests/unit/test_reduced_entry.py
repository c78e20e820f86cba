import pytest
from auth_fakes import World
from auth_outside_fakes import FakeHasher
from auth_samples import DOCTOR
from auth_steps import BROWSER, sign_in

from lkmr_auth.domain.errors import EsiaUnavailable
from lkmr_auth.domain.person import Contacts, PersonId
from lkmr_auth.domain.session import hash_of
from lkmr_auth.domain.sign_in import CodeStep, SessionStep
from lkmr_auth.usecases.enter_reduced import enter_reduced
from lkmr_auth.usecases.resolve_session import resolve_session
from lkmr_auth.usecases.submit_code import submit_code
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

PASSWORD = Personal("Kabinet-2026!")


async def a_world() -> World:
    """An active person with an identifier and a password, and ESIA away."""
    world = World()
    person = world.store.person(DOCTOR, contacts=Contacts(phone=Personal("+79000000001")))
    await sign_in(world)
    world.store.claims["E7001"] = person.id
    async with world.store() as uow:
        hashed = await FakeHasher().hash(PASSWORD)
        await uow.passwords.save(PersonId(person.id), hashed, world.clock.now())
        await uow.commit()
    world.esia.probe_fault = EsiaUnavailable()
    return world


async def enter(
    world: World, number: str = "e 7001", password: Personal[str] = PASSWORD
) -> CodeStep:
    return await enter_reduced(number, password, "/messages", BROWSER, parts=await world.identity())


async def refusal(world: World, number: str = "E7001", typed: str = "x") -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await enter(world, number, Personal(typed))
    return refused.value


async def test_password_and_code_open_a_reduced_session_while_esia_is_away() -> None:
    world = await a_world()

    step = await enter(world)
    opened = await submit_code(step.login_cookie, world.sender.last_digits, parts=world.sign_in)

    assert isinstance(opened, SessionStep)
    assert opened.return_to == "/messages"
    resolved = await resolve_session(
        hash_of(opened.session_cookie), "device-1", parts=await world.sessions()
    )
    assert resolved.assurance.value == "REDUCED"
    assert resolved.esia_access_token == ""
    assert world.store.journal[-1][0].reason == "REDUCED"


@pytest.mark.proves("F-240")
async def test_a_right_password_alone_opens_nothing() -> None:
    world = await a_world()
    before = len(world.store.sessions)

    await enter(world)

    assert len(world.store.sessions) == before


@pytest.mark.proves("F-240")
async def test_while_esia_answers_the_password_is_no_way_in() -> None:
    world = await a_world()
    world.esia.probe_fault = None

    assert (await refusal(world, typed=PASSWORD.open())).reason == "REDUCED_NOT_OPEN"


async def test_nobody_and_a_wrong_password_look_the_same() -> None:
    world = await a_world()

    reasons = {(await refusal(world, number)).reason for number in ("E7001", "E9999", "")}

    assert reasons == {"EMPLOYEE_UNKNOWN"}
    assert not [entry for entry, _ in world.store.journal if entry.reason == "REDUCED"]


async def test_waits_grow_for_the_identifier_and_for_the_address() -> None:
    world = await a_world()
    for number in ("E1", "E2", "E3", "E4", "E5"):
        await refusal(world, number)

    waiting = await refusal(world, typed=PASSWORD.open())

    assert (waiting.reason, waiting.metadata) == ("SIGN_IN_LOCKED", {"seconds": "60"})
    world.clock.move(seconds=61)
    await enter(world)
