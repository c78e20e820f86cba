"""Who a session belongs to, with a fresh caller token."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from lkmr_auth.domain.audit import REVOKE, AuditEntry, Result
from lkmr_auth.domain.errors import SessionExpired, SessionRevoked, SessionUnknown
from lkmr_auth.domain.lapse import LapseMode
from lkmr_auth.domain.person import AccountState, Person
from lkmr_auth.domain.policy import Policies
from lkmr_auth.domain.profiles import Profile
from lkmr_auth.domain.session import (
    Assurance,
    EndReason,
    Limits,
    Session,
    Standing,
    device_hash,
    profile_of,
)
from lkmr_auth.usecases.lapse_policy import lapse_mode
from lkmr_auth.usecases.ports import NewUnitOfWork, UnitOfWork
from lkmr_auth.usecases.profiles_today import profiles_today
from lkmr_auth.usecases.signing_keys import SigningKeys
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.identity import Caller, CallerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSession:
    """A session as a gateway keeps it."""

    session: Session
    person: Person
    profile: Profile | None
    profiles: tuple[Profile, ...]
    caller_token: str
    caller_token_expire_time: datetime
    esia_access_token: str
    assurance: Assurance
    step_up_end: datetime | None
    renew_time: datetime
    emergency_end: datetime | None = None
    lapse_mode: LapseMode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionParts:
    """Ports and settings of the life of sessions."""

    new_uow: NewUnitOfWork
    clock: Clock
    limits: Limits
    keys: SigningKeys
    policies: Policies = field(default_factory=lambda: Policies({}))


async def resolve_session(
    session_hash: bytes, device: str, *, parts: SessionParts
) -> ResolvedSession:
    """Resolve a session; one that may not go on is ended here.

    A replaced id answers for 30 s more; its later use ends the whole family, as does another
    device. Raises SessionUnknown, SessionExpired, SessionRevoked.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        session = await get_open(uow, session_hash, device, parts)
        if device and not session.device:
            await uow.sessions.bind_device(session.id, device_hash(device))
        person = await uow.people.get(session.person_id)
        profiles = await profiles_today(uow, person, day_in(MOSCOW, now))
        emergencies = await uow.emergencies.open_of(person.id, now)
        profile = profile_of(session, profiles)
        if person.state is not AccountState.ACTIVE:
            await end_for(uow, session, EndReason.ACCOUNT_BLOCKED, now)
            raise SessionRevoked(reason=EndReason.ACCOUNT_BLOCKED.value)
        if session.role and profile is None:
            await end_for(uow, session, EndReason.ROLE_REMOVED, now)
            raise SessionRevoked(reason=EndReason.ROLE_REMOVED.value)
        mode = await lapse_mode(uow, person, profile, parts.policies, parts.clock)
        tokens = await uow.esia_sessions.find(session.family_id)
        await uow.commit()
    assurance = session.assurance(now, parts.limits)
    step_up_end = session.step_up_end(parts.limits)
    caller = Caller(
        kind=CallerKind.PERSON,
        subject=str(person.id),
        expire_time=0,
        session=session.name,
        worker=person.worker_id,
        organization=profile.organization.id if profile else "",
        organization_oid=profile.organization.oid if profile else "",
        department=profile.department if profile else "",
        roles=(profile.role,) if profile else (),
        assurance=assurance.value,
        step_up_end=step_up_end.timestamp() if step_up_end else 0.0,
        suspended=mode is LapseMode.BLOCK,
    )
    token, expire_time = parts.keys.signer().caller_token(caller, session.start_time)
    fresh = tokens is not None and tokens.expire_time > now
    return ResolvedSession(
        session=session,
        person=person,
        profile=profile,
        profiles=profiles,
        caller_token=token,
        caller_token_expire_time=expire_time,
        esia_access_token=tokens.access_token.open() if tokens is not None and fresh else "",
        assurance=assurance,
        step_up_end=step_up_end,
        renew_time=session.renew_time(parts.limits),
        emergency_end=max((one.expire_time for one in emergencies), default=None),
        lapse_mode=mode,
    )


async def get_open(
    uow: UnitOfWork, session_hash: bytes, device: str, parts: SessionParts, *, lock: bool = False
) -> Session:
    """A session that may go on. Raises SessionUnknown, SessionExpired, SessionRevoked.

    What must end is ended and committed before the refusal.
    """
    session = await uow.sessions.find(session_hash, lock=lock)
    if session is None:
        raise SessionUnknown
    now = parts.clock.now()
    standing = session.standing(now, parts.limits)
    if standing is Standing.ENDED:
        reason = session.end_reason or EndReason.SIGNED_OUT
        if reason is EndReason.PROFILE_SWITCHED:
            reason = EndReason.OLD_ID_USED
            await end_for(uow, session, reason, now)
        raise SessionRevoked(reason=reason.value)
    if standing is Standing.EXPIRED:
        await end_for(uow, session, EndReason.EXPIRED, now)
        raise SessionExpired
    if standing is Standing.OLD_ID:
        await end_for(uow, session, EndReason.OLD_ID_USED, now)
        raise SessionRevoked(reason=EndReason.OLD_ID_USED.value)
    if device and session.device and not hmac.compare_digest(session.device, device_hash(device)):
        await end_for(uow, session, EndReason.DEVICE_CHANGED, now)
        raise SessionRevoked(reason=EndReason.DEVICE_CHANGED.value)
    return session


async def end_for(uow: UnitOfWork, session: Session, reason: EndReason, now: datetime) -> None:
    """End the family of a session, tell it, journal it, and commit."""
    ended = await uow.sessions.end_family(session.family_id, reason, now)
    if ended and reason is not EndReason.EXPIRED:
        await uow.announce(*ended)
        entry = AuditEntry(
            operation=REVOKE,
            object=session.name,
            result=Result.ALLOWED,
            reason=reason.value,
            actor=session.person_id,
            session=session.name,
        )
        await uow.journal.add(entry, now)
    await uow.commit()
