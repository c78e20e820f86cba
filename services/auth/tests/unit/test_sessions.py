from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, HOSPITAL, HOSPITAL_DOCTOR, NOW, ORIGIN, a_check, tokens
from auth_steps import sign_in

from lkmr_auth.api.convert import session_list_to_proto, session_to_proto
from lkmr_auth.domain.errors import EsiaCodeRefused, EsiaUnavailable
from lkmr_auth.domain.person import AccountState, RegisterJob
from lkmr_auth.domain.session import EndReason, SessionEnded, State, device_label, hash_of
from lkmr_auth.domain.sign_in import ProfileStep, SessionStep
from lkmr_auth.usecases.choose_profile import choose_profile
from lkmr_auth.usecases.end_session import end_session
from lkmr_auth.usecases.keep_house import close_rotated
from lkmr_auth.usecases.list_sessions import list_sessions
from lkmr_auth.usecases.refresh_esia_tokens import refresh_esia_tokens
from lkmr_auth.usecases.resolve_session import SessionParts, resolve_session
from lkmr_auth.usecases.revoke_session import revoke_session
from lkmr_auth.usecases.switch_profile import switch_profile
from lkmr_auth.usecases.touch_session import touch_session
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import TokenVerifier

DEVICE = "device-1"


async def opened(world: World) -> bytes:
    """An open session of a doctor; gives the hash of its secret."""
    if not world.store.people:
        world.store.person(DOCTOR)
    step = await sign_in(world)
    assert isinstance(step, SessionStep)
    return hash_of(step.session_cookie)


async def refused(secret_hash: bytes, parts: SessionParts, device: str = DEVICE) -> ServiceError:
    with pytest.raises(ServiceError) as refusal:
        await resolve_session(secret_hash, device, parts=parts)
    return refusal.value


def ended(world: World) -> list[tuple[str, str]]:
    facts = [fact for fact in world.store.facts if isinstance(fact, SessionEnded)]
    return [(fact.session, fact.reason.value) for fact in facts]


async def test_a_session_tells_who_it_belongs_to_with_a_token_that_services_verify() -> None:
    world = World()
    secret_hash = await opened(world)
    parts = await world.sessions()

    resolved = await resolve_session(secret_hash, DEVICE, parts=parts)

    async def keys() -> dict[str, bytes]:
        return parts.keys.published()

    caller = await TokenVerifier(keys, world.clock).verify(resolved.caller_token)
    (session,) = world.store.sessions.values()
    assert caller.subject == str(session.person_id)
    assert caller.session == session.name
    assert (caller.worker, caller.organization) == ("worker-1", "org-gp1")
    assert (caller.roles, caller.assurance) == (("DOCTOR",), "SIGNED_IN")
    made = session_to_proto(resolved, 900)
    assert made.active_profile.name == "org-gp1/DOCTOR"
    assert made.esia_access_token == "access-first"
    assert made.register_version == "7"
    assert (made.family_name, made.idle_seconds) == ("Образцова", 900)


async def test_a_session_without_a_job_has_no_profile_and_no_roles() -> None:
    world = World()
    world.registers.check = a_check()
    secret_hash = await opened(world)

    resolved = await resolve_session(secret_hash, DEVICE, parts=await world.sessions())

    assert resolved.profile is None
    assert not session_to_proto(resolved, 900).HasField("active_profile")
    assert resolved.person.worker_id == "worker-1"


async def test_an_unknown_secret_is_no_session() -> None:
    assert (await refused(b"\x00" * 32, await World().sessions())).reason == "SESSION_UNKNOWN"


@pytest.mark.proves("F-154")
async def test_idleness_and_the_absolute_end_close_a_session() -> None:
    world = World()
    parts = await world.sessions()
    idle = await opened(world)
    world.clock.move(minutes=16, seconds=1)
    assert (await refused(idle, parts)).reason == "SESSION_EXPIRED"
    assert (await refused(idle, parts)).reason == "SESSION_EXPIRED"
    assert not ended(world)

    busy = await opened(world)
    for _ in range(47):
        world.clock.move(minutes=10)
        await touch_session(busy, world.clock.now(), parts=parts)
        await resolve_session(busy, DEVICE, parts=parts)
    world.clock.move(minutes=10)
    assert (await refused(busy, parts)).reason == "SESSION_EXPIRED"


async def test_an_act_is_never_noted_in_the_future_nor_back() -> None:
    world = World()
    parts = await world.sessions()
    secret_hash = await opened(world)

    await touch_session(secret_hash, world.clock.now() + timedelta(hours=1), parts=parts)
    await touch_session(secret_hash, world.clock.now() - timedelta(hours=1), parts=parts)

    (session,) = world.store.sessions.values()
    assert session.active_time == world.clock.now()


async def test_another_device_ends_the_session() -> None:
    world = World()
    parts = await world.sessions()
    secret_hash = await opened(world)

    refusal = await refused(secret_hash, parts, device="device-2")

    assert (refusal.reason, refusal.metadata) == ("SESSION_REVOKED", {"reason": "DEVICE_CHANGED"})
    assert [reason for _, reason in ended(world)] == ["DEVICE_CHANGED"]
    assert (await refused(secret_hash, parts)).reason == "SESSION_REVOKED"


async def two_profiles(world: World) -> bytes:
    world.store.person(DOCTOR, HOSPITAL_DOCTOR)
    world.registers.check = a_check(CLINIC, HOSPITAL)
    step = await sign_in(world)
    assert isinstance(step, ProfileStep)
    first = await choose_profile(step.login_cookie, "org-gp1/DOCTOR", parts=world.sign_in)
    return hash_of(first.session_cookie)


async def test_a_switch_gives_a_new_id_and_the_old_one_lives_thirty_seconds_more() -> None:
    world = World()
    parts = await world.sessions()
    old = await two_profiles(world)
    world.clock.move(minutes=5)

    step = await switch_profile(old, "org-kb2/DOCTOR", parts=parts)

    new = hash_of(step.session_cookie)
    world.clock.move(seconds=30)
    under_way = await resolve_session(old, DEVICE, parts=parts)
    fresh = await resolve_session(new, DEVICE, parts=parts)
    assert under_way.session.profile_name == "org-gp1/DOCTOR"
    assert fresh.session.profile_name == "org-kb2/DOCTOR"
    assert fresh.session.name != under_way.session.name
    assert fresh.session.start_time == under_way.session.start_time == NOW
    assert fresh.session.expire_time == NOW + timedelta(hours=8)
    assert session_to_proto(under_way, 900).expire_time.seconds == int(
        world.clock.now().timestamp()
    )
    assert fresh.esia_access_token == "access-first"


@pytest.mark.parametrize("swept", [False, True])
async def test_an_old_id_used_after_that_ends_the_whole_family(*, swept: bool) -> None:
    world = World()
    parts = await world.sessions()
    old = await two_profiles(world)
    new = hash_of((await switch_profile(old, "org-kb2/DOCTOR", parts=parts)).session_cookie)
    world.clock.move(seconds=31)
    if swept:
        await close_rotated(parts=parts)
        assert [reason for _, reason in ended(world)] == ["PROFILE_SWITCHED"]

    assert (await refused(old, parts)).metadata == {"reason": "OLD_ID_USED"}
    assert (await refused(new, parts)).metadata == {"reason": "OLD_ID_USED"}
    assert "OLD_ID_USED" in world.store.reasons


async def test_a_late_report_about_an_old_id_ends_nothing() -> None:
    world = World()
    parts = await world.sessions()
    old = await two_profiles(world)
    new = hash_of((await switch_profile(old, "org-kb2/DOCTOR", parts=parts)).session_cookie)
    world.clock.move(seconds=40)

    with pytest.raises(ServiceError, match="SESSION_REVOKED"):
        await touch_session(old, world.clock.now(), parts=parts)

    assert await resolve_session(new, DEVICE, parts=parts)


async def test_an_old_id_cannot_switch_again() -> None:
    world = World()
    parts = await world.sessions()
    old = await two_profiles(world)
    await switch_profile(old, "org-kb2/DOCTOR", parts=parts)

    with pytest.raises(ServiceError, match="SESSION_REVOKED"):
        await switch_profile(old, "org-gp1/DOCTOR", parts=parts)


async def test_a_profile_one_does_not_hold_cannot_be_switched_to() -> None:
    world = World()
    parts = await world.sessions()
    secret_hash = await opened(world)

    with pytest.raises(ServiceError, match="PROFILE_UNKNOWN"):
        await switch_profile(secret_hash, "org-gp1/HEAD_ORG", parts=parts)

    assert await resolve_session(secret_hash, DEVICE, parts=parts)


async def test_a_job_that_ends_takes_the_session_with_it() -> None:
    world = World()
    parts = await world.sessions()
    secret_hash = await opened(world)
    (person,) = world.store.people.values()
    over = RegisterJob(organization_oid=CLINIC.oid, end_date=NOW.date() - timedelta(days=1))
    world.store.people[person.id] = replace(person, register_jobs=(over,))

    assert (await refused(secret_hash, parts)).metadata == {"reason": "ROLE_REMOVED"}
    assert [reason for _, reason in ended(world)] == ["ROLE_REMOVED"]


async def test_a_blocked_account_loses_its_session() -> None:
    world = World()
    parts = await world.sessions()
    secret_hash = await opened(world)
    (person,) = world.store.people.values()
    world.store.people[person.id] = replace(person, state=AccountState.BLOCKED)

    assert (await refused(secret_hash, parts)).metadata == {"reason": "ACCOUNT_BLOCKED"}


async def test_signing_out_ends_the_session_and_leads_to_esia() -> None:
    world = World()
    parts = await world.sessions()
    secret_hash = await opened(world)

    async def leave(origin: str) -> str:
        return await end_session(
            secret_hash, origin, allowed_origins=frozenset({ORIGIN}), esia=world.esia, parts=parts
        )

    assert await leave(ORIGIN) == f"https://esia.example/logout?redirect_url={ORIGIN}/"
    assert (await refused(secret_hash, parts)).metadata == {"reason": "SIGNED_OUT"}
    assert not world.store.esia
    assert await leave("https://evil.example") == "https://esia.example/logout?redirect_url="
    assert [reason for _, reason in ended(world)] == ["SIGNED_OUT"]


async def test_own_sessions_are_listed_and_ended_foreign_ones_are_not_found() -> None:
    world = World()
    parts = await world.sessions()
    first = await opened(world)
    world.clock.move(minutes=1)
    second = await opened(world)
    (person,) = world.store.people.values()
    stranger = world.store.person(DOCTOR)
    current = await resolve_session(second, DEVICE, parts=parts)

    listed = await list_sessions(person.id, parts=parts)
    body = orjson.loads(session_list_to_proto(listed, current.session.name).body)

    assert [one["current"] for one in body["items"]] == [True, False]
    assert body["items"][0]["device"] == "Firefox, Windows"
    assert body["items"][0]["place"] == "192.0.2.7"
    assert body["items"][0]["start_time"] == "2026-11-23T11:33:00Z"
    assert [one["result"] for one in body["sign_ins"]] == ["ALLOWED", "ALLOWED"]
    other = listed.sessions[1]
    with pytest.raises(ServiceError, match="SESSION_NOT_FOUND"):
        await revoke_session(stranger.id, other.id, parts=parts)
    await revoke_session(person.id, other.id, parts=parts)
    await revoke_session(person.id, other.id, parts=parts)
    assert (await refused(first, parts)).metadata == {"reason": "REVOKED_BY_OWNER"}
    assert len((await list_sessions(person.id, parts=parts)).sessions) == 1


async def renew(world: World) -> int:
    return await refresh_esia_tokens(new_uow=world.store, esia=world.esia, clock=world.clock)


async def test_tokens_are_renewed_a_minute_before_their_end() -> None:
    world = World()
    secret_hash = await opened(world)
    parts = await world.sessions()
    world.clock.move(minutes=58)
    assert await renew(world) == 0
    world.clock.move(minutes=1, seconds=1)
    assert await renew(world) == 1
    assert world.esia.refreshed == ["refresh-first"]
    await touch_latest(world)

    resolved = await resolve_session(secret_hash, DEVICE, parts=parts)

    assert resolved.esia_access_token == "access-renewed"
    assert await renew(world) == 0


async def touch_latest(world: World) -> None:
    for session in list(world.store.sessions.values()):
        world.store.sessions[session.id] = replace(session, active_time=world.clock.now())


async def test_esia_that_is_away_at_a_renewal_does_not_end_a_session() -> None:
    world = World()
    secret_hash = await opened(world)
    world.clock.move(minutes=61)
    await touch_latest(world)
    world.esia.fault = EsiaUnavailable()

    assert await renew(world) == 1
    assert await renew(world) == 0

    resolved = await resolve_session(secret_hash, DEVICE, parts=await world.sessions())
    assert resolved.esia_access_token == ""
    world.esia.fault = None
    world.clock.move(seconds=46)
    assert await renew(world) == 1
    assert world.esia.refreshed == ["refresh-first"]


async def test_a_refusal_of_esia_at_a_renewal_ends_the_session() -> None:
    world = World()
    secret_hash = await opened(world)
    world.clock.move(minutes=61)
    world.esia.fault = EsiaCodeRefused()

    await renew(world)

    refusal = await refused(secret_hash, await world.sessions())
    assert refusal.metadata == {"reason": "REFUSED_BY_ESIA"}
    assert [reason for _, reason in ended(world)] == ["REFUSED_BY_ESIA"]


async def test_a_switch_during_a_renewal_keeps_the_renewed_tokens() -> None:
    world = World()
    parts = await world.sessions()
    old = await two_profiles(world)
    async with world.store() as uow:
        ((family_id, _),) = await uow.esia_sessions.lease(
            NOW + timedelta(hours=2), NOW, NOW + timedelta(seconds=45), 20
        )
        await uow.commit()
    new = hash_of((await switch_profile(old, "org-kb2/DOCTOR", parts=parts)).session_cookie)
    async with world.store() as uow:
        await uow.esia_sessions.save(family_id, tokens("renewed"))
        await uow.commit()

    assert (await resolve_session(new, DEVICE, parts=parts)).esia_access_token == "access-renewed"


def test_browsers_are_named_in_words() -> None:
    yandex = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130 YaBrowser/25 Safari/537"
    assert device_label(yandex) == "Яндекс Браузер, Windows"
    assert device_label("curl/8.5") == "curl/8.5"
    assert device_label("<script>") == "script"
    assert device_label("") == "Неизвестное устройство"


def test_ended_sessions_say_why() -> None:
    assert {reason.value for reason in EndReason} >= {"SIGNED_OUT", "OTHER_DEVICE"}
    assert State("ROTATED") is State.ROTATED
