"""Delegations, emergency accesses and policies over PostgreSQL."""

import asyncio
import uuid
from datetime import timedelta
from functools import partial

import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, HOSPITAL
from stored_people import HEAD, calls, raw_bytes, stored_person

from lkmr_auth.domain.emergency import ReviewResult
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.policy import EMERGENCY_MINUTES
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.domain.rights import Reach
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage.administration import StoredAdministration
from lkmr_auth.usecases.access.delegate import (
    create_delegation,
    list_delegations,
    revoke_delegation,
)
from lkmr_auth.usecases.access.emergency import (
    emergency_lasts,
    end_emergency,
    list_emergencies,
    list_own_emergencies,
    review_emergency,
    start_emergency,
)
from lkmr_auth.usecases.access.policies import decide_policy, list_policies
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError

pytestmark = pytest.mark.servers
WHY = "Пациент без сознания, родных рядом нет"


@pytest.fixture
def world(store: Database, keyring: KeyRing) -> World:
    made = World()
    made.new_uow = partial(
        StoredAdministration, store, keyring, clock=made.clock, announcement=announcement_of
    )
    return made


@pytest.fixture
async def head(world: World) -> Person:
    return await stored_person(world, HEAD)


@pytest.fixture
async def doctor(world: World) -> Person:
    return await stored_person(world, DOCTOR)


async def delegate(world: World, head: Person, to: Person, start: int = 0, days: int = 7) -> str:
    """The id, or the reason of the refusal."""
    first = world.clock.now().date() + timedelta(days=start)
    try:
        made = await create_delegation(
            to.account_number, first, first + timedelta(days=days - 1),
            caller=calls(head, "HEAD_DEPT"), parts=world.access,
        )  # fmt: skip
    except ServiceError as fault:
        return fault.reason
    return str(made)


async def test_a_delegation_counts_on_its_days_and_until_it_is_taken_back(
    world: World, head: Person, doctor: Person
) -> None:
    made = await delegate(world, head, doctor, start=2, days=3)
    today = world.clock.now().date()

    async def acting(day: int) -> list[str]:
        async with world.new_uow() as uow:
            found = await uow.delegations.given_to(doctor.id, today + timedelta(days=day))
        return [str(one.id) for one in found]

    assert [await acting(day) for day in range(1, 6)] == [[], [made], [made], [made], []]
    for who in (head, doctor):
        (row,) = await list_delegations(caller=calls(who, "DOCTOR"), parts=world.access)
        assert (row.giver.id, row.delegate.id) == (head.id, doctor.id)
        assert (row.delegation.role, row.delegation.organization_id) == ("HEAD_DEPT", CLINIC.id)

    await revoke_delegation(uuid.UUID(made), caller=calls(doctor, "DOCTOR"), parts=world.access)

    assert await acting(3) == []
    async with world.new_uow() as uow:
        kept = await uow.delegations.find(uuid.UUID(made))
    assert kept.revoke_time == world.clock.now(), "the row stays for the journal"
    world.clock.move(hours=1)
    async with world.new_uow() as uow:
        await uow.delegations.revoke(uuid.UUID(made), world.clock.now())
        await uow.commit()
        assert (await uow.delegations.find(uuid.UUID(made))).revoke_time == kept.revoke_time


async def test_of_delegations_given_side_by_side_only_one_stands(
    world: World, head: Person, doctor: Person
) -> None:
    told = await asyncio.gather(*(delegate(world, head, doctor, start=day) for day in range(6)))

    assert told.count("DELEGATION_OVERLAPS") == 5
    assert await delegate(world, head, doctor, start=20) != "DELEGATION_OVERLAPS"
    (mine,) = [one for one in told if one != "DELEGATION_OVERLAPS"]
    await revoke_delegation(uuid.UUID(mine), caller=calls(head, "HEAD_DEPT"), parts=world.access)
    assert await delegate(world, head, doctor, start=1) != "DELEGATION_OVERLAPS"


async def test_what_is_over_or_of_others_is_not_listed(
    world: World, head: Person, doctor: Person
) -> None:
    await delegate(world, head, doctor, days=2)
    other = await stored_person(world, DOCTOR)

    assert await list_delegations(caller=calls(other, "DOCTOR"), parts=world.access) == ()
    world.clock.move(hours=24)
    assert len(await list_delegations(caller=calls(doctor, "DOCTOR"), parts=world.access)) == 1
    world.clock.move(hours=24)
    assert await list_delegations(caller=calls(doctor, "DOCTOR"), parts=world.access) == ()


async def open_card(world: World, who: Person, card: str) -> uuid.UUID:
    made = await start_emergency(
        card, "UNCONSCIOUS", WHY, caller=calls(who, "DOCTOR"), parts=world.access
    )
    return made.id


async def test_an_emergency_access_is_kept_sealed_opens_one_card_and_ends(
    world: World, store: Database, doctor: Person
) -> None:
    card = f"patients/{uuid.uuid4()}"
    made = await open_card(world, doctor, card)
    stranger = await stored_person(world, DOCTOR)

    (kept,) = await list_own_emergencies(caller=calls(doctor, "DOCTOR"), parts=world.access)
    assert (kept.id, kept.reason, kept.object, kept.review_result) == (made, WHY, card, None)
    raw = await raw_bytes(store, "SELECT * FROM emergency_access WHERE id = :id", id=made)
    assert "сознания".encode() not in raw
    assert await emergency_lasts(doctor.id, card, parts=world.access)
    assert not await emergency_lasts(doctor.id, f"patients/{uuid.uuid4()}", parts=world.access)
    assert not await emergency_lasts(stranger.id, card, parts=world.access)

    await end_emergency(made, caller=calls(doctor, "DOCTOR"), parts=world.access)

    assert not await emergency_lasts(doctor.id, card, parts=world.access)
    again = await open_card(world, doctor, card)
    world.clock.move(hours=3)
    assert not await emergency_lasts(doctor.id, card, parts=world.access), "its time is over"
    assert again != made


async def test_one_card_opened_side_by_side_is_one_access(world: World, doctor: Person) -> None:
    card = f"patients/{uuid.uuid4()}"

    made = await asyncio.gather(*(open_card(world, doctor, card) for _ in range(8)))

    assert len(set(made)) == 1
    async with world.new_uow() as uow:
        assert len(await uow.emergencies.list_of(doctor.id, 10)) == 1


async def test_two_reviewers_at_once_are_one_review(
    world: World, head: Person, doctor: Person
) -> None:
    made = await open_card(world, doctor, f"patients/{uuid.uuid4()}")
    second = await stored_person(world, HEAD)

    async def review(who: Person, result: ReviewResult) -> str:
        try:
            await review_emergency(made, result, caller=calls(who, "HEAD_ORG"), parts=world.access)
        except ServiceError as fault:
            return fault.reason
        return result.value

    told = await asyncio.gather(
        review(head, ReviewResult.JUSTIFIED), review(second, ReviewResult.UNJUSTIFIED)
    )

    assert min(told) == "EMERGENCY_REVIEWED"
    async with world.new_uow() as uow:
        kept = await uow.emergencies.find(made)
    assert kept.review_result.value in told
    assert kept.reviewer_id == (head if told[0] == kept.review_result.value else second).id


async def test_a_page_holds_the_own_organisation_and_begins_with_what_waits(
    world: World, head: Person, doctor: Person
) -> None:
    reviewed = await open_card(world, doctor, f"patients/{uuid.uuid4()}")
    await review_emergency(
        reviewed, ReviewResult.JUSTIFIED, caller=calls(head, "HEAD_ORG"), parts=world.access
    )
    world.clock.move(minutes=1)
    waiting = await open_card(world, doctor, f"patients/{uuid.uuid4()}")
    elsewhere = await stored_person(world, Binding(organization=HOSPITAL, role="DOCTOR"))
    far = await start_emergency(
        f"patients/{uuid.uuid4()}", "DUTY_CALL", WHY,
        caller=calls(elsewhere, "DOCTOR", HOSPITAL.id), parts=world.access,
    )  # fmt: skip

    rows = await list_emergencies(caller=calls(head, "HEAD_ORG"), parts=world.access)
    async with world.new_uow() as uow:
        everywhere = await uow.emergencies.page(Reach(organization="", everywhere=True), 100)
        first = await uow.emergencies.page(Reach(organization=CLINIC.id, everywhere=False), 1)

    ids = [row.access.id for row in rows]
    assert ids.index(waiting) < ids.index(reviewed)
    assert {row.access.organization_id for row in rows} == {CLINIC.id}
    assert {far.id, waiting, reviewed} <= {one.id for one in everywhere}
    assert [one.id for one in first] == ids[:1]


async def test_a_policy_is_decided_with_a_sealed_reason_and_counts_from_its_day(
    world: World, store: Database
) -> None:
    officer = await stored_person(world, Binding(organization=CLINIC, role="SEC_ADMIN"))
    today = world.clock.now().date()

    async def decide(value: str, day: int) -> None:
        await decide_policy(
            EMERGENCY_MINUTES, value, today + timedelta(days=day), "После учений Горшковой",
            caller=calls(officer, "SEC_ADMIN"), parts=world.access,
        )  # fmt: skip

    async def state() -> tuple[str, list[str]]:
        states = await list_policies(caller=calls(officer, "SEC_ADMIN"), parts=world.access)
        (one,) = [each for each in states if each.kind.key == EMERGENCY_MINUTES]
        return one.value, [decision.value for decision, _ in one.decisions]

    shipped, _ = await state()
    await decide("45", 0)
    world.clock.move(minutes=1)
    await decide("90", 2)

    assert shipped not in {"45", "90"}
    assert await state() == ("45", ["90", "45"])
    world.clock.move(hours=48)
    assert (await state())[0] == "90"
    raw = await raw_bytes(store, "SELECT * FROM policy WHERE key = :key", key=EMERGENCY_MINUTES)
    assert "Горшковой".encode() not in raw
    async with world.new_uow() as uow:
        newest, *_ = await uow.policies.list()
    assert (newest.reason, newest.decider_id) == ("После учений Горшковой", officer.id)
