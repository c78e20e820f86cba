"""Check the one-time code that a person typed while signing in."""

from dataclasses import replace

from lkmr_auth.domain.code import OneTimeCode, Purpose
from lkmr_auth.domain.errors import SignInStateLost
from lkmr_auth.domain.sign_in import Stage, Step
from lkmr_auth.usecases.advance_sign_in import advance_within
from lkmr_auth.usecases.check_code import Challenge, check_code
from lkmr_auth.usecases.get_sign_in import get_waiting
from lkmr_auth.usecases.journaling import Attempt, refusals_journalled
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.send_code import deliver


async def submit_code(login_cookie: str, typed: str, *, parts: SignInParts) -> Step:
    """Go on when the code is right.

    Raises CodeIncomplete, CodeWrong, CodeExpired, CodeReplaced, CodeBlocked, AccountBlocked,
    SignInStateLost.
    """
    with step("code"):
        async with parts.new_uow() as uow:
            waiting = await get_waiting(uow, login_cookie, Stage.CODE, parts)
        confirmed = waiting.confirmed
        attempt = Attempt(confirmed.browser, confirmed.person_id)
        challenge = Challenge(
            person_id=confirmed.person_id,
            purpose=Purpose.SIGN_IN,
            address=confirmed.browser.address,
            absent=SignInStateLost,
            waiting_id=waiting.id,
        )
        async with refusals_journalled(attempt, new_uow=parts.new_uow, clock=parts.clock):
            code = await check_code(challenge, typed, parts)
            return await _go_on(login_cookie, code, parts)


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
