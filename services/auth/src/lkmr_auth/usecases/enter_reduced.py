"""Enter while ESIA is away: employee identifier, password of the cabinet, then a one-time code."""

import math
import uuid
from datetime import timedelta

from lkmr_auth.domain.activation import normalized_number
from lkmr_auth.domain.errors import (
    EmployeeUnknown,
    EsiaMaintenance,
    EsiaOverloaded,
    EsiaUnavailable,
    ReducedNotOpen,
    SignInLocked,
)
from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.person import AccountState, Person, PersonId
from lkmr_auth.domain.session import hash_of, new_secret
from lkmr_auth.domain.sign_in import (
    Browser,
    CodeStep,
    Confirmed,
    Stage,
    WaitingSignIn,
    safe_return_to,
)
from lkmr_auth.usecases.advance_sign_in import require_admitted
from lkmr_auth.usecases.journaling import Attempt, refusals_journalled
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_auth.usecases.send_code import code_step, deliver, prepare_code
from lkmr_servicekit.personal import Personal

_NUMBER, _ADDRESS = "reduced_number", "reduced_address"
_MAX_NUMBER = 64
# Of a password that nobody has: a person who does not exist is refused as slowly as one who does.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5aGFzdGhpcw$1dGZpxHvmJbE1D8rH0A7mGq8f9oT3o2Qe4v4m4l5gGk"
)


async def enter_reduced(
    number: str, password: Personal[str], return_to: str, browser: Browser, *, parts: IdentityParts
) -> CodeStep:
    """Check identifier and password and send a code; the session will be REDUCED.

    Open only while ESIA does not answer. Attempts are counted by identifier and by address before
    anything is looked at, with growing waits. Raises ReducedNotOpen, EmployeeUnknown, SignInLocked,
    AccountBlocked, CodeBlocked, PhoneMissing, CodeTooSoon, CodeNotDelivered.
    """
    with step("reduced"):
        attempt = Attempt(browser)
        typed = Personal(normalized_number(number[:_MAX_NUMBER]))
        async with refusals_journalled(
            attempt, new_uow=parts.codes.new_uow, clock=parts.codes.clock
        ):
            await _require_esia_away(parts)
            await _count(typed, browser, parts)
            person_id = await _check(typed, password, parts)
            attempt.person_id = person_id
            return await _wait_for_code(person_id, typed, return_to, browser, parts)


async def _require_esia_away(parts: IdentityParts) -> None:
    try:
        await parts.codes.esia.probe()
    except (EsiaUnavailable, EsiaMaintenance, EsiaOverloaded):
        return
    raise ReducedNotOpen


async def _count(typed: Personal[str], browser: Browser, parts: IdentityParts) -> None:
    now = parts.codes.clock.now()
    async with parts.codes.new_uow() as uow:
        until = await uow.attempts.take(_NUMBER, typed.open(), now) or await uow.attempts.take(
            _ADDRESS, browser.address.open(), now
        )
        await uow.commit()
    if until is not None:
        raise SignInLocked(seconds=max(math.ceil((until - now).total_seconds()), 1))


async def _check(typed: Personal[str], password: Personal[str], parts: IdentityParts) -> PersonId:
    async with parts.codes.new_uow() as uow:
        holder = await uow.activations.find_holder(typed) if typed.open() else None
        held = await uow.passwords.find(holder) if holder is not None else None
    fits = await parts.hasher.fits(held.password_hash if held else _NOBODY, password)
    if holder is None or held is None or not fits:
        raise EmployeeUnknown
    return holder


async def _wait_for_code(
    person_id: PersonId,
    typed: Personal[str],
    return_to: str,
    browser: Browser,
    parts: IdentityParts,
) -> CodeStep:
    now, secret = parts.codes.clock.now(), new_secret()
    async with parts.codes.new_uow() as uow:
        person = await uow.people.get(person_id, lock=True)
        _require_known(person)
        waiting = WaitingSignIn(
            id=uuid.uuid4(),
            secret_hash=hash_of(secret),
            stage=Stage.CODE,
            confirmed=Confirmed(
                person_id=person_id,
                tokens=EsiaTokens(
                    access_token=Personal(""),
                    refresh_token=Personal(""),
                    expire_time=now + timedelta(0),
                ),
                second_factor=False,
                return_to=safe_return_to(return_to),
                browser=browser,
                check_time=now,
                register_version=person.register_version,
                reduced=True,
            ),
            create_time=now,
        )
        await uow.sign_ins.add_waiting(waiting)
        code, sending = await prepare_code(uow, person, parts.codes, address=browser.address)
        await uow.attempts.forgive(_NUMBER, typed.open())
        await uow.commit()
    if sending is not None:
        await deliver(sending, parts=parts.codes)
    return code_step(person, code, login_cookie=secret)


def _require_known(person: Person) -> None:
    require_admitted(person)
    if person.state is not AccountState.ACTIVE:
        raise EmployeeUnknown
