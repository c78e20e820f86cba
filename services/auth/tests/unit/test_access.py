"""Rights beyond the matrix: who acts for whom, who opened a card and why, what was decided."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, HOSPITAL
from auth_steps import sign_in

from lkmr_auth.domain.emergency import ReviewResult
from lkmr_auth.domain.facts import IncidentDetected, SessionChanged
from lkmr_auth.domain.person import Person, PersonId, RegisterJob
from lkmr_auth.domain.policy import with_policies
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.domain.session import EndReason, Limits, State, hash_of
from lkmr_auth.domain.sign_in import ProfileStep, SessionStep
from lkmr_auth.storage import shipped
from lkmr_auth.usecases.access.delegate import (
    create_delegation,
    list_delegations,
    revoke_delegation,
)
from lkmr_auth.usecases.access.emergency import (
    emergency_lasts,
    end_emergency,
    list_emergencies,
    review_emergency,
    start_emergency,
)
from lkmr_auth.usecases.access.policies import decide_policy, list_policies, values_in_force
from lkmr_auth.usecases.choose_profile import choose_profile
from lkmr_auth.usecases.resolve_session import resolve_session
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.personal import Personal

HEAD = Binding(organization=CLINIC, role="HEAD_DEPT", department="терапия")
CARD = "patients/00000000-0000-4000-8000-000000000001"
WHY = "пациент доставлен без сознания"


def works_at(world: World, snils: str, *bindings: Binding) -> Person:
    oids = {one.organization.oid for one in bindings}
    jobs = tuple(RegisterJob(organization_oid=oid, start_date=date(2020, 1, 1)) for oid in oids)
    return world.store.person(*bindings, snils=Personal(snils), register_jobs=jobs)


def caller(person: Person, role: str, organization: str = CLINIC.id) -> Caller:
    return Caller(
        kind=CallerKind.PERSON,
        subject=str(person.id),
        expire_time=0,
        session=f"persons/{person.id}/sessions/{uuid.uuid4()}",
        organization=organization,
        roles=(role,),
    )


class Ward:
    """A head, a doctor who signs in, a doctor of another organisation; `today` is the day."""

    def __init__(self) -> None:
        self.world = World()
        self.head = works_at(self.world, "90000518524", HEAD)
        self.doctor = works_at(self.world, "90000103798", DOCTOR)
        other = Binding(organization=HOSPITAL, role="DOCTOR")
        self.stranger = works_at(self.world, "90001659244", other)
        self.today = self.world.clock.now().date()

    async def delegate(self, days: int = 7, start: int = 0, **changes: Any) -> uuid.UUID:
        first = self.today + timedelta(days=start)
        return await create_delegation(
            changes.get("number", self.doctor.account_number),
            first,
            first + timedelta(days=days - 1),
            caller=changes.get("caller", caller(self.head, "HEAD_DEPT")),
            parts=self.world.access,
        )

    async def enter(self, role: str = "DEPUTY_DEPT") -> bytes:
        step = await sign_in(self.world)
        assert isinstance(step, ProfileStep)
        opened = await choose_profile(
            step.login_cookie, f"{CLINIC.id}/{role}", parts=self.world.sign_in
        )
        assert isinstance(opened, SessionStep)
        return hash_of(opened.session_cookie)

    async def open_card(self, who: Person | None = None, **changes: str) -> Any:
        return await start_emergency(
            changes.get("card", CARD),
            changes.get("code", "UNCONSCIOUS"),
            changes.get("reason", WHY),
            caller=caller(who or self.doctor, "DOCTOR"),
            parts=self.world.access,
        )


@pytest.fixture
def ward() -> Ward:
    return Ward()


async def test_a_delegate_acts_under_a_role_of_the_department_until_the_last_day(
    ward: Ward,
) -> None:
    ward.world.limits = Limits(idle=timedelta(hours=8))
    ward.world.clock.move(hours=8)
    await ward.delegate(days=1)

    session = await ward.enter()

    parts = await ward.world.sessions()
    resolved = await resolve_session(session, "device-1", parts=parts)
    assert resolved.profile is not None
    assert (resolved.profile.role, resolved.profile.department) == ("DEPUTY_DEPT", "терапия")
    assert resolved.profile.position == "замещает заведующего отделением до 23.11.2026"
    ward.world.clock.move(hours=2)
    with pytest.raises(ServiceError, match="SESSION_REVOKED"):
        await resolve_session(session, "device-1", parts=parts)


async def test_taking_it_back_ends_the_session_under_it_at_once(ward: Ward) -> None:
    identity = await ward.delegate()
    await ward.enter()

    await revoke_delegation(
        identity, caller=caller(ward.head, "HEAD_DEPT"), parts=ward.world.access
    )

    (session,) = ward.world.store.sessions.values()
    assert (session.state, session.end_reason) == (State.ENDED, EndReason.ROLE_REMOVED)
    assert (
        await list_delegations(caller=caller(ward.doctor, "DOCTOR"), parts=ward.world.access) == ()
    )


async def test_both_see_it_and_the_delegate_may_give_it_back(ward: Ward) -> None:
    identity = await ward.delegate()
    for person in (ward.head, ward.doctor):
        (row,) = await list_delegations(caller=caller(person, "X"), parts=ward.world.access)
        assert (row.giver.id, row.delegate.id) == (ward.head.id, ward.doctor.id)

    with pytest.raises(ServiceError, match="DELEGATION_NOT_FOUND"):
        await revoke_delegation(
            identity, caller=caller(ward.stranger, "DOCTOR"), parts=ward.world.access
        )
    await revoke_delegation(identity, caller=caller(ward.doctor, "DOCTOR"), parts=ward.world.access)

    assert isinstance(await sign_in(ward.world), SessionStep)


async def test_a_giver_who_lost_the_role_delegates_nothing(ward: Ward) -> None:
    await ward.delegate()
    ward.world.store.people[ward.head.id] = replace(ward.head, register_jobs=())

    assert isinstance(await sign_in(ward.world), SessionStep)  # one profile: nothing to choose


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"days": 0}, "DELEGATION_DATES_INVALID"),
        ({"start": -1}, "DELEGATION_DATES_INVALID"),
        ({"days": 91}, "DELEGATION_DATES_INVALID"),
        ({"number": "ЛК-999999"}, "DELEGATE_UNKNOWN"),
        ({"number": "ЛК-000003"}, "DELEGATE_UNKNOWN"),
        ({"number": "ЛК-000001"}, "SEPARATION_OF_DUTIES"),
    ],
)
async def test_what_cannot_be_delegated(ward: Ward, changes: Any, reason: str) -> None:
    with pytest.raises(ServiceError, match=reason):
        await ward.delegate(**changes)


async def test_a_deputy_and_a_doctor_have_nothing_to_delegate(ward: Ward) -> None:
    for role in ("DEPUTY_DEPT", "DOCTOR"):
        with pytest.raises(ServiceError, match="DELEGATION_CLOSED"):
            await ward.delegate(caller=caller(ward.head, role))


async def test_days_of_one_delegate_do_not_overlap(ward: Ward) -> None:
    await ward.delegate(days=7)
    with pytest.raises(ServiceError, match="DELEGATION_OVERLAPS"):
        await ward.delegate(days=3, start=6)
    assert await ward.delegate(days=3, start=7)


async def test_an_emergency_opens_one_card_for_two_hours_and_the_watch_hears_of_it(
    ward: Ward,
) -> None:
    world = ward.world
    step = await sign_in(world)
    assert isinstance(step, SessionStep)

    opened = await ward.open_card()

    doctor = PersonId(ward.doctor.id)
    assert opened.expire_time == world.clock.now() + timedelta(hours=2)
    assert opened.review_due_date == date(2026, 11, 26)
    told = [fact for fact in world.store.facts if isinstance(fact, IncidentDetected)]
    assert [(one.kind, one.organization) for one in told] == [("EMERGENCY_ACCESS", CLINIC.id)]
    assert any(isinstance(fact, SessionChanged) for fact in world.store.facts)
    (incident,) = world.store.beyond.incidents
    assert incident.facts == {"minutes": 120, "reason": "UNCONSCIOUS"}
    session = hash_of(step.session_cookie)
    resolved = await resolve_session(session, "device-1", parts=await world.sessions())
    assert resolved.emergency_end == opened.expire_time
    assert await emergency_lasts(doctor, CARD, parts=world.access)
    assert not await emergency_lasts(doctor, CARD[:-1] + "2", parts=world.access)
    world.clock.move(hours=2)
    assert not await emergency_lasts(doctor, CARD, parts=world.access)


async def test_a_card_that_is_open_is_not_opened_twice(ward: Ward) -> None:
    first = await ward.open_card()

    assert (await ward.open_card()).id == first.id
    assert len(ward.world.store.beyond.incidents) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"card": "patients/1"}, "EMERGENCY_OBJECT_INVALID"),
        ({"card": "workers/00000000-0000-4000-8000-000000000001"}, "EMERGENCY_OBJECT_INVALID"),
        ({"code": "CURIOSITY"}, "EMERGENCY_REASON_UNKNOWN"),
        ({"reason": "  да  "}, "REASON_REQUIRED"),
    ],
)
async def test_an_emergency_has_a_card_a_cause_and_words(
    ward: Ward, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(ServiceError, match=reason):
        await ward.open_card(**changes)
    assert not ward.world.store.beyond.incidents


async def test_its_owner_closes_it_and_nobody_else(ward: Ward) -> None:
    opened = await ward.open_card()
    with pytest.raises(ServiceError, match="EMERGENCY_NOT_FOUND"):
        await end_emergency(
            opened.id, caller=caller(ward.stranger, "DOCTOR"), parts=ward.world.access
        )

    await end_emergency(opened.id, caller=caller(ward.doctor, "DOCTOR"), parts=ward.world.access)

    assert not await emergency_lasts(PersonId(ward.doctor.id), CARD, parts=ward.world.access)


async def test_a_head_reviews_once_what_somebody_else_opened_in_the_own_organisation(
    ward: Ward,
) -> None:
    opened, parts = await ward.open_card(), ward.world.access
    head = caller(ward.head, "HEAD_ORG")
    for other, reason in (
        (caller(ward.stranger, "HEAD_ORG", HOSPITAL.id), "EMERGENCY_NOT_FOUND"),
        (caller(ward.doctor, "HEAD_ORG"), "SEPARATION_OF_DUTIES"),
    ):
        with pytest.raises(ServiceError, match=reason):
            await review_emergency(opened.id, ReviewResult.JUSTIFIED, caller=other, parts=parts)

    await review_emergency(opened.id, ReviewResult.UNJUSTIFIED, caller=head, parts=parts)

    (row,) = await list_emergencies(caller=head, parts=parts)
    assert row.access.review_result is ReviewResult.UNJUSTIFIED
    with pytest.raises(ServiceError, match="EMERGENCY_REVIEWED"):
        await review_emergency(opened.id, ReviewResult.JUSTIFIED, caller=head, parts=parts)


async def decide(ward: Ward, key: str, value: str, days: int = 0, reason: str = WHY) -> None:
    await decide_policy(
        key,
        value,
        ward.today + timedelta(days=days),
        reason,
        caller=caller(ward.head, "SEC_ADMIN"),
        parts=ward.world.access,
    )


async def test_a_policy_counts_from_its_day_on_and_the_past_is_kept(ward: Ward) -> None:
    await decide(ward, "emergency.minutes", "60", days=1)
    assert (await values_in_force(parts=ward.world.access))["emergency.minutes"] == "120"
    ward.world.clock.move(days=1)
    opened = await ward.open_card()
    assert opened.expire_time - opened.start_time == timedelta(minutes=60)

    await decide(ward, "emergency.minutes", "30", days=1)

    state = next(
        one
        for one in await list_policies(
            caller=caller(ward.head, "SEC_ADMIN"), parts=ward.world.access
        )
        if one.kind.key == "emergency.minutes"
    )
    assert state.value == "30"
    assert [one.value for one, _ in state.decisions] == ["30", "60"]


@pytest.mark.parametrize(
    ("key", "value", "days", "reason"),
    [
        ("emergency.minutes", "5", 0, "POLICY_VALUE_INVALID"),
        ("emergency.minutes", "два часа", 0, "POLICY_VALUE_INVALID"),
        ("emergency.minutes", "60", -1, "POLICY_VALUE_INVALID"),
        ("no.such", "60", 0, "POLICY_UNKNOWN"),
        ("rbac.block_on_expired", "60", 0, "POLICY_VALUE_INVALID"),
    ],
)
async def test_what_cannot_be_decided(
    ward: Ward, key: str, value: str, days: int, reason: str
) -> None:
    with pytest.raises(ServiceError, match=reason):
        await decide(ward, key, value, days)


async def test_thresholds_of_suspicion_follow_the_policies(ward: Ward) -> None:
    await decide(ward, "suspicion.DENIAL_BURST.count", "12")
    await decide(ward, "suspicion.travel.kilometres_an_hour", "800")

    values = await values_in_force(parts=ward.world.access)

    made = with_policies(shipped.suspicion(), values)
    counts = {row.kind: row.count for row in made.rows}
    assert (counts["DENIAL_BURST"], counts["MASS_OPENING"]) == (12, 60)
    assert made.travel.kilometres_an_hour == 800
    assert with_policies(shipped.suspicion(), {}) == shipped.suspicion()
