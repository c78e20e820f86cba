"""Expired accreditation at sign-in: told always, closing acts of practice where it was decided."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, HOSPITAL, HOSPITAL_DOCTOR, OPERATOR, a_check
from auth_steps import sign_in

from lkmr_auth.api.convert import session_to_proto
from lkmr_auth.domain.audit import SIGN_IN
from lkmr_auth.domain.facts import SessionChanged
from lkmr_auth.domain.lapse import BLOCK_ON_EXPIRED, Lapse, LapseMode
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.domain.session import hash_of
from lkmr_auth.domain.sign_in import ProfileStep, SessionStep
from lkmr_auth.usecases.access.policies import decide_policy, list_policies
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_auth.usecases.choose_profile import choose_profile
from lkmr_auth.usecases.know_lapses import follow_compliance, follow_many
from lkmr_auth.usecases.resolve_session import ResolvedSession, resolve_session
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import Caller, CallerKind, TokenVerifier
from lkmr_servicekit.personal import Personal

LAPSE = Lapse(organization_oid=CLINIC.oid, specialty="терапия", end_date=date(2026, 11, 13))
AWAY = ServiceError("SERVICE_UNAVAILABLE", Category.UNAVAILABLE)


def doctor(*bindings: Binding, lapses: tuple[Lapse, ...] = (LAPSE,)) -> World:
    world = World()
    world.store.person(*(bindings or (DOCTOR,)))
    world.admissions.lapses = lapses
    return world


async def enter(world: World, profile: str = "") -> bytes:
    step = await sign_in(world)
    if isinstance(step, ProfileStep):
        step = await choose_profile(step.login_cookie, profile, parts=world.sign_in)
    assert isinstance(step, SessionStep)
    return hash_of(step.session_cookie)


async def resolved(world: World, session: bytes) -> ResolvedSession:
    return await resolve_session(session, "device-1", parts=await world.sessions())


async def suspended(world: World, session: bytes) -> bool:
    """What a service learns from the token."""
    parts = await world.sessions()

    async def keys() -> dict[str, bytes]:
        return parts.keys.published()

    found = await resolve_session(session, "device-1", parts=parts)
    return (await TokenVerifier(keys, world.clock).verify(found.caller_token)).suspended


def administrator(world: World, at: Any = OPERATOR) -> Caller:
    person = world.store.person(
        Binding(organization=at, role="SEC_ADMIN"), snils=Personal(f"9000110070{len(at.id)}")
    )
    return Caller(
        kind=CallerKind.PERSON,
        subject=str(person.id),
        expire_time=0,
        session=f"persons/{person.id}/sessions/{uuid.uuid4()}",
        organization=at.id,
        roles=("SEC_ADMIN",),
    )


async def decide(world: World, value: str, caller: Caller, *, days: int = 0) -> None:
    day = world.clock.now().date() + timedelta(days=days)
    reason = "приказ организации № 7"
    await decide_policy(BLOCK_ON_EXPIRED, value, day, reason, caller=caller, parts=world.access)


def only_person(world: World) -> Person:
    (person,) = (one for one in world.store.people.values() if one.worker_id)
    return person


async def test_without_a_decision_a_lapse_is_told_and_closes_nothing() -> None:
    world = doctor()

    session = await enter(world)

    assert world.admissions.asked == [("worker-1", 7)]
    found = await resolved(world, session)
    assert found.lapse_mode is LapseMode.WARN
    assert not await suspended(world, session)
    told = session_to_proto(found, 900)
    assert (told.lapse_mode, told.lapses[0].specialty) == ("WARN", "терапия")
    assert told.lapses[0].end_date == "2026-11-13"
    reasons = [one.reason for one, _ in world.store.journal if one.operation == SIGN_IN]
    assert reasons == ["ACCREDITATION_LAPSED_WARN"]


async def test_a_decision_to_block_suspends_from_its_day_on() -> None:
    world = doctor()
    session = await enter(world)
    await decide(world, "block", administrator(world), days=1)
    assert not await suspended(world, session)

    world.clock.move(days=1)
    session = await enter(world)

    assert await suspended(world, session)
    await decide(world, "warn", administrator(world))
    assert not await suspended(world, session)


async def test_an_organisation_decides_for_itself_and_before_the_operator() -> None:
    world = doctor()
    session = await enter(world)
    clinic, hospital = administrator(world, CLINIC), administrator(world, HOSPITAL)
    await decide(world, "block", hospital)
    assert not await suspended(world, session)

    await decide(world, "block", clinic)
    await decide(world, "warn", administrator(world))

    assert await suspended(world, session)
    shown = {one.kind.key: one for one in await list_policies(caller=hospital, parts=world.access)}
    state = shown[BLOCK_ON_EXPIRED]
    assert (state.value, state.organization) == ("block", HOSPITAL.id)
    assert {one.organization for one, _ in state.decisions} == {"", HOSPITAL.id}


async def test_a_lapse_counts_at_the_organisation_of_its_job_only() -> None:
    world = doctor(DOCTOR, HOSPITAL_DOCTOR)
    world.registers.check = a_check(CLINIC, HOSPITAL)
    await decide(world, "block", administrator(world))

    assert await suspended(world, await enter(world, f"{CLINIC.id}/DOCTOR"))
    at_hospital = await enter(world, f"{HOSPITAL.id}/DOCTOR")

    assert not await suspended(world, at_hospital)
    assert (await resolved(world, at_hospital)).lapse_mode is None


async def test_an_accreditation_that_is_away_stops_no_sign_in_and_forgets_no_lapse() -> None:
    world = doctor()
    await enter(world)
    world.admissions.fault = AWAY

    session = await enter(world)

    assert (await resolved(world, session)).lapse_mode is LapseMode.WARN


async def test_a_new_entry_opens_the_running_session_again() -> None:
    world = doctor()
    await decide(world, "block", administrator(world))
    session = await enter(world)
    assert await suspended(world, session)
    world.admissions.lapses = ()
    world.store.facts.clear()

    await follow(world, uuid.uuid4())

    assert not await suspended(world, session)
    assert [type(one) for one in world.store.facts] == [SessionChanged]
    await follow(world, uuid.uuid4())
    assert len(world.store.facts) == 1, "nothing changed, nothing is told"


async def test_verdicts_about_people_who_never_came_in_ask_nobody() -> None:
    world = doctor()
    world.admissions.fault = AWAY

    await follow(world, uuid.uuid4(), worker="worker-9")

    assert world.admissions.asked == []


async def test_an_event_whose_question_fails_is_tried_again() -> None:
    world = doctor(lapses=())
    await enter(world)
    event = uuid.uuid4()
    world.admissions.fault = AWAY
    with pytest.raises(ServiceError):
        await follow(world, event)
    world.admissions.fault, world.admissions.lapses = None, (LAPSE,)

    await follow(world, event)
    assert only_person(world).lapses == (LAPSE,)
    world.admissions.lapses = (replace(LAPSE, specialty="хирургия"),)
    await follow(world, event)  # a repeat counts once

    assert only_person(world).lapses == (LAPSE,)


async def test_a_portion_of_verdicts_asks_only_about_people_who_are_known() -> None:
    world = doctor(lapses=())
    await enter(world)
    world.admissions.lapses = (LAPSE,)
    world.admissions.asked.clear()
    workers = ("worker-9", "worker-1", "worker-8")
    facts: list[tuple[str, Any]] = [(one, SimpleNamespace(id=uuid.uuid4())) for one in workers]

    await follow_many(facts, admissions=world.admissions, parts=administration(world))

    assert only_person(world).lapses == (LAPSE,)
    assert world.admissions.asked == [("worker-1", 0)]
    assert world.store.rights.seen >= {event.id for _, event in facts}


async def follow(world: World, event: uuid.UUID, worker: str = "worker-1") -> None:
    seen: Any = SimpleNamespace(id=event)
    await follow_compliance(worker, seen, admissions=world.admissions, parts=administration(world))


def administration(world: World) -> AdministrationParts:
    return AdministrationParts(
        new_uow=world.store, clock=world.clock, limits=world.limits, operator=OPERATOR.id
    )
