"""Check the one-time code that a person typed."""

import hmac
from dataclasses import replace
from datetime import timedelta

from lkmr_auth.domain.audit import CODE_LOCK, AuditEntry, Result
from lkmr_auth.domain.code import MAX_ERRORS, OneTimeCode, code_hmac, digits_typed
from lkmr_auth.domain.errors import (
    CodeBlocked,
    CodeExpired,
    CodeReplaced,
    CodeWrong,
    SignInStateLost,
)
from lkmr_auth.domain.sign_in import Stage, Step, WaitingSignIn
from lkmr_auth.usecases.advance_sign_in import advance_within, require_admitted
from lkmr_auth.usecases.get_sign_in import get_waiting
from lkmr_auth.usecases.journaling import Attempt, refusals_journalled
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.send_code import deliver


async def submit_code(login_cookie: str, typed: str, *, parts: SignInParts) -> Step:
    """Go on when the code is right.

    The attempt is counted and committed before the comparison, so that guesses side by side cannot
    be more than three. Raises CodeIncomplete, CodeWrong, CodeExpired, CodeReplaced, CodeBlocked,
    AccountBlocked, SignInStateLost.
    """
    with step("code"):
        async with parts.new_uow() as uow:
            waiting = await get_waiting(uow, login_cookie, Stage.CODE, parts)
        attempt = Attempt(waiting.confirmed.browser, waiting.confirmed.person_id)
        async with refusals_journalled(attempt, new_uow=parts.new_uow, clock=parts.clock):
            digits = digits_typed(typed)
            code = await _take_attempt(waiting, parts)
            if not _is(code, digits, parts):
                await _refuse(waiting, code, digits, parts)
            return await _go_on(login_cookie, code, parts)


async def _take_attempt(waiting: WaitingSignIn, parts: SignInParts) -> OneTimeCode:
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        require_admitted(await uow.people.get(waiting.confirmed.person_id))
        last = await uow.codes.find_last(waiting.confirmed.person_id)
        if last is None:
            raise SignInStateLost
        taken = await uow.codes.take_attempt(last.id, now)
        await uow.commit()
    if taken is not None:
        return taken
    if last.consume_time is not None:
        raise SignInStateLost
    if last.replace_time is not None:
        raise CodeReplaced
    if now >= last.expire_time:
        raise CodeExpired
    raise CodeBlocked


async def _refuse(
    waiting: WaitingSignIn, code: OneTimeCode, digits: str, parts: SignInParts
) -> None:
    """Raises the refusal for a wrong code; the third in a row locks the person."""
    now = parts.clock.now()
    person_id = waiting.confirmed.person_id
    async with parts.new_uow() as uow:
        person = await uow.people.get(person_id, lock=True)
        last = await uow.codes.find_last(person_id)
        used = last is not None and last.id == code.id and last.consume_time is not None
        if code.tries >= MAX_ERRORS and not used:
            await uow.people.save(replace(person, code_lock_time=now), now)
            await uow.sign_ins.remove(waiting.id)
            lock = AuditEntry(
                operation=CODE_LOCK,
                object=f"persons/{person_id}",
                result=Result.ALLOWED,
                reason=CodeBlocked.REASON,
                actor=person_id,
                address=waiting.confirmed.browser.address,
            )
            await uow.journal.add(lock, now)
            await uow.commit()
            raise CodeBlocked
        older = await uow.codes.list_recent(person_id, now - timedelta(hours=1))
    if any(one.replace_time and _is(one, digits, parts) for one in older):
        raise CodeReplaced
    raise CodeWrong(attempts_left=code.attempts_left)


async def _go_on(login_cookie: str, code: OneTimeCode, parts: SignInParts) -> Step:
    async with parts.new_uow() as uow:
        waiting = await get_waiting(uow, login_cookie, Stage.CODE, parts, lock=True)
        await uow.people.get(waiting.confirmed.person_id, lock=True)
        if not await uow.codes.consume(code.id, parts.clock.now()):
            raise SignInStateLost
        await uow.sign_ins.remove(waiting.id)
        confirmed = replace(waiting.confirmed, second_factor=True)
        made, sending = await advance_within(uow, confirmed, parts)
        await uow.commit()
    if sending is not None:
        await deliver(sending, parts=parts)
    return made


def _is(code: OneTimeCode, digits: str, parts: SignInParts) -> bool:
    return hmac.compare_digest(code.code_hmac, code_hmac(parts.code_key, code.id, digits))
