"""Compare a one-time code, whatever it is for; three errors in a row close the account."""

import hmac
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

from lkmr_auth.domain.audit import CODE_LOCK, AuditEntry, Result
from lkmr_auth.domain.code import MAX_ERRORS, OneTimeCode, Purpose, code_hmac, digits_typed
from lkmr_auth.domain.errors import CodeBlocked, CodeExpired, CodeReplaced, CodeWrong
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import EndReason
from lkmr_auth.usecases.advance_sign_in import require_admitted
from lkmr_auth.usecases.parts import SignInParts
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """Whom a code was sent and what for. `absent` refuses when no code is under way."""

    person_id: PersonId
    purpose: Purpose
    address: Personal[str]
    absent: type[Refusal]
    waiting_id: uuid.UUID | None = None


async def check_code(challenge: Challenge, typed: str, parts: SignInParts) -> OneTimeCode:
    """The code that was typed rightly; it is still to be consumed.

    The attempt is counted and committed before the comparison, so that guesses side by side cannot
    be more than three. Raises CodeIncomplete, CodeWrong, CodeExpired, CodeReplaced, CodeBlocked,
    AccountBlocked, and `absent`.
    """
    digits = digits_typed(typed)
    code = await _take_attempt(challenge, parts)
    if not _is(code, digits, parts):
        await _refuse(challenge, code, digits, parts)
    return code


async def _take_attempt(challenge: Challenge, parts: SignInParts) -> OneTimeCode:
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        require_admitted(await uow.people.get(challenge.person_id))
        last = await uow.codes.find_last(challenge.person_id)
        if last is None:
            raise challenge.absent
        if last.purpose is not challenge.purpose:
            raise CodeReplaced
        taken = await uow.codes.take_attempt(last.id, now)
        await uow.commit()
    if taken is not None:
        return taken
    if last.consume_time is not None:
        raise challenge.absent
    if last.replace_time is not None:
        raise CodeReplaced
    if now >= last.expire_time:
        raise CodeExpired
    raise CodeBlocked


async def _refuse(challenge: Challenge, code: OneTimeCode, digits: str, parts: SignInParts) -> None:
    """Raises the refusal for a wrong code; the third in a row locks the person."""
    now = parts.clock.now()
    person_id = challenge.person_id
    async with parts.new_uow() as uow:
        person = await uow.people.get(person_id, lock=True)
        last = await uow.codes.find_last(person_id)
        used = last is not None and last.id == code.id and last.consume_time is not None
        if code.tries >= MAX_ERRORS and not used:
            await uow.people.save(replace(person, code_lock_time=now), now)
            if challenge.waiting_id is not None:
                await uow.sign_ins.remove(challenge.waiting_id)
            ended = await uow.sessions.end_all(person_id, EndReason.CODE_LOCKED, now)
            await uow.announce(*ended)
            lock = AuditEntry(
                operation=CODE_LOCK,
                object=f"persons/{person_id}",
                result=Result.ALLOWED,
                reason=CodeBlocked.REASON,
                actor=person_id,
                address=challenge.address,
            )
            await uow.journal.add(lock, now)
            await uow.commit()
            raise CodeBlocked
        older = await uow.codes.list_recent(person_id, now - timedelta(hours=1))
    if any(one.replace_time and _is(one, digits, parts) for one in older):
        raise CodeReplaced
    raise CodeWrong(attempts_left=code.attempts_left)


def _is(code: OneTimeCode, digits: str, parts: SignInParts) -> bool:
    return hmac.compare_digest(code.code_hmac, code_hmac(parts.code_key, code.id, digits))
