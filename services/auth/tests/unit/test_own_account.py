import uuid
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from auth_fakes import World
from auth_samples import DOCTOR
from auth_steps import sign_in

from lkmr_access.erasure import Scope
from lkmr_auth.api.profile_json import own_profile_to_proto
from lkmr_auth.domain.data_request import Outcome, RequestKind, RequestStage
from lkmr_auth.domain.erasure import CONSENTS
from lkmr_auth.domain.facts import ConsentDecided, DataRequestMoved
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import SessionEnded, State, hash_of
from lkmr_auth.domain.sign_in import SessionStep
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.usecases.activation.decide import tell_decisions
from lkmr_auth.usecases.consents import decide_consent, read_own_profile
from lkmr_auth.usecases.end_other_sessions import end_other_sessions
from lkmr_auth.usecases.renew_session import renew_session
from lkmr_auth.usecases.resolve_session import resolve_session
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.errors import ServiceError


async def opened(world: World) -> bytes:
    step = await sign_in(world)
    assert isinstance(step, SessionStep)
    return hash_of(step.session_cookie)


def a_world() -> World:
    world = World()
    world.store.person(DOCTOR)
    return world


async def test_a_new_id_keeps_the_ends_of_the_session_and_is_due_again_in_half_an_hour() -> None:
    world = a_world()
    session = await opened(world)
    parts = await world.sessions()
    before = await resolve_session(session, "device-1", parts=parts)
    assert before.renew_time == world.clock.now() + timedelta(minutes=30)
    world.clock.move(minutes=10)

    renewed = await renew_session(session, parts=parts)

    after = await resolve_session(hash_of(renewed.session_cookie), "device-1", parts=parts)
    assert after.session.expire_time == before.session.expire_time
    assert after.session.start_time == before.session.start_time
    assert after.session.family_id == before.session.family_id
    assert after.renew_time == world.clock.now() + timedelta(minutes=30)
    with pytest.raises(ServiceError, match="SESSION_REVOKED"):
        await renew_session(session, parts=parts)  # who comes second keeps the old id
    await resolve_session(session, "device-1", parts=parts)
    world.clock.move(seconds=31)
    with pytest.raises(ServiceError, match="SESSION_REVOKED"):
        await resolve_session(session, "device-1", parts=parts)


async def test_all_sessions_but_the_present_one_are_ended_at_once() -> None:
    world = a_world()
    await opened(world)
    await opened(world)
    session = await opened(world)
    present = next(one for one in world.store.sessions.values() if one.secret_hash == session)

    ended = await end_other_sessions(present.person_id, present.name, parts=await world.sessions())

    assert ended == 2
    active = [one for one in world.store.sessions.values() if one.state is State.ACTIVE]
    assert active == [present]
    told = [fact for fact in world.store.facts if isinstance(fact, SessionEnded)]
    assert {fact.reason.value for fact in told} == {"REVOKED_BY_OWNER"}


async def test_a_consent_is_given_and_withdrawn_and_every_decision_stays_in_the_registry() -> None:
    world = a_world()
    (person,) = world.store.people.values()
    owner, parts = PersonId(person.id), await world.identity()

    async def decide(*, given: bool) -> None:
        await decide_consent(owner, "consent-surveys", given=given, session="s", parts=parts)

    await decide(given=True)
    await decide(given=True)
    world.clock.move(minutes=1)
    await decide(given=False)
    await decide(given=False)

    told = orjson.loads(own_profile_to_proto(await read_own_profile(owner, parts=parts)).body)
    assert [one["decision"] for one in told["history"]] == ["WITHDRAWN", "GIVEN"]
    states = {one["id"]: one["decision"] for one in told["consents"]}
    assert states["consent-surveys"] == "WITHDRAWN"
    assert states["consent-notices"] is None
    assert [entry.reason for entry, _ in world.store.journal] == ["GIVEN", "WITHDRAWN"]


@pytest.mark.parametrize(("document", "scope"), [*CONSENTS.items(), ("consent-surveys", None)])
async def test_a_withdrawn_consent_asks_for_the_end_of_its_data_within_thirty_days(
    document: str, scope: Scope | None
) -> None:
    world = World()
    owner, parts = world.store.person(DOCTOR).id, await world.identity()

    for given in (True, False, False):
        await decide_consent(
            PersonId(owner), document, given=given, session="s", organization="o", parts=parts
        )

    asked = [*world.store.beyond.data_requests.values()]
    expected = [(RequestKind.ERASURE, scope)] if scope else []
    assert [(one.kind, one.scope) for one in asked] == expected
    for one in asked:
        assert (one.due_date - day_in(MOSCOW, one.create_time)).days == 30


@pytest.mark.parametrize("document", CONSENTS)
async def test_a_consent_given_anew_closes_what_its_withdrawal_had_asked(document: str) -> None:
    world = World()
    owner, parts = PersonId(world.store.person(DOCTOR).id), await world.identity()

    async def decide(of: str, *, given: bool) -> None:
        world.clock.move(seconds=1)
        await decide_consent(owner, of, given=given, session="s", organization="o", parts=parts)

    for one in CONSENTS:
        await decide(one, given=True)
        await decide(one, given=False)
    await decide(document, given=True)

    for asked in world.store.beyond.data_requests.values():
        again = asked.scope is CONSENTS[document]
        assert asked.outcome is (Outcome.SUPERSEDED if again else None)
        assert (asked.state is RequestStage.ANSWERED) is again
    moved = [fact for fact in world.store.facts if isinstance(fact, DataRequestMoved)]
    assert [fact.request.outcome for fact in moved] == [None, None, Outcome.SUPERSEDED]


async def test_each_decision_is_told_with_ids_only_and_again_for_a_worker_who_becomes_known() -> (
    None
):
    world = World()
    world.store.person(DOCTOR)
    (person,) = world.store.people.values()
    world.store.people[person.id] = person = replace(person, worker_id=str(uuid.uuid4()))
    parts = await world.identity()
    for document in ("consent-education", "consent-surveys"):
        for given in (True, False):
            world.clock.move(seconds=1)
            await decide_consent(
                PersonId(person.id), document, given=given, session="s", parts=parts
            )

    told = [fact for fact in world.store.facts if isinstance(fact, ConsentDecided)]
    assert [fact.record.decision.value for fact in told] == ["GIVEN", "WITHDRAWN"]
    made = announcement_of(told[-1])
    assert made.resource == f"persons/{person.id}/consents/consent-education"
    assert made.message.worker == f"workers/{person.worker_id}"
    assert made.message.decide_time == told[-1].record.time.isoformat(timespec="microseconds")

    async with parts.codes.new_uow() as uow:
        await tell_decisions(uow, person, person)
        await tell_decisions(uow, replace(person, worker_id=""), person)
        await uow.commit()
    again = [fact for fact in world.store.facts if isinstance(fact, ConsentDecided)]
    assert again == [*told, told[-1]]
    assert announcement_of(again[-1]).event_id == made.event_id


async def test_terms_are_no_consent_that_could_be_taken_back() -> None:
    world = a_world()
    (person,) = world.store.people.values()

    with pytest.raises(ServiceError, match="DOCUMENT_UNKNOWN"):
        await decide_consent(
            PersonId(person.id), "terms", given=False, session="s", parts=await world.identity()
        )
