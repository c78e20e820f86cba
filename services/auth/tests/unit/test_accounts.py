from pathlib import Path

import orjson
import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, NOW
from auth_steps import sign_in
from hypothesis import given
from hypothesis import strategies as st

from lkmr_auth.domain.keys import OVERLAP, ROTATION, active_key
from lkmr_auth.domain.person import AccountState, phone_digits, snils_digits
from lkmr_auth.domain.session import SessionEnded
from lkmr_auth.people_import import read_people
from lkmr_auth.usecases.get_contacts import get_contacts
from lkmr_auth.usecases.import_people import ImportedPerson, import_people
from lkmr_auth.usecases.record_refusal import record_refusal
from lkmr_auth.usecases.signing_keys import SigningKeys
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

DEMO = Path(__file__).parents[4] / "stand_ins/kit/src/lkmr_stand_in_kit/people.json"


def an_import(*bindings: object, state: AccountState = AccountState.ACTIVE) -> ImportedPerson:
    return ImportedPerson(
        snils=Personal("90000103798"),
        state=state,
        employee_number=Personal("E7001"),
        bindings=bindings,  # type: ignore[arg-type]
    )


async def run(world: World, *people: ImportedPerson) -> int:
    return await import_people([CLINIC], people, new_uow=world.store, clock=world.clock)


async def test_an_import_repeated_changes_nothing() -> None:
    world = World()
    await run(world, an_import(DOCTOR))
    before = world.store.copy()

    assert await run(world, an_import(DOCTOR)) == 1

    assert world.store.people == before.people
    assert world.store.bindings == before.bindings


async def test_an_import_does_not_undo_an_activation() -> None:
    world = World()
    person = world.store.person(DOCTOR, state=AccountState.ACTIVE)

    await run(world, an_import(DOCTOR, state=AccountState.NOT_ACTIVATED))

    assert world.store.people[person.id].state is AccountState.ACTIVE


async def test_a_binding_that_the_file_drops_ends_its_sessions() -> None:
    world = World()
    await run(world, an_import(DOCTOR))
    await sign_in(world)

    await run(world, an_import())

    facts = [fact for fact in world.store.facts if isinstance(fact, SessionEnded)]
    assert [fact.reason.value for fact in facts] == ["ROLE_REMOVED"]


def test_the_demo_people_can_be_read() -> None:
    organizations, people = read_people(orjson.loads(DEMO.read_bytes()))

    assert {one.id for one in organizations} == {"org-gp1", "org-kb2", "org-gov", "org-lkmr"}
    assert len(people) == 22
    waiting = [one for one in people if one.state is AccountState.NOT_ACTIVATED]
    assert [one.employee_number.open() for one in waiting] == ["E7016"]
    petrov = next(one for one in people if one.employee_number.open() == "E7002")
    assert [one.organization.id for one in petrov.bindings] == ["org-kb2", "org-gp1"]


def test_a_bad_person_in_a_file_is_named_by_place_only() -> None:
    content = {
        "organizations": [],
        "people": [{"snils": "900-001-037 99", "account_state": "active", "jobs": []}],
    }

    with pytest.raises(ValueError, match=r"person 1 of the file: ValueError") as refused:
        read_people(content)
    assert "900" not in str(refused.value)


def test_snils_is_known_by_its_check_digits() -> None:
    assert snils_digits("900-001-037 98") == "90000103798"
    assert snils_digits("000-000-600 06") == "00000060006"
    for wrong in ("", "90000103797", "9000010379", "900001037981", "９0000103798"):
        with pytest.raises(ValueError, match="SNILS_INVALID"):
            snils_digits(wrong)


@given(st.text(max_size=30))
def test_any_text_is_a_snils_or_is_refused(text: str) -> None:
    try:
        digits = snils_digits(text)
    except ValueError:
        return
    assert len(digits) == 11


def test_telephones_of_esia_are_normalised() -> None:
    assert phone_digits("+7(900)0000006") == "+79000000006"
    assert phone_digits("") == ""
    assert phone_digits("12") == ""


async def test_contacts_are_found_by_worker_and_by_person() -> None:
    world = World()
    world.store.person(DOCTOR)
    await sign_in(world)
    (person,) = world.store.people.values()

    by_worker = await get_contacts(worker_id="worker-1", new_uow=world.store)
    by_person = await get_contacts(person_id=str(person.id), new_uow=world.store)

    assert by_worker == by_person
    assert by_worker.contacts.email.open() == "p@demo.example"
    for unknown in ({"worker_id": "worker-2"}, {"person_id": "x"}, {"person_id": ""}):
        with pytest.raises(ServiceError, match="PERSON_NOT_FOUND"):
            await get_contacts(**unknown, new_uow=world.store)


async def record(world: World, **changes: str) -> None:
    values = {
        "organization": "org-gp1",
        "session": "persons/1/sessions/2",
        "operation": "api.read",
        "object_name": "/api/v1/accreditations/{id}",
        "reason": "SECTION_CLOSED",
        "trace_id": "",
    }
    person = world.store.person(DOCTOR)
    await record_refusal(
        person.id, roles=("DOCTOR",), new_uow=world.store, clock=world.clock, **(values | changes)
    )


async def test_a_refusal_of_a_gateway_is_journalled_with_actor_and_role() -> None:
    world = World()

    await record(world)

    entry, _ = world.store.journal[0]
    assert (entry.operation, entry.roles, entry.reason) == (
        "api.read",
        ("DOCTOR",),
        "SECTION_CLOSED",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("operation", "read"),
        ("operation", "api.read\x00"),
        ("object_name", "Иванова Анна"),
        ("object_name", ""),
        ("reason", "because"),
        ("trace_id", "zz"),
    ],
)
async def test_free_text_does_not_enter_the_journal(field: str, value: str) -> None:
    world = World()

    with pytest.raises(ServiceError, match="REQUEST_FIELD_INVALID"):
        await record(world, **{field: value})
    assert not world.store.journal


def keys_of(world: World, clock: Clock | None = None) -> SigningKeys:
    return SigningKeys(world.store, clock or world.clock)


async def test_two_keys_are_published_at_any_time_and_every_token_stays_verifiable() -> None:
    world = World()
    keys = keys_of(world)
    for _ in range(24 * 95):
        await keys.refresh()
        now = world.clock.now()
        assert len(keys.published()) == 2
        assert keys.signer().key_id in keys.published()
        young = [key for key in world.store.keys.values() if key.activate_time > now - OVERLAP]
        assert len(young) <= 2
        world.clock.move(hours=1)
    assert len({key.key_id for key in world.store.keys.values()}) == 2


async def test_a_key_signs_for_thirty_days_and_is_published_ten_minutes_longer() -> None:
    world = World()
    keys = keys_of(world)
    await keys.refresh()
    first = keys.signer().key_id
    world.clock.move(days=30, minutes=-1)
    await keys.refresh()
    assert keys.signer().key_id == first
    world.clock.move(minutes=2)
    await keys.refresh()
    second = keys.signer().key_id
    assert second != first
    assert set(keys.published()) == {first, second}
    world.clock.move(minutes=10)
    await keys.refresh()
    assert first not in keys.published()
    assert ROTATION.days == 30


async def test_two_instances_sign_with_the_same_key() -> None:
    world = World()
    one, two = keys_of(world), keys_of(world)
    await one.refresh()
    await two.refresh()

    assert one.signer().key_id == two.signer().key_id
    assert active_key(list(world.store.keys.values()), NOW) is not None
