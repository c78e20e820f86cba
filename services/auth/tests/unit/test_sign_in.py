from dataclasses import replace

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
    ORIGIN,
    SNILS,
    a_check,
    an_esia_person,
)
from auth_steps import back, begin, refusal, sign_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lkmr_auth.domain.audit import Result
from lkmr_auth.domain.errors import (
    EsiaMaintenance,
    EsiaOverloaded,
    EsiaUnavailable,
    IdentityCheckUnavailable,
    SignInRateLimited,
)
from lkmr_auth.domain.identity import Match
from lkmr_auth.domain.person import AccountState, RegisterJob
from lkmr_auth.domain.profiles import Binding, profiles_of
from lkmr_auth.domain.session import SessionOpened, hash_of
from lkmr_auth.domain.sign_in import (
    ActivationStep,
    CodeStep,
    ProfileStep,
    SessionStep,
    safe_return_to,
)
from lkmr_auth.usecases.choose_profile import choose_profile
from lkmr_auth.usecases.finish_sign_in import finish_sign_in
from lkmr_auth.usecases.get_sign_in import get_sign_in
from lkmr_auth.usecases.start_limit import StartLimit
from lkmr_auth.usecases.start_sign_in import start_sign_in
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.personal import Personal


@pytest.mark.proves("F-168")
async def test_one_profile_opens_a_session_at_once() -> None:
    world = World()
    person = world.store.person(DOCTOR)

    step = await sign_in(world)

    assert isinstance(step, SessionStep)
    assert step.return_to == "/accreditations"
    (session,) = world.store.sessions.values()
    assert session.secret_hash == hash_of(step.session_cookie)
    assert (session.organization_id, session.role) == ("org-gp1", "DOCTOR")
    assert session.register_version == "7"
    assert world.store.facts == [SessionOpened(session=session.name, worker_id="worker-1")]
    (entry, time) = world.store.journal[-1]
    assert (entry.operation, entry.result, entry.actor) == (
        "session.start",
        Result.ALLOWED,
        person.id,
    )
    assert time == world.clock.now()


async def test_names_and_contacts_are_taken_from_esia_and_never_shown_when_printed() -> None:
    world = World()
    person = world.store.person(DOCTOR)

    await sign_in(world)

    stored = world.store.people[person.id]
    assert stored.names.family_name.open() == "Образцова"
    assert stored.contacts.phone.open() == "+79000000001"
    assert "Образцова" not in repr(stored)


async def test_an_address_that_esia_withholds_stays_and_a_telephone_goes() -> None:
    world = World()
    person = world.store.person(DOCTOR)
    await sign_in(world)
    world.esia.person = an_esia_person(contacts=type(person.contacts)())

    await sign_in(world)

    kept = world.store.people[person.id].contacts
    assert (kept.email.open(), kept.phone.open()) == ("p@demo.example", "")


async def test_two_organisations_must_be_chosen_between() -> None:
    world = World()
    world.store.person(DOCTOR, HOSPITAL_DOCTOR)
    world.registers.check = a_check(CLINIC, HOSPITAL)

    step = await sign_in(world)

    assert isinstance(step, ProfileStep)
    assert [one.name for one in step.profiles] == ["org-gp1/DOCTOR", "org-kb2/DOCTOR"]
    assert not world.store.sessions
    shown = await get_sign_in(step.login_cookie, parts=world.sign_in)
    assert isinstance(shown, ProfileStep)

    opened = await choose_profile(step.login_cookie, "org-kb2/DOCTOR", parts=world.sign_in)

    (session,) = world.store.sessions.values()
    assert session.organization_id == "org-kb2"
    assert opened.return_to == "/accreditations"
    assert not world.store.waiting


async def test_a_foreign_profile_is_refused_and_one_may_choose_again() -> None:
    world = World()
    world.store.person(DOCTOR, HOSPITAL_DOCTOR)
    world.registers.check = a_check(CLINIC, HOSPITAL)
    step = await sign_in(world)
    assert isinstance(step, ProfileStep)

    with pytest.raises(ServiceError, match="PROFILE_UNKNOWN"):
        await choose_profile(step.login_cookie, "org-gp1/HEAD_ORG", parts=world.sign_in)

    assert await choose_profile(step.login_cookie, "org-gp1/DOCTOR", parts=world.sign_in)
    assert "PROFILE_UNKNOWN" in world.store.reasons


async def test_a_binding_counts_only_with_a_current_job_at_that_organisation() -> None:
    world = World()
    world.store.person(DOCTOR, HOSPITAL_DOCTOR)
    world.registers.check = a_check(HOSPITAL)

    step = await sign_in(world)

    assert isinstance(step, SessionStep)
    assert [one.organization_id for one in world.store.sessions.values()] == ["org-kb2"]


async def test_without_a_current_job_the_session_has_no_profile() -> None:
    world = World()
    world.store.person(DOCTOR)
    world.registers.check = a_check()

    step = await sign_in(world)

    assert isinstance(step, SessionStep)
    (session,) = world.store.sessions.values()
    assert session.profile_name == ""


@pytest.mark.parametrize(
    ("end_day", "counts"), [("2026-11-23", True), ("2026-11-22", False), (None, True)]
)
def test_a_job_counts_through_its_last_day(end_day: str | None, counts: bool) -> None:  # noqa: FBT001 - a table of cases
    from datetime import date

    job = RegisterJob(
        organization_oid=CLINIC.oid, end_date=date.fromisoformat(end_day) if end_day else None
    )

    found = profiles_of([DOCTOR], [job], day_in(MOSCOW, NOW))

    assert bool(found) is counts


async def test_an_account_not_activated_is_led_to_activation_without_a_session() -> None:
    world = World()
    world.store.person(DOCTOR, state=AccountState.NOT_ACTIVATED)

    step = await sign_in(world)

    assert isinstance(step, ActivationStep)
    assert step.greeting_name == "Проба Тестовна"
    assert not world.store.sessions
    assert isinstance(await get_sign_in(step.login_cookie, parts=world.sign_in), ActivationStep)


async def test_a_worker_of_the_register_without_an_account_gets_one_to_activate() -> None:
    world = World()

    step = await sign_in(world)

    assert isinstance(step, ActivationStep)
    (person,) = world.store.people.values()
    assert (person.snils.open(), person.state) == (SNILS, AccountState.NOT_ACTIVATED)
    assert person.account_number == "ЛК-000001"


@pytest.mark.proves("F-161", "F-162", "F-163")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": Match.DIFFERENT}, "IDENTITY_NAME_DIFFERS"),
        ({"birth_date": Match.DIFFERENT}, "IDENTITY_BIRTH_DATE_DIFFERS"),
        ({"policy_number": Match.DIFFERENT}, "IDENTITY_POLICY_DIFFERS"),
        ({"card": None}, "WORKER_NOT_IN_REGISTER"),
    ],
)
async def test_data_that_differ_from_the_registers_are_refused_by_name(
    changes: dict[str, object], reason: str
) -> None:
    world = World()
    person = world.store.person(DOCTOR)
    world.registers.check = a_check(CLINIC, **changes)

    refused = await refusal(world)

    assert refused.reason == reason
    assert refused.metadata == {}
    assert not world.store.sessions
    entry, _ = world.store.journal[-1]
    assert (entry.reason, entry.result, entry.actor) == (reason, Result.DENIED, person.id)


async def test_several_differences_name_their_fields_and_no_values() -> None:
    world = World()
    world.store.person(DOCTOR)
    world.registers.check = a_check(CLINIC, name=Match.DIFFERENT, policy_number=Match.DIFFERENT)

    refused = await refusal(world)

    assert refused.reason == "IDENTITY_SEVERAL_DIFFER"
    assert refused.metadata == {"fields": "name,policy_number"}


async def test_yo_and_a_policy_that_one_side_does_not_hold_pass() -> None:
    world = World()
    world.store.person(DOCTOR)
    world.registers.check = a_check(
        CLINIC, name=Match.FORM_DIFFERS, policy_number=Match.NOT_COMPARED
    )

    assert isinstance(await sign_in(world), SessionStep)


@pytest.mark.proves("F-170")
async def test_a_corrected_profile_passes_at_the_next_attempt() -> None:
    world = World()
    world.store.person(DOCTOR)
    world.registers.check = a_check(CLINIC, birth_date=Match.DIFFERENT)
    assert (await refusal(world)).reason == "IDENTITY_BIRTH_DATE_DIFFERS"
    world.registers.check = a_check(CLINIC)

    assert isinstance(await sign_in(world), SessionStep)
    assert len(world.registers.asked) == 2


async def test_people_without_a_medical_post_are_confirmed_by_their_binding() -> None:
    world = World()
    world.store.person(AUDITOR)
    world.registers.check = a_check(card=None, name=Match.NOT_COMPARED)

    assert isinstance(await sign_in(world), SessionStep)
    (session,) = world.store.sessions.values()
    assert (session.organization_id, session.role) == (OPERATOR.id, "AUDITOR")


async def test_their_policy_is_compared_all_the_same() -> None:
    world = World()
    world.store.person(AUDITOR)
    world.registers.check = a_check(card=None, policy_number=Match.DIFFERENT)

    assert (await refusal(world)).reason == "IDENTITY_POLICY_DIFFERS"


async def test_a_medical_role_beside_a_technical_one_needs_the_register() -> None:
    world = World()
    world.store.person(AUDITOR, DOCTOR)
    world.registers.check = a_check(card=None)

    assert (await refusal(world)).reason == "WORKER_NOT_IN_REGISTER"


async def test_a_register_that_is_away_refuses_and_recovers_by_itself() -> None:
    world = World()
    world.store.person(DOCTOR)
    world.registers.fault = IdentityCheckUnavailable()
    refused = await refusal(world)
    assert (refused.reason, refused.category) == (
        "IDENTITY_CHECK_UNAVAILABLE",
        Category.UNAVAILABLE,
    )
    assert world.store.journal[-1][0].result is Result.FAILED
    world.registers.fault = None

    assert isinstance(await sign_in(world), SessionStep)


async def test_an_account_that_esia_has_not_confirmed_is_refused() -> None:
    world = World()
    world.store.person(DOCTOR)
    world.esia.confirmed = False
    assert (await refusal(world)).reason == "ACCOUNT_NOT_CONFIRMED"
    world.esia.confirmed, world.esia.person = True, an_esia_person(trusted=False)
    assert (await refusal(world)).reason == "ACCOUNT_NOT_CONFIRMED"


@pytest.mark.proves("F-125")
async def test_a_blocked_account_is_refused_before_the_registers_are_asked() -> None:
    world = World()
    world.store.person(DOCTOR, state=AccountState.BLOCKED)

    assert (await refusal(world)).reason == "ACCOUNT_BLOCKED"
    assert not world.registers.asked


async def test_a_person_locked_by_wrong_codes_is_refused() -> None:
    world = World()
    world.store.person(DOCTOR, code_lock_time=NOW)

    assert (await refusal(world)).reason == "CODE_BLOCKED"


async def test_without_snils_nobody_can_be_found() -> None:
    world = World()
    for text in ("", "123", "900-001-037 99"):
        world.esia.person = an_esia_person(snils=Personal(text))
        assert (await refusal(world)).reason == "SNILS_MISSING"


@pytest.mark.parametrize(
    ("error", "description", "reason"),
    [
        ("access_denied", "ESIA-007004: OAuthErrorEnum.accessDenied", "ESIA_DENIED"),
        ("access_denied", "", "ESIA_DENIED"),
        ("access_denied", "ESIA-007055: account", "ACCOUNT_NOT_CONFIRMED"),
        ("access_denied", "ESIA-007046: factor", "SECOND_FACTOR_REFUSED"),
        ("access_denied", "ESIA-007053: clientSecretWrong", "ESIA_REQUEST_REFUSED"),
        ("invalid_request", "ESIA-007015: time", "ESIA_REQUEST_REFUSED"),
        ("server_error", "ESIA-007007", "ESIA_UNAVAILABLE"),
        ("temporarily_unavailable", "ESIA-007008", "ESIA_OVERLOADED"),
        ("invalid_grant", "", "ESIA_CODE_REFUSED"),
        ("something new", "нечто", "ESIA_REQUEST_REFUSED"),
        ("", "only a text", "ESIA_REQUEST_REFUSED"),
    ],
)
async def test_an_error_of_esia_is_told_by_its_code(
    error: str, description: str, reason: str
) -> None:
    world = World()
    callback = back(*await begin(world), code="", error=error, error_description=description)

    with pytest.raises(ServiceError) as refused:
        await finish_sign_in(callback, parts=world.sign_in)

    assert refused.value.reason == reason
    assert not world.store.sign_ins


async def test_an_error_wins_over_a_code_that_comes_with_it() -> None:
    world = World()
    callback = back(*await begin(world), error="access_denied")

    with pytest.raises(ServiceError, match="ESIA_DENIED"):
        await finish_sign_in(callback, parts=world.sign_in)
    assert not world.esia.used_codes


async def test_a_callback_repeated_is_refused_and_uses_no_code() -> None:
    world = World()
    world.store.person(DOCTOR)
    callback = back(*await begin(world))
    await finish_sign_in(callback, parts=world.sign_in)
    world.esia.used_codes.clear()

    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await finish_sign_in(callback, parts=world.sign_in)
    assert not world.esia.used_codes
    assert world.store.reasons[-1] == "SIGN_IN_STATE_LOST"


async def test_a_callback_of_another_browser_destroys_both_records() -> None:
    world = World()
    mine, my_state = await begin(world)
    theirs, their_state = await begin(world)

    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await finish_sign_in(back(mine, their_state), parts=world.sign_in)

    assert not world.store.sign_ins
    for callback in (back(mine, my_state), back(theirs, their_state)):
        with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
            await finish_sign_in(callback, parts=world.sign_in)


async def test_a_callback_after_ten_minutes_is_too_old() -> None:
    world = World()
    callback = back(*await begin(world))
    world.clock.move(minutes=10)

    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await finish_sign_in(callback, parts=world.sign_in)


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "\x00", "null", "{}", "ESIA-007055", "access_denied", "a" * 9000]),
    st.uuids().map(str),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    cookie=st.none() | TEXTS,
    state=st.none() | TEXTS,
    code=TEXTS,
    error=TEXTS,
    description=TEXTS,
    late=st.integers(0, 1200),
)
async def test_no_callback_however_mangled_is_an_internal_fault(  # noqa: PLR0917 - given by name
    cookie: str | None,
    state: str | None,
    code: str,
    error: str,
    description: str,
    late: int,
) -> None:
    """None stands for the right value: cookies, states and errors meet in all mixtures."""
    world = World()
    world.store.person(DOCTOR)
    right_cookie, right_state = await begin(world)
    world.clock.move(seconds=late)
    whole = cookie is None and state is None and late < 600
    callback = back(
        right_cookie if cookie is None else cookie,
        right_state if state is None else state,
        code=code,
        error=error,
        error_description=description,
    )

    try:
        step = await finish_sign_in(callback, parts=world.sign_in)
    except ServiceError as refused:
        assert refused.category is not Category.INTERNAL
        assert whole or refused.reason == "SIGN_IN_STATE_LOST"
    else:
        assert whole
        assert code
        assert not error
        assert isinstance(step, SessionStep)
    if cookie is None or state is None:
        assert not world.store.sign_ins


@pytest.mark.parametrize(
    "text", ["", "\x00", "x" * 5000, "🙂", "0b5f7cba-3fbf-4d5e-a1a6-203497bc9d75"]
)
async def test_a_foreign_login_cookie_is_refused_at_every_later_step(text: str) -> None:
    world = World()

    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await get_sign_in(text, parts=world.sign_in)
    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await choose_profile(text, "org-gp1/DOCTOR", parts=world.sign_in)


@pytest.mark.parametrize(
    "fault",
    [
        EsiaUnavailable(),
        EsiaMaintenance(end_time="2026-11-23T12:00:00Z"),
        EsiaOverloaded(seconds=9),
    ],
)
async def test_esia_that_is_away_is_told_before_the_browser_leaves(fault: ServiceError) -> None:
    world = World()
    world.esia.probe_fault = fault

    with pytest.raises(ServiceError) as refused:
        await begin(world)

    assert refused.value is fault
    assert not world.store.sign_ins
    world.esia.probe_fault = None
    assert await begin(world)


async def test_sign_in_begins_only_at_our_own_addresses() -> None:
    world = World()

    for origin in ("", "https://evil.example", ORIGIN + "/", ORIGIN + ".evil.example"):
        with pytest.raises(ServiceError, match="ORIGIN_UNKNOWN"):
            await start_sign_in(
                origin,
                "/",
                "192.0.2.1",
                allowed_origins=frozenset({ORIGIN}),
                limit=StartLimit(1000),
                parts=world.sign_in,
            )


def test_the_twenty_first_start_of_a_minute_waits() -> None:
    moment = [0.0]
    limit = StartLimit(seconds=lambda: moment[0])
    for _ in range(20):
        limit.take("192.0.2.1")

    with pytest.raises(SignInRateLimited) as refused:
        limit.take("192.0.2.1")

    assert refused.value.metadata == {"seconds": "3"}
    limit.take("192.0.2.2")
    moment[0] = 3.0
    limit.take("192.0.2.1")


def test_a_network_as_a_whole_is_limited_too() -> None:
    limit = StartLimit(seconds=lambda: 0.0)
    for number in range(200):
        limit.take(f"198.51.100.{number}")

    with pytest.raises(SignInRateLimited):
        limit.take("198.51.100.250")
    limit.take("203.0.113.1")


async def test_starts_are_counted_for_all_instances_and_a_refused_one_leaves_nothing() -> None:
    world = World()
    for _ in range(20):
        await begin(world, limit=StartLimit())

    with pytest.raises(SignInRateLimited) as refused:
        await begin(world, limit=StartLimit())

    assert refused.value.metadata == {"seconds": "3"}
    assert len(world.store.sign_ins) == 20
    world.clock.move(seconds=3)
    await begin(world, limit=StartLimit())


@given(st.text(max_size=60))
def test_return_to_never_leaves_the_cabinet(path: str) -> None:
    safe = safe_return_to(path)

    assert safe.startswith("/")
    assert not safe.startswith(("//", "/\\"))
    assert "\\" not in safe
    assert all(ord(letter) >= 0x20 for letter in safe)


async def test_the_sixth_session_ends_the_oldest() -> None:
    world = World()
    world.store.person(DOCTOR)
    for _ in range(5):
        await sign_in(world)
        world.clock.move(minutes=1)
    oldest = min(world.store.sessions.values(), key=lambda one: one.start_time)

    await sign_in(world)

    ended = [fact for fact in world.store.facts if not isinstance(fact, SessionOpened)]
    assert [(one.session, one.reason.value) for one in ended] == [(oldest.name, "OTHER_DEVICE")]


def test_a_role_twice_at_one_organisation_is_one_profile() -> None:
    other = replace(DOCTOR, position="врач второй ставки")
    job = RegisterJob(organization_oid=CLINIC.oid)

    assert len(profiles_of([DOCTOR, other], [job], NOW.date())) == 1
    both = profiles_of([DOCTOR, Binding(organization=CLINIC, role="PKU")], [job], NOW.date())
    assert [one.name for one in both] == ["org-gp1/DOCTOR", "org-gp1/PKU"]


async def test_a_code_step_comes_before_everything_else() -> None:
    world = World()
    world.store.person(DOCTOR, HOSPITAL_DOCTOR)
    world.esia.second_factor = False

    assert isinstance(await sign_in(world), CodeStep)
