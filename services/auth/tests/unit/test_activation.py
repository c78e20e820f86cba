from datetime import timedelta

import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, HOSPITAL, HOSPITAL_DOCTOR, LEGAL, a_check
from auth_steps import sign_in
from hypothesis import given
from hypothesis import strategies as st

from lkmr_auth.domain.activation import ActivationStage, ApprovalState
from lkmr_auth.domain.errors import PasswordWeak
from lkmr_auth.domain.legal import Decision, Kind
from lkmr_auth.domain.password import require_strong
from lkmr_auth.domain.person import AccountActivated, AccountState, Contacts
from lkmr_auth.domain.sign_in import ActivationStep, ProfileStep, SessionStep
from lkmr_auth.usecases.activation.bind_employee import bind_employee
from lkmr_auth.usecases.activation.decide import accept_terms, decide_consents
from lkmr_auth.usecases.activation.progress import Progress, get_progress
from lkmr_auth.usecases.activation.prove import (
    ask_approval,
    confirm_activation,
    send_activation_code,
)
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

PASSWORD = Personal("Kabinet-2026!")
CONSENTS = [one.id for one in LEGAL.in_force(Kind.CONSENT, World().clock.now().date())]


class Newcomer:
    """A person whose account waits for its activation, at a browser."""

    def __init__(self, world: World, cookie: str) -> None:
        self.world, self.cookie = world, cookie

    async def progress(self) -> Progress:
        return await get_progress(self.cookie, parts=await self.world.identity())

    async def terms(self, *, accepted: bool = True, version: str = "1") -> Progress:
        parts = await self.world.identity()
        return await accept_terms(self.cookie, version, accepted=accepted, parts=parts)

    async def consents(self, **given: bool) -> Progress:
        answers = {name: given.get(name.replace("-", "_"), False) for name in CONSENTS}
        return await decide_consents(self.cookie, answers, parts=await self.world.identity())

    async def employee(self, number: str = "E7016") -> Progress:
        parts = await self.world.identity()
        return await bind_employee(self.cookie, number, PASSWORD, parts=parts)

    async def code(self) -> Progress:
        return await send_activation_code(self.cookie, parts=await self.world.identity())

    async def confirm(self, code: str | None = None) -> object:
        typed = self.world.sender.last_digits if code is None else code
        return await confirm_activation(self.cookie, typed, parts=await self.world.identity())

    async def until_proof(self) -> None:
        await self.terms()
        await self.consents()
        await self.employee()


async def newcomer(*bindings: object) -> Newcomer:
    world = World()
    world.store.person(
        *(bindings or (DOCTOR,)),  # type: ignore[arg-type]
        state=AccountState.NOT_ACTIVATED,
        employee_number=Personal("E7016"),
    )
    step = await sign_in(world)
    assert isinstance(step, ActivationStep)
    return Newcomer(world, step.login_cookie)


def reason_of(refusal: pytest.ExceptionInfo[ServiceError]) -> str:
    return refusal.value.reason


async def test_the_whole_way_makes_an_inactive_account_active_and_opens_the_session() -> None:
    person = await newcomer()
    seen = [
        await person.progress(),
        await person.terms(),
        await person.consents(),
        await person.employee(),
    ]
    assert [one.stage for one in seen] == list(ActivationStage)
    assert not person.world.store.sessions
    await person.code()

    step = await person.confirm(f" {person.world.sender.last_digits} ")

    assert isinstance(step, SessionStep)
    assert step.return_to == "/accreditations"
    (account,) = person.world.store.people.values()
    assert account.state is AccountState.ACTIVE
    assert AccountActivated(person=f"persons/{account.id}") in person.world.store.facts
    acts = [entry.operation for entry, _ in person.world.store.journal]
    assert acts == [
        "account.terms",
        *["account.consent"] * len(CONSENTS),
        "account.bind_employee",
        "account.activate",
        "session.start",
    ]


async def test_several_jobs_lead_to_the_choice_of_organisation() -> None:
    person = await newcomer(DOCTOR, HOSPITAL_DOCTOR)
    person.world.registers.check = a_check(CLINIC, HOSPITAL)
    again = await sign_in(person.world)
    assert isinstance(again, ActivationStep)
    person.cookie = again.login_cookie
    await person.until_proof()
    await person.code()

    assert isinstance(await person.confirm(), ProfileStep)


async def test_terms_are_kept_with_version_time_and_hash_of_their_text() -> None:
    person = await newcomer()

    await person.terms()

    (record,) = person.world.store.decisions
    (terms,) = LEGAL.in_force(Kind.TERMS, person.world.clock.now().date())
    assert (record.document, record.version) == ("terms", "1")
    assert (record.text_hash, len(record.text_hash)) == (terms.text_hash, 32)
    assert record.time == person.world.clock.now()


async def test_a_refusal_of_the_terms_is_kept_and_ends_the_way_in() -> None:
    person = await newcomer()

    with pytest.raises(ServiceError) as refusal:
        await person.terms(accepted=False)

    assert reason_of(refusal) == "TERMS_NOT_ACCEPTED"
    assert [one.decision for one in person.world.store.decisions] == [Decision.DECLINED]
    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await person.progress()
    again = await sign_in(person.world)
    assert isinstance(again, ActivationStep)
    person.cookie = again.login_cookie
    assert (await person.terms()).stage is ActivationStage.CONSENTS


async def test_terms_in_another_version_than_was_shown_are_not_accepted() -> None:
    person = await newcomer()

    with pytest.raises(ServiceError, match="DOCUMENT_UNKNOWN"):
        await person.terms(version="0")


async def test_each_consent_is_a_decision_of_its_own() -> None:
    person = await newcomer()
    await person.terms()

    await person.consents(consent_education=True)

    decided = {one.document: one.decision for one in person.world.store.decisions[1:]}
    assert decided == {
        "consent-notices": Decision.DECLINED,
        "consent-education": Decision.GIVEN,
        "consent-surveys": Decision.DECLINED,
    }


async def test_a_consent_without_an_answer_is_named_and_nothing_is_kept() -> None:
    person = await newcomer()
    await person.terms()

    with pytest.raises(ServiceError) as refusal:
        await decide_consents(
            person.cookie, {"consent-notices": True}, parts=await person.world.identity()
        )

    assert refusal.value.metadata == {"field": "consent-education"}
    assert len(person.world.store.decisions) == 1


async def test_steps_are_taken_in_their_order_and_once() -> None:
    person = await newcomer()
    for early in (person.consents, person.employee, person.code, person.confirm):
        with pytest.raises(ServiceError, match="ACTIVATION_STEP_NOT_OPEN"):
            await early(*(("123456",) if early == person.confirm else ()))  # type: ignore[operator]
    await person.terms()
    with pytest.raises(ServiceError, match="ACTIVATION_STEP_NOT_OPEN"):
        await person.terms()


async def test_steps_that_are_done_are_not_asked_again_at_a_later_sign_in() -> None:
    person = await newcomer()
    await person.until_proof()

    again = await sign_in(person.world)

    assert isinstance(again, ActivationStep)
    person.cookie = again.login_cookie
    assert (await person.progress()).stage is ActivationStage.PROOF


@pytest.mark.parametrize("number", ["E9999", "", "E7001"])
async def test_an_identifier_of_nobody_or_of_another_person_is_unknown(number: str) -> None:
    person = await newcomer()
    person.world.store.person(DOCTOR, employee_number=Personal("E7001"))
    await person.terms()
    await person.consents()

    with pytest.raises(ServiceError) as refusal:
        await person.employee(number)

    assert reason_of(refusal) == "EMPLOYEE_UNKNOWN"
    assert not person.world.store.passwords


async def test_an_identifier_belongs_to_one_person_only() -> None:
    person = await newcomer()
    await person.terms()
    await person.consents()
    other = person.world.store.person(DOCTOR, employee_number=Personal("E7016"))
    person.world.store.claims["E7016"] = other.id

    with pytest.raises(ServiceError, match="EMPLOYEE_UNKNOWN"):
        await person.employee()


async def test_an_identifier_is_read_without_blanks_and_in_any_case() -> None:
    person = await newcomer()
    await person.terms()
    await person.consents()

    assert (await person.employee(" e 7016 ")).stage is ActivationStage.PROOF


async def test_after_five_wrong_identifiers_the_binding_has_to_be_checked() -> None:
    person = await newcomer()
    await person.terms()
    await person.consents()
    for _ in range(5):
        with pytest.raises(ServiceError, match="EMPLOYEE_UNKNOWN"):
            await person.employee("E1")

    with pytest.raises(ServiceError) as refusal:
        await person.employee()

    assert reason_of(refusal) == "SIGN_IN_LOCKED"
    assert refusal.value.metadata == {"seconds": "60"}
    person.world.clock.move(seconds=61)
    assert (await person.employee()).stage is ActivationStage.PROOF


async def test_the_password_is_kept_as_a_hash_only() -> None:
    person = await newcomer()
    await person.until_proof()

    (held,) = person.world.store.passwords.values()
    assert PASSWORD.open() not in repr(held)


@pytest.mark.proves("F-103")
@given(st.sampled_from(["UPPER", "LOWER", "DIGIT", "SIGN"]), st.integers(8, 40), st.randoms())
def test_a_password_without_one_of_the_classes_is_weak(
    missing: str, length: int, random: object
) -> None:
    signs = {"UPPER": "ABCDЖЩ", "LOWER": "abcdжщ", "DIGIT": "0123", "SIGN": "!#%-_+"}
    kinds = [one for name, one in signs.items() if name != missing]
    text = "".join(kinds[number % len(kinds)][number % 4] for number in range(length))

    with pytest.raises(PasswordWeak) as refusal:
        require_strong(Personal(text))

    assert [one.code for one in refusal.value.fields] == [f"{missing}_MISSING"]


def test_a_short_or_leaked_password_is_weak_and_all_rules_are_named_at_once() -> None:
    with pytest.raises(PasswordWeak) as short:
        require_strong(Personal("aB1"))
    with pytest.raises(PasswordWeak) as leaked:
        require_strong(Personal("P@ssw0rd!"[:8]))

    assert {one.code for one in short.value.fields} == {"TOO_SHORT", "SIGN_MISSING"}
    assert {one.code for one in leaked.value.fields} == {"LEAKED"}
    require_strong(PASSWORD)
    require_strong(Personal("Длинный-пароль 1"))


@pytest.mark.proves("F-194", "F-195")
async def test_a_code_lives_five_minutes_and_dies_with_the_next_one() -> None:
    person = await newcomer()
    await person.until_proof()
    await person.code()
    first = person.world.sender.last_digits
    person.world.clock.move(seconds=61)
    await person.code()
    second = person.world.sender.last_digits
    if first != second:
        with pytest.raises(ServiceError, match="CODE_REPLACED"):
            await person.confirm(first)
    person.world.clock.move(seconds=301)
    with pytest.raises(ServiceError, match="CODE_EXPIRED"):
        await person.confirm(second)
    await person.code()
    person.world.clock.move(seconds=299)

    assert isinstance(await person.confirm(), SessionStep)


async def test_a_new_code_is_sent_only_after_a_minute() -> None:
    person = await newcomer()
    await person.until_proof()
    await person.code()

    with pytest.raises(ServiceError) as refusal:
        await person.code()

    assert (reason_of(refusal), refusal.value.metadata) == ("CODE_TOO_SOON", {"seconds": "60"})


@pytest.mark.proves("F-197")
async def test_the_third_wrong_code_blocks_and_then_the_right_one_is_refused_too() -> None:
    person = await newcomer()
    await person.until_proof()
    await person.code()
    wrong = f"{(int(person.world.sender.last_digits) + 1) % 1_000_000:06d}"
    reasons = []
    for _ in range(3):
        with pytest.raises(ServiceError) as refusal:
            await person.confirm(wrong)
        reasons.append(reason_of(refusal))

    assert reasons == ["CODE_WRONG", "CODE_WRONG", "CODE_BLOCKED"]
    with pytest.raises(ServiceError):
        await person.confirm()
    with pytest.raises(ServiceError, match="CODE_BLOCKED"):
        await sign_in(person.world)


async def test_without_a_telephone_no_code_is_sent() -> None:
    person = await newcomer()
    await person.until_proof()
    store = person.world.store
    (account,) = store.people.values()
    store.people[account.id] = account.with_esia(account.names, Contacts())
    object.__setattr__(store.people[account.id], "contacts", Contacts())

    assert (await person.progress()).phone_masked == ""
    with pytest.raises(ServiceError, match="PHONE_MISSING"):
        await person.code()


async def test_an_approval_in_the_application_stands_for_the_code() -> None:
    person = await newcomer()
    await person.until_proof()
    parts = await person.world.identity()
    asked = await ask_approval(person.cookie, parts=parts)
    assert asked.approval is ApprovalState.PENDING
    assert asked.approval_end == person.world.clock.now() + timedelta(seconds=120)

    refusals = []
    for answer in (ApprovalState.PENDING, ApprovalState.DECLINED, ApprovalState.EXPIRED):
        person.world.approvals.answer = answer
        with pytest.raises(ServiceError) as refusal:
            await person.confirm("")
        refusals.append(reason_of(refusal))
    person.world.approvals.answer = ApprovalState.APPROVED

    assert refusals == ["APPROVAL_PENDING", "APPLICATION_DECLINED", "APPLICATION_SILENT"]
    assert isinstance(await person.confirm(""), SessionStep)
    assert not person.world.sender.sent


async def test_without_code_and_approval_nothing_is_activated() -> None:
    person = await newcomer()
    await person.until_proof()

    with pytest.raises(ServiceError, match="CODE_NOT_SENT"):
        await person.confirm("")


async def test_each_step_prolongs_the_attempt() -> None:
    person = await newcomer()
    for act in (person.terms, person.consents, person.employee):
        person.world.clock.move(minutes=9)
        await act()  # type: ignore[operator]
    person.world.clock.move(minutes=9)

    assert (await person.progress()).stage is ActivationStage.PROOF
    person.world.clock.move(minutes=1)
    with pytest.raises(ServiceError, match="SIGN_IN_STATE_LOST"):
        await person.progress()
