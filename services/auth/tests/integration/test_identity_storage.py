"""Activation, passwords and counted attempts over PostgreSQL."""

import asyncio

import pytest
from auth_fakes import World
from auth_samples import DOCTOR
from auth_steps import sign_in

from lkmr_auth.domain.activation import ActivationStage, ApprovalState
from lkmr_auth.domain.person import AccountState
from lkmr_auth.domain.session import hash_of
from lkmr_auth.domain.sign_in import ActivationStep, SessionStep
from lkmr_auth.usecases.activation.bind_employee import bind_employee
from lkmr_auth.usecases.activation.decide import accept_terms, decide_consents
from lkmr_auth.usecases.activation.progress import get_progress
from lkmr_auth.usecases.activation.prove import ask_approval, confirm_activation
from lkmr_auth.usecases.import_people import ImportedPerson, import_people
from lkmr_auth.usecases.step_up import check_password, confirm_step_up, start_step_up
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

pytestmark = pytest.mark.servers
PASSWORD = Personal("Kabinet-2026!")


async def newcomer(world: World) -> str:
    """An imported account that waits for its activation; gives the cookie of the sign-in."""
    person = ImportedPerson(
        snils=Personal("90000103798"),
        state=AccountState.NOT_ACTIVATED,
        employee_number=Personal("E7016"),
        bindings=(DOCTOR,),
    )
    await import_people([DOCTOR.organization], [person], new_uow=world.new_uow, clock=world.clock)
    step = await sign_in(world)
    assert isinstance(step, ActivationStep)
    return step.login_cookie


async def test_an_account_is_activated_and_its_session_proven(world: World) -> None:
    cookie = await newcomer(world)
    parts = await world.identity()
    assert (await get_progress(cookie, parts=parts)).stage is ActivationStage.TERMS
    await accept_terms(cookie, "1", accepted=True, parts=parts)
    progress = await get_progress(cookie, parts=parts)
    given = {one.id: True for one in progress.documents}
    await decide_consents(cookie, given, parts=parts)
    with pytest.raises(ServiceError, match="EMPLOYEE_UNKNOWN"):
        await bind_employee(cookie, "E1", PASSWORD, parts=parts)
    await bind_employee(cookie, "e 7016", PASSWORD, parts=parts)
    await ask_approval(cookie, parts=parts)
    world.approvals.answer = ApprovalState.APPROVED
    assert (await get_progress(cookie, parts=parts)).approval is ApprovalState.APPROVED

    opened = await confirm_activation(cookie, "", parts=parts)

    assert isinstance(opened, SessionStep)
    session = hash_of(opened.session_cookie)
    assert (await start_step_up(session, parts=parts)).password_required
    with pytest.raises(ServiceError, match="CABINET_PASSWORD_WRONG"):
        await confirm_step_up(session, world.sender.last_digits, Personal("x"), parts=parts)
    proven = await confirm_step_up(session, world.sender.last_digits, PASSWORD, parts=parts)
    assert proven.session_cookie != opened.session_cookie
    async with world.new_uow() as uow:
        found = await uow.sessions.find(hash_of(proven.session_cookie))
        assert found is not None
        assert found.step_up_time == world.clock.now()
        history = await uow.registry.list(found.person_id)
        assert len(history) == 1 + len(given)
        latest = await uow.registry.latest(found.person_id)
        assert set(latest) == {"terms", *given}


async def test_guesses_side_by_side_are_counted_exactly(world: World) -> None:
    async with world.new_uow() as uow:
        person = await uow.people.create(
            Personal("90001659244"), active=True, now=world.clock.now()
        )
        await uow.passwords.save(person.id, "hash", world.clock.now())
        await uow.commit()
    parts = await world.identity()

    async def guess() -> str:
        with pytest.raises(ServiceError) as refusal:
            await check_password(person.id, Personal("guess"), parts=parts)
        return refusal.value.reason

    reasons = await asyncio.gather(*(guess() for _ in range(40)))

    assert reasons.count("CABINET_PASSWORD_WRONG") == 5
    assert reasons.count("CABINET_PASSWORD_WAIT") == 35

    async def attempt() -> bool:
        async with world.new_uow() as uow:
            until = await uow.attempts.take("employee_number", "p", world.clock.now())
            await uow.commit()
        return until is None

    assert sum(await asyncio.gather(*(attempt() for _ in range(40)))) == 5
