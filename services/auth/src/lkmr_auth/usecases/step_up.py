"""Prove anew that the person at an open session is still the same (повторное подтверждение)."""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from lkmr_auth.domain.audit import STEP_UP, AuditEntry, Result
from lkmr_auth.domain.code import Purpose
from lkmr_auth.domain.errors import (
    CabinetPasswordWait,
    CabinetPasswordWrong,
    CodeNotSent,
    SessionRevoked,
)
from lkmr_auth.domain.passkey import relying_party_of
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.domain.session import EndReason, Session, SessionOpened, Standing, new_secret
from lkmr_auth.domain.sign_in import CodeStep, SessionStep
from lkmr_auth.usecases.advance_sign_in import require_admitted
from lkmr_auth.usecases.check_code import Challenge, check_code
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_auth.usecases.resolve_session import get_open
from lkmr_auth.usecases.send_code import code_step, deliver, prepare_code
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """How a session can be proven anew. `expire_time`: until when its last proof is fresh."""

    password_required: bool
    code: CodeStep | None = None
    expire_time: datetime | None = None
    passkey_offered: bool = False
    backup_code_offered: bool = False


async def get_step_up(session_hash: bytes, origin: str = "", *, parts: IdentityParts) -> StepUp:
    """What is under way; keys of other addresses than `origin` are not offered.

    Raises SessionUnknown, SessionExpired, SessionRevoked.
    """
    now = parts.codes.clock.now()
    async with parts.codes.new_uow() as uow:
        session, person = await own_session(uow, session_hash, parts)
        last = await uow.codes.find_last(person.id)
        waits = last is not None and last.purpose is Purpose.STEP_UP and last.lives(now)
        return await _offered(
            uow,
            person,
            origin,
            code_step(person, last) if last is not None and waits else None,
            _fresh_until(session, now, parts),
        )


async def start_step_up(session_hash: bytes, origin: str = "", *, parts: IdentityParts) -> StepUp:
    """Send a code; one that was sent less than a minute ago stays.

    Raises CodeTooSoon, CodeNotDelivered, PhoneMissing, AccountBlocked, CodeBlocked, SessionUnknown,
    SessionExpired, SessionRevoked.
    """
    with step("step_up_code"):
        async with parts.codes.new_uow() as uow:
            session, _ = await own_session(uow, session_hash, parts)
            person = await uow.people.get(session.person_id, lock=True)
            require_admitted(person)
            code, sending = await prepare_code(
                uow, person, parts.codes, Purpose.STEP_UP, address=session.address
            )
            fresh = _fresh_until(session, parts.codes.clock.now(), parts)
            found = await _offered(uow, person, origin, code_step(person, code), fresh)
            await uow.commit()
        if sending is not None:
            await deliver(sending, parts=parts.codes)
        return found


async def confirm_step_up(
    session_hash: bytes, typed: str, password: Personal[str], *, parts: IdentityParts
) -> SessionStep:
    """Take code and password; the session goes on under a new id.

    Raises CodeIncomplete, CodeWrong, CodeExpired, CodeReplaced, CodeNotSent, CodeBlocked,
    CabinetPasswordWrong, CabinetPasswordWait, AccountBlocked, SessionUnknown, SessionExpired,
    SessionRevoked.
    """
    with step("step_up"):
        async with parts.codes.new_uow() as uow:
            session, person = await own_session(uow, session_hash, parts)
        try:
            await check_password(person.id, password, parts=parts)
            challenge = Challenge(
                person_id=person.id,
                purpose=Purpose.STEP_UP,
                address=session.address,
                absent=CodeNotSent,
            )
            code = await check_code(challenge, typed, parts.codes)
        except ServiceError as refusal:
            await refused_step_up(session, refusal, parts)
            raise
        async with parts.codes.new_uow() as uow:
            old, _ = await own_session(uow, session_hash, parts, lock=True)
            if not await uow.codes.consume(code.id, parts.codes.clock.now()):
                raise CodeNotSent
            made = await step_up_within(uow, old, "CODE", parts)
            await uow.commit()
        return made


async def step_up_within(
    uow: UnitOfWork, old: Session, method: str, parts: IdentityParts
) -> SessionStep:
    """Give the session a new id that says when its person was proven, and how.

    Raises SessionRevoked for an id that was replaced already.
    """
    now, secret = parts.codes.clock.now(), new_secret()
    if old.standing(now, parts.sessions.limits) is not Standing.OPEN or not (
        await uow.sessions.rotate(old.id, now)
    ):
        raise SessionRevoked(reason=EndReason.PROFILE_SWITCHED.value)
    session = replace(old.renewed(secret, now), step_up_time=now)
    await uow.sessions.add(session)
    person = await uow.people.get(session.person_id)
    entry = AuditEntry(
        operation=STEP_UP,
        object=session.name,
        result=Result.ALLOWED,
        reason=method,
        actor=session.person_id,
        roles=(session.role,) if session.role else (),
        organization=session.organization_id,
        session=session.name,
        address=session.address,
    )
    await uow.journal.add(entry, now)
    await uow.announce(SessionOpened(session=session.name, worker_id=person.worker_id))
    return SessionStep(session_cookie=secret, return_to="/")


async def check_password(
    person_id: PersonId, password: Personal[str], *, parts: IdentityParts
) -> None:
    """Compare the password of the cabinet, if the person has set one.

    An attempt is counted before the comparison. Raises CabinetPasswordWrong, CabinetPasswordWait.
    """
    now = parts.codes.clock.now()
    async with parts.codes.new_uow() as uow:
        held = await uow.passwords.find(person_id)
        if held is None:
            return
        taken = await uow.passwords.take_attempt(person_id, now)
        await uow.commit()
    if taken is None:
        opens = held.wait_time or now
        raise CabinetPasswordWait(seconds=max(math.ceil((opens - now).total_seconds()), 1))
    if not await parts.hasher.fits(taken.password_hash, password):
        raise CabinetPasswordWrong
    async with parts.codes.new_uow() as uow:
        await uow.passwords.forgive(person_id)
        await uow.commit()


async def own_session(
    uow: UnitOfWork, session_hash: bytes, parts: IdentityParts, *, lock: bool = False
) -> tuple[Session, Person]:
    """The session and its person. Raises SessionUnknown, SessionExpired, SessionRevoked."""
    session = await get_open(uow, session_hash, "", parts.sessions, lock=lock)
    return session, await uow.people.get(session.person_id)


async def _offered(
    uow: UnitOfWork, person: Person, origin: str, code: CodeStep | None, fresh: datetime | None
) -> StepUp:
    here = relying_party_of(origin)
    return StepUp(
        password_required=await uow.passwords.find(person.id) is not None,
        code=code,
        expire_time=fresh,
        passkey_offered=any(
            one.relying_party == here for one in await uow.passkeys.list(person.id)
        ),
        backup_code_offered=await uow.backup_codes.count_unused(person.id) > 0,
    )


def _fresh_until(session: Session, now: datetime, parts: IdentityParts) -> datetime | None:
    end = session.step_up_end(parts.sessions.limits)
    return end if end is not None and now < end else None


async def refused_step_up(session: Session, refusal: ServiceError, parts: IdentityParts) -> None:
    """Journal a step-up that was refused."""
    entry = AuditEntry(
        operation=STEP_UP,
        object=session.name,
        result=Result.DENIED,
        reason=refusal.reason,
        actor=session.person_id,
        roles=(session.role,) if session.role else (),
        organization=session.organization_id,
        session=session.name,
        address=session.address,
    )
    async with parts.codes.new_uow() as uow:
        await uow.journal.add(entry, parts.codes.clock.now())
        await uow.commit()
