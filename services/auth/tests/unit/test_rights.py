import uuid
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from auth_fakes import World
from auth_samples import (
    AUDITOR,
    CLINIC,
    DOCTOR,
    HOSPITAL,
    HOSPITAL_DOCTOR,
    NOW,
    OPERATOR,
    SNILS,
    a_check,
)
from auth_steps import sign_in
from hypothesis import given
from hypothesis import strategies as st

from lkmr_auth.domain.errors import (
    AccountActClosed,
    AddressInvalid,
    PersonNotFound,
    ReasonRequired,
    RoleHeldAlready,
    RoleRequestNotFound,
    RoleRequestPending,
    RoleUnknown,
    SeparationOfDuties,
)
from lkmr_auth.domain.facts import SessionChanged
from lkmr_auth.domain.identity import RegisterCard, WorkerCard
from lkmr_auth.domain.person import AccountState, Person, PersonalNames, PersonId, RegisterJob
from lkmr_auth.domain.posts import Posts
from lkmr_auth.domain.profiles import ROLES, Binding
from lkmr_auth.domain.redirect import origin_in
from lkmr_auth.domain.rights import AccountAct, Actor, Reach, needs_approval, require_grantable
from lkmr_auth.domain.session import EndReason, SessionEnded
from lkmr_auth.storage import shipped
from lkmr_auth.usecases.administration.assign_role import assign_role
from lkmr_auth.usecases.administration.change_account import change_account
from lkmr_auth.usecases.administration.decide_role_request import decide_role_request
from lkmr_auth.usecases.administration.end_any_session import end_any_session
from lkmr_auth.usecases.administration.follow_register import follow_register
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_auth.usecases.administration.read_people import list_people, read_person
from lkmr_auth.usecases.administration.revoke_role import revoke_role
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.telemetry import REGISTRY

IT_ADMIN = Binding(organization=CLINIC, role="IT_ADMIN")
HEAD = Binding(organization=CLINIC, role="HEAD_ORG")
POSTS = shipped.posts()
REASON = "новый сотрудник отделения"


def caller_for(person: Person, binding: Binding) -> Caller:
    return Caller(
        kind=CallerKind.PERSON,
        subject=str(person.id),
        expire_time=0,
        session=f"persons/{person.id}/sessions/{uuid.uuid4()}",
        organization=binding.organization.id,
        roles=(binding.role,),
    )


class Office:
    """An IT administrator and a head of one organisation, and a person to administer."""

    def __init__(self) -> None:
        self.world = World()
        store = self.world.store
        self.worker = store.person(
            DOCTOR,
            register_jobs=(RegisterJob(organization_oid=CLINIC.oid, start_date=date(2020, 1, 1)),),
            worker_id="worker-1",
        )
        self.admin_person = store.person(IT_ADMIN, snils=Personal("90001037008"))
        self.head_person = store.person(HEAD, snils=Personal("90000518524"))
        self.admin = caller_for(self.admin_person, IT_ADMIN)
        self.head = caller_for(self.head_person, HEAD)
        self.parts = AdministrationParts(
            new_uow=store,
            clock=self.world.clock,
            limits=self.world.limits,
            operator=OPERATOR.id,
        )

    def assign(self, role: str = "NURSE", **changes: Any) -> Any:
        values: dict[str, Any] = {
            "organization": CLINIC.id,
            "role": role,
            "position": "медицинская сестра",
            "department": "",
            "reason": REASON,
            "request_id": "",
            "caller": self.admin,
            "parts": self.parts,
        } | changes
        person_id = values.pop("person_id", self.worker.id)
        return assign_role(person_id, **values)

    def roles(self, person_id: PersonId | None = None) -> set[str]:
        return {one.role for one in self.world.store.bindings[person_id or self.worker.id]}

    def change(self, act: AccountAct, caller: Caller | None = None, **changes: Any) -> Any:
        return change_account(
            changes.get("person_id", self.worker.id),
            act,
            reason=REASON,
            caller=caller or self.admin,
            parts=self.parts,
        )

    async def held(self, role: str) -> uuid.UUID:
        async with self.world.store() as uow:
            roles = await uow.rights.list_roles(self.worker.id)
        return next(one.id for one in roles if one.binding.role == role)


@pytest.fixture
def office() -> Office:
    return Office()


async def test_an_it_administrator_gives_a_role_and_open_sessions_are_asked_anew(
    office: Office,
) -> None:
    await sign_in(office.world)

    done = await office.assign("NURSE")

    assert done.startswith("role:")
    assert office.roles() == {"DOCTOR", "NURSE"}
    assert any(isinstance(fact, SessionChanged) for fact in office.world.store.facts)


async def test_a_revoked_role_ends_the_sessions_under_it_at_once(office: Office) -> None:
    await sign_in(office.world)

    await revoke_role(
        await office.held("DOCTOR"), reason=REASON, caller=office.admin, parts=office.parts
    )

    assert office.roles() == set()
    (session,) = office.world.store.sessions.values()
    assert session.end_reason is EndReason.ROLE_REMOVED
    assert any(isinstance(fact, SessionEnded) for fact in office.world.store.facts)


@pytest.mark.proves("F-298")
async def test_acts_by_hand_are_counted_and_what_the_register_does_is_not(office: Office) -> None:
    def counted(operation: str) -> float:
        name = "lkmr_auth_manual_account_actions_total"
        return REGISTRY.get_sample_value(name, {"operation": operation}) or 0

    before = {one: counted(one) for one in ("role_assign", "role_revoke", "block")}
    await follow(office, a_card(a_job(oid="1.2.77.5"), snils="90001555535"))
    assert {one: counted(one) for one in before} == before

    await office.assign("NURSE")
    held = await office.held("NURSE")
    await revoke_role(held, reason=REASON, caller=office.admin, parts=office.parts)
    await office.change(AccountAct.BLOCK)
    with pytest.raises(SeparationOfDuties):
        await office.change(AccountAct.BLOCK, person_id=office.admin_person.id)

    assert {one: counted(one) - was for one, was in before.items()} == dict.fromkeys(before, 1)


async def test_why_an_administrator_did_something_is_kept_with_the_person(office: Office) -> None:
    await sign_in(office.world)
    (session,) = office.world.store.sessions.values()
    by_admin = {"reason": REASON, "caller": office.admin, "parts": office.parts}

    await end_any_session(office.worker.id, session.id, **by_admin)
    await office.assign("NURSE")
    await revoke_role(await office.held("NURSE"), **by_admin)
    for act in (AccountAct.BLOCK, AccountAct.UNBLOCK, AccountAct.UNBLOCK):
        await office.change(act)

    card = await read_person(office.worker.id, caller=office.admin, parts=office.parts)
    assert [one.operation for one in card.acts] == [
        "account.unblock",
        "account.block",
        "account.role_revoke",
        "account.role_assign",
        "account.session_end",
    ]
    assert {one.reason.open() for one in card.acts} == {REASON}
    assert {one.actor_id for one in card.acts} == {office.admin_person.id}


async def test_a_repeat_gives_the_first_answer(office: Office) -> None:
    first = await office.assign(request_id="r1")

    assert await office.assign(request_id="r1") == first
    with pytest.raises(RoleHeldAlready):
        await office.assign(request_id="r2")


async def test_nobody_gives_a_role_to_himself_nor_takes_his_own(office: Office) -> None:
    with pytest.raises(SeparationOfDuties):
        await office.assign(person_id=office.admin_person.id)
    with pytest.raises(SeparationOfDuties):
        await office.change(AccountAct.BLOCK, person_id=office.admin_person.id)


async def test_a_role_that_opens_others_data_needs_a_second_person(office: Office) -> None:
    asked = await office.assign("AUDITOR")
    assert asked.startswith("request:")
    assert "AUDITOR" not in office.roles()
    with pytest.raises(RoleRequestPending):
        await office.assign("AUDITOR")

    decide = partial(decide_role_request, uuid.UUID(asked[8:]), approve=True, parts=office.parts)
    with pytest.raises(SeparationOfDuties):
        await decide(caller=replace(office.admin, roles=("HEAD_ORG",)))
    await decide(caller=office.head)

    assert "AUDITOR" in office.roles()
    with pytest.raises(RoleRequestNotFound):
        await decide(caller=office.head)


async def test_the_personnel_department_only_asks(office: Office) -> None:
    asked = await office.assign(caller=replace(office.admin, roles=("HR",)))

    assert asked.startswith("request:")
    assert office.roles() == {"DOCTOR"}


async def test_a_person_or_organisation_out_of_reach_is_like_an_unknown_one(
    office: Office,
) -> None:
    stranger = office.world.store.person(HOSPITAL_DOCTOR, snils=Personal("90000207406"))

    for refused in (
        office.assign(person_id=stranger.id),
        office.assign(organization=HOSPITAL.id),
        office.assign(person_id=PersonId(uuid.uuid4())),
        read_person(stranger.id, caller=office.admin, parts=office.parts),
    ):
        with pytest.raises(PersonNotFound):
            await refused
    found, _ = await list_people(
        query="", after=0, limit=50, caller=office.admin, parts=office.parts
    )
    assert stranger.id not in {card.person.id for card in found}


async def test_the_operator_of_the_cabinet_reaches_all(office: Office) -> None:
    stranger = office.world.store.person(HOSPITAL_DOCTOR, snils=Personal("90000207406"))
    auditor = caller_for(office.admin_person, AUDITOR)

    card = await read_person(stranger.id, caller=auditor, parts=office.parts)

    assert card.roles[0].effective is False


async def test_a_role_that_does_not_exist_and_an_act_without_a_reason_are_refused(
    office: Office,
) -> None:
    with pytest.raises(RoleUnknown):
        await office.assign("KING")
    with pytest.raises(ReasonRequired):
        await office.assign(reason=" да ")


async def test_a_block_ends_all_sessions_and_keeps_out_until_it_is_lifted(
    office: Office,
) -> None:
    await sign_in(office.world)

    await office.change(AccountAct.BLOCK)

    (session,) = office.world.store.sessions.values()
    assert session.end_reason is EndReason.ACCOUNT_BLOCKED
    assert office.world.store.people[office.worker.id].state is AccountState.BLOCKED
    await office.change(AccountAct.UNBLOCK)
    assert office.world.store.people[office.worker.id].state is AccountState.ACTIVE
    assert len(office.world.store.sessions) == 1


async def test_support_lifts_locks_of_codes_and_nothing_else(office: Office) -> None:
    locked = replace(office.worker, code_lock_time=NOW)
    office.world.store.people[office.worker.id] = locked
    support = replace(office.admin, roles=("SUPPORT",))

    with pytest.raises(AccountActClosed):
        await office.change(AccountAct.BLOCK, support)
    await office.change(AccountAct.LIFT_CODE_LOCK, support)

    assert office.world.store.people[office.worker.id].code_lock_time is None
    assert office.world.store.sessions == {}


async def test_a_security_administrator_ends_a_session(office: Office) -> None:
    await sign_in(office.world)
    (session,) = office.world.store.sessions.values()

    await end_any_session(
        office.worker.id, session.id, reason=REASON, caller=office.admin, parts=office.parts
    )

    (session,) = office.world.store.sessions.values()
    assert session.end_reason is EndReason.ENDED_BY_ADMIN


@given(role=st.sampled_from(sorted(ROLES)), own=st.booleans(), inside=st.booleans())
def test_a_role_is_given_only_to_others_and_only_inside_the_reach(
    role: str,
    *,
    own: bool,
    inside: bool,
) -> None:
    me, other = PersonId(uuid.uuid4()), PersonId(uuid.uuid4())
    actor = Actor(person_id=me, organization="o1", role="IT_ADMIN", session="")
    reach = Reach(organization="o1", everywhere=False)

    try:
        require_grantable(actor, me if own else other, "o1" if inside else "o2", role, reach)
    except (SeparationOfDuties, PersonNotFound):
        assert own or not inside
    else:
        assert inside
        assert not own


def test_only_an_it_administrator_gives_ordinary_roles_alone() -> None:
    assert not needs_approval("DOCTOR", "IT_ADMIN")
    assert needs_approval("DOCTOR", "HR")
    assert needs_approval("SEC_ADMIN", "IT_ADMIN")


@pytest.mark.parametrize(
    ("post", "role"),
    [
        ("врач-терапевт участковый", "DOCTOR"),
        ("Врач — хирург", "DOCTOR"),
        ("заведующий отделением — врач-кардиолог", "HEAD_DEPT"),
        ("старшая медицинская сестра", "NURSE"),
        ("Фельдшер", "NURSE"),
        ("медицинский регистратор", "REGISTRAR"),
        ("главный врач", ""),
        ("врачебный помощник", ""),
        ("", ""),
    ],
)
def test_a_post_brings_its_role(post: str, role: str) -> None:
    assert POSTS.role_of(post) == role


def test_a_table_of_posts_with_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="KING"):
        Posts.read({"post": [{"begins": ["король"], "role": "KING"}]})


def a_card(*jobs: RegisterJob, snils: str = SNILS) -> WorkerCard:
    names = PersonalNames(family_name=Personal("Новая"), given_name=Personal("Проба"))
    card = RegisterCard(worker_id="worker-9", version="8", jobs=jobs)
    return WorkerCard(snils=Personal(snils), names=names, card=card)


def a_job(
    end: date | None = None, oid: str = CLINIC.oid, post: str = "врач-терапевт"
) -> RegisterJob:
    return RegisterJob(
        organization_oid=oid,
        start_date=date(2024, 1, 1),
        end_date=end,
        organization_name="Больница № 5",
        position=post,
        department="терапия",
    )


async def follow(office: Office, card: WorkerCard | None, event: str = "e1") -> None:
    if card is not None:
        office.world.registers.cards["worker-9"] = card
    await follow_register(
        "worker-9",
        min_version=8,
        event=SimpleNamespace(id=event),  # type: ignore[arg-type]
        registers=office.world.registers,
        posts=POSTS,
        parts=office.parts,
    )


async def test_a_new_job_makes_account_role_and_organisation_by_itself(office: Office) -> None:
    await follow(office, a_card(a_job(oid="1.2.77.5"), snils="90001555535"))

    person = next(one for one in office.world.store.people.values() if one.worker_id == "worker-9")
    assert person.state is AccountState.NOT_ACTIVATED
    (binding,) = office.world.store.bindings[person.id]
    assert (binding.role, binding.organization.oid) == ("DOCTOR", "1.2.77.5")
    assert binding.organization.name == "Больница № 5"


async def test_a_card_without_a_current_job_makes_no_account(office: Office) -> None:
    before = len(office.world.store.people)

    await follow(office, a_card(a_job(end=date(2025, 1, 1)), snils="90001555535"))

    assert len(office.world.store.people) == before


async def test_a_dismissal_takes_the_role_and_the_session_at_once(office: Office) -> None:
    await sign_in(office.world)
    yesterday = (NOW - timedelta(days=1)).date()

    await follow(office, a_card(a_job(end=yesterday)))

    assert office.roles() == set()
    (session,) = office.world.store.sessions.values()
    assert session.end_reason is EndReason.ROLE_REMOVED


async def test_what_an_administrator_took_stays_away_until_a_new_job_begins(
    office: Office,
) -> None:
    await revoke_role(
        await office.held("DOCTOR"), reason=REASON, caller=office.admin, parts=office.parts
    )

    await follow(office, a_card(a_job()))
    assert office.roles() == set()

    later = replace(a_job(), start_date=(NOW + timedelta(days=2)).date())
    office.world.clock.move(days=3)
    await follow(office, a_card(later), "e2")
    assert office.roles() == {"DOCTOR"}


async def test_an_event_counts_once(office: Office) -> None:
    await follow(office, a_card(a_job(post="медицинская сестра")))
    assert office.roles() == {"DOCTOR", "NURSE"}
    office.world.store.bindings[office.worker.id] = (DOCTOR,)

    await follow(office, None)

    assert office.roles() == {"DOCTOR"}


async def test_a_first_sign_in_brings_the_role_of_the_post() -> None:
    world = World()
    world.posts = POSTS
    person = world.store.person()
    check = a_check(CLINIC)
    assert check.card is not None
    world.registers.check = replace(check, card=replace(check.card, jobs=(a_job(),)))

    await sign_in(world)

    assert [one.role for one in world.store.bindings[person.id]] == ["DOCTOR"]
    (session,) = world.store.sessions.values()
    assert session.role == "DOCTOR"


@pytest.mark.parametrize(
    "origin", ["https://lk.gp1.ru", "https://lk.gp1.ru:8443", "https://xn--80ak.xn--p1ai"]
)
def test_an_address_as_browsers_send_it_is_taken(origin: str) -> None:
    assert origin_in(origin) == origin


@pytest.mark.parametrize(
    "origin",
    [
        "http://lk.gp1.ru",
        "https://lk.gp1.ru/",
        "https://LK.gp1.ru",
        "https://*.gp1.ru",
        "https://lk.gp1.ru:443",
        "https://user@lk.gp1.ru",
        "https://localhost",
        "https://lk.gp1.ru/auth",
        "https://lk.gp1.ru\n",
        "",
    ],
)
def test_any_other_form_of_an_address_is_refused(origin: str) -> None:
    with pytest.raises(AddressInvalid):
        origin_in(origin)
