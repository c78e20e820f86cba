"""The last step: a code by SMS or an approval in the application, then «Подтвердить»."""

from dataclasses import replace
from datetime import timedelta

from lkmr_auth.domain.activation import APPROVAL_SECONDS, ActivationStage, ApprovalState
from lkmr_auth.domain.audit import ACTIVATE, AuditEntry, Result
from lkmr_auth.domain.code import OneTimeCode, Purpose
from lkmr_auth.domain.errors import (
    ApprovalDeclined,
    ApprovalPending,
    ApprovalSilent,
    CodeNotSent,
)
from lkmr_auth.domain.person import AccountActivated, AccountState
from lkmr_auth.domain.sign_in import Step
from lkmr_auth.usecases.activation.progress import (
    Progress,
    approval_state,
    get_progress,
    load,
)
from lkmr_auth.usecases.advance_sign_in import advance_within
from lkmr_auth.usecases.check_code import Challenge, check_code
from lkmr_auth.usecases.journaling import Attempt, refusals_journalled
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_auth.usecases.resend_code import require_time_to_resend
from lkmr_auth.usecases.send_code import deliver, new_code

QUESTION = "Подтвердить учётную запись в кабинете медработника?"
_REFUSALS = {
    ApprovalState.DECLINED: ApprovalDeclined,
    ApprovalState.PENDING: ApprovalPending,
    ApprovalState.EXPIRED: ApprovalSilent,
}


async def send_activation_code(login_cookie: str, *, parts: IdentityParts) -> Progress:
    """Send a code; the one before stops working.

    Raises CodeTooSoon, CodeNotDelivered, PhoneMissing, CodeBlocked, StepNotOpen, SignInStateLost.
    """
    with step("activation_code"):
        async with parts.codes.new_uow() as uow:
            under = await load(uow, login_cookie, parts, lock=True)
            under.require(ActivationStage.PROOF)
            last = await uow.codes.find_last(under.person.id)
            require_time_to_resend(last, parts.codes.clock.now())
            address = under.waiting.confirmed.browser.address
            _, sending = await new_code(
                uow, under.person, parts.codes, Purpose.ACTIVATION, address=address
            )
            await uow.sign_ins.prolong(under.waiting.id, parts.codes.clock.now())
            await uow.commit()
        await deliver(sending, parts=parts.codes)
        return await get_progress(login_cookie, parts=parts)


async def ask_approval(login_cookie: str, *, parts: IdentityParts) -> Progress:
    """Ask in the application of Gosuslugi; an earlier question is taken back by the new one.

    Raises ApprovalUnavailable, StepNotOpen, SignInStateLost.
    """
    with step("activation_approval"):
        async with parts.codes.new_uow() as uow:
            under = await load(uow, login_cookie, parts)
            under.require(ActivationStage.PROOF)
        asked = await parts.approvals.ask(
            under.waiting.confirmed.tokens, QUESTION, APPROVAL_SECONDS
        )
        async with parts.codes.new_uow() as uow:
            under = await load(uow, login_cookie, parts, lock=True)
            now = parts.codes.clock.now()
            end = now + timedelta(seconds=APPROVAL_SECONDS)
            await uow.activations.save(
                replace(under.activation, approval_id=asked, approval_end=end)
            )
            await uow.sign_ins.prolong(under.waiting.id, now)
            await uow.commit()
        return await get_progress(login_cookie, parts=parts)


async def confirm_activation(login_cookie: str, typed: str, *, parts: IdentityParts) -> Step:
    """INACTIVE becomes ACTIVE, and the sign-in goes on. Without a code the approval counts.

    Raises the refusals of codes, ApprovalDeclined, ApprovalSilent, ApprovalPending, CodeNotSent,
    StepNotOpen, SignInStateLost.
    """
    with step("activate"):
        async with parts.codes.new_uow() as uow:
            under = await load(uow, login_cookie, parts)
            under.require(ActivationStage.PROOF)
        confirmed = under.waiting.confirmed
        attempt = Attempt(confirmed.browser, under.person.id)
        async with refusals_journalled(
            attempt, new_uow=parts.codes.new_uow, clock=parts.codes.clock
        ):
            code: OneTimeCode | None = None
            if typed.strip():
                challenge = Challenge(
                    person_id=under.person.id,
                    purpose=Purpose.ACTIVATION,
                    address=confirmed.browser.address,
                    absent=CodeNotSent,
                    waiting_id=under.waiting.id,
                )
                code = await check_code(challenge, typed, parts.codes)
            else:
                state = await approval_state(under, parts)
                if state is ApprovalState.NONE:
                    raise CodeNotSent
                if refusal := _REFUSALS.get(state):
                    raise refusal
            return await _activate(login_cookie, code, parts)


async def _activate(login_cookie: str, code: OneTimeCode | None, parts: IdentityParts) -> Step:
    async with parts.codes.new_uow() as uow:
        under = await load(uow, login_cookie, parts, lock=True)
        under.require(ActivationStage.PROOF)
        now, person_id = parts.codes.clock.now(), under.person.id
        if code is not None and not await uow.codes.consume(code.id, now):
            raise CodeNotSent
        await uow.people.save(replace(under.person, state=AccountState.ACTIVE), now)
        await uow.activations.save(
            replace(under.activation, activate_time=now, approval_id="", approval_end=None)
        )
        await uow.sign_ins.remove(under.waiting.id)
        entry = AuditEntry(
            operation=ACTIVATE,
            object=f"persons/{person_id}",
            result=Result.ALLOWED,
            reason="CODE" if code is not None else "APPROVAL",
            actor=person_id,
            address=under.waiting.confirmed.browser.address,
        )
        await uow.journal.add(entry, now)
        await uow.announce(AccountActivated(person=f"persons/{person_id}"))
        confirmed = replace(under.waiting.confirmed, second_factor=True)
        made, _ = await advance_within(uow, confirmed, parts.codes)
        await uow.commit()
    return made
