"""Send a new one-time code."""

import math
from datetime import datetime

from lkmr_auth.domain.code import PHONE_LOOKS_PER_HOUR, OneTimeCode
from lkmr_auth.domain.errors import CodeTooSoon, PhoneDiffers
from lkmr_auth.domain.person import Person, same_phone
from lkmr_auth.domain.sign_in import CodeStep, Stage
from lkmr_auth.usecases.advance_sign_in import require_admitted
from lkmr_auth.usecases.get_sign_in import get_waiting
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.send_code import code_step, count_sending, deliver, new_code
from lkmr_servicekit.personal import Personal

NOT_TYPED = Personal("")


async def resend_code(
    login_cookie: str, *, phone: Personal[str] = NOT_TYPED, parts: SignInParts
) -> CodeStep:
    """A new code kills the old one; one that the operator did not take may be replaced at once.

    `phone` is the number as the person typed it again to be sure of it. Raises PhoneDiffers,
    CodeTooSoon, CodeBlocked, CodeNotDelivered, SignInStateLost.
    """
    with step("resend"):
        now = parts.clock.now()
        if phone.open():
            await _require_same_phone(login_cookie, phone, parts)
        async with parts.new_uow() as uow:
            waiting = await get_waiting(uow, login_cookie, Stage.CODE, parts)
            person = await uow.people.get(waiting.confirmed.person_id, lock=True)
            require_admitted(person)
            last = await uow.codes.find_last(person.id)
            require_time_to_resend(last, now)
            code, sending = await new_code(
                uow, person, parts, address=waiting.confirmed.browser.address
            )
            await uow.commit()
        await deliver(sending, parts=parts)
        return code_step(person, code)


async def _require_same_phone(login_cookie: str, typed: Personal[str], parts: SignInParts) -> None:
    """Each look is counted and committed before it, so that nobody finds a number by trying."""
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        waiting = await get_waiting(uow, login_cookie, Stage.CODE, parts)
        person: Person = await uow.people.get(waiting.confirmed.person_id)
        require_admitted(person)
        await count_sending(uow, "LOOK", Personal(str(person.id)), PHONE_LOOKS_PER_HOUR, now)
        await uow.commit()
    if not same_phone(typed.open(), person.contacts.phone.open()):
        raise PhoneDiffers


def require_time_to_resend(last: OneTimeCode | None, now: datetime) -> None:
    """Raises CodeTooSoon within a minute after a code that was sent."""
    if last is not None and last.replace_time is None and now < last.resend_time:
        left = (last.resend_time - now).total_seconds()
        raise CodeTooSoon(seconds=max(math.ceil(left), 1))
