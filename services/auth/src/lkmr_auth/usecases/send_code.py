"""Make and send the cabinet's own one-time code."""

import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from lkmr_auth.domain.code import (
    LIFE,
    OneTimeCode,
    Purpose,
    code_hmac,
    errors_carried,
    new_digits,
)
from lkmr_auth.domain.errors import CodeTooSoon, PhoneMissing
from lkmr_auth.domain.person import Person, masked_phone
from lkmr_auth.domain.sign_in import CodeStep
from lkmr_auth.usecases.parts import SignInParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

TEXTS = {
    Purpose.SIGN_IN: "Код входа в кабинет медработника: {digits}.",
    Purpose.ACTIVATION: "Код активации кабинета медработника: {digits}.",
    Purpose.STEP_UP: "Код подтверждения действия в кабинете медработника: {digits}.",
}
_HOUR = timedelta(hours=1)
ADVICE = " Действует 5 минут. Никому его не сообщайте."


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that is to be sent once its code is stored."""

    code_id: uuid.UUID
    phone: Personal[str]
    text: Personal[str]


async def prepare_code(
    uow: UnitOfWork,
    person: Person,
    parts: SignInParts,
    purpose: Purpose = Purpose.SIGN_IN,
    *,
    address: Personal[str],
) -> tuple[OneTimeCode, Sending | None]:
    """The code that the person shall enter; nothing is to be sent while one sent just now lives.

    So a sign-in that was begun anew neither floods the telephone nor gives new guesses. The row of
    the person is locked. Raises PhoneMissing, CodeTooSoon.
    """
    now = parts.clock.now()
    last = await uow.codes.find_last(person.id)
    if last is not None and last.lives(now) and now < last.resend_time and last.purpose is purpose:
        return last, None
    return await new_code(uow, person, parts, purpose, address=address)


async def new_code(
    uow: UnitOfWork,
    person: Person,
    parts: SignInParts,
    purpose: Purpose = Purpose.SIGN_IN,
    *,
    address: Personal[str],
) -> tuple[OneTimeCode, Sending]:
    """A new code; the one before stops working. Raises PhoneMissing, CodeTooSoon."""
    now = parts.clock.now()
    phone = person.contacts.phone
    if not phone.open():
        raise PhoneMissing
    recent = await uow.codes.list_recent(person.id, now - _HOUR)
    if len(recent) >= parts.sends_per_hour:
        raise _too_soon(recent[parts.sends_per_hour - 1].create_time, now)
    await count_sending(uow, "PHONE", phone, parts.sends_per_hour, now)
    await count_sending(uow, "ADDRESS", address, parts.sends_per_address, now)
    digits, code_id = new_digits(), uuid.uuid4()
    code = OneTimeCode(
        id=code_id,
        person_id=person.id,
        code_hmac=code_hmac(parts.code_key, code_id, digits),
        tries=errors_carried(recent[0] if recent else None, now),
        create_time=now,
        expire_time=now + LIFE,
        purpose=purpose,
    )
    await uow.codes.add(code)
    return code, Sending(code_id, phone, Personal(TEXTS[purpose].format(digits=digits) + ADVICE))


async def withdraw_code(uow: UnitOfWork, person: Person, now: datetime) -> None:
    """A code that went to a telephone which is not the person's any more opens nothing."""
    last = await uow.codes.find_last(person.id)
    if last is not None and last.lives(now):
        await uow.codes.withdraw(last.id, now)


async def count_sending(
    uow: UnitOfWork, kind: str, subject: Personal[str], limit: int, now: datetime
) -> None:
    """Raises CodeTooSoon: a telephone of many people, one address or person that asks for many."""
    if not subject.open():
        return
    oldest = await uow.sendings.take(kind, subject, limit, now - _HOUR, now)
    if oldest is not None:
        raise _too_soon(oldest, now)


def _too_soon(oldest: datetime, now: datetime) -> CodeTooSoon:
    return CodeTooSoon(seconds=max(math.ceil((oldest + _HOUR - now).total_seconds()), 1))


async def deliver(sending: Sending, *, parts: SignInParts) -> None:
    """Send; a code that was not taken over is withdrawn. Raises CodeNotDelivered."""
    try:
        await parts.sender.send(sending.phone, sending.text)
    except ServiceError:
        async with parts.new_uow() as uow:
            await uow.codes.withdraw(sending.code_id, parts.clock.now())
            await uow.commit()
        raise


def code_step(person: Person, code: OneTimeCode, *, login_cookie: str = "") -> CodeStep:
    """What the page of the code shows."""
    return CodeStep(
        phone_masked=masked_phone(person.contacts.phone.open()),
        expire_time=code.expire_time,
        attempts_left=code.attempts_left,
        resend_time=code.resend_time,
        login_cookie=login_cookie,
    )
