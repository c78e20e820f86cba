"""Go on under another profile, with a new session id."""

from dataclasses import replace

from lkmr_auth.domain.audit import SWITCH, AuditEntry, Result
from lkmr_auth.domain.errors import SessionRevoked
from lkmr_auth.domain.profiles import choose
from lkmr_auth.domain.session import (
    EndReason,
    SessionOpened,
    Standing,
    new_secret,
)
from lkmr_auth.domain.sign_in import SessionStep
from lkmr_auth.usecases.profiles_today import profiles_today
from lkmr_auth.usecases.resolve_session import SessionParts, get_open
from lkmr_servicekit.clock import MOSCOW, day_in


async def switch_profile(session_hash: bytes, name: str, *, parts: SessionParts) -> SessionStep:
    """The new id keeps beginning and absolute end of the family; the old one lives 30 s more.

    Raises ProfileUnknown, SessionUnknown, SessionExpired, SessionRevoked.
    """
    now, secret = parts.clock.now(), new_secret()
    async with parts.new_uow() as uow:
        old = await get_open(uow, session_hash, "", parts, lock=True)
        if old.standing(now, parts.limits) is not Standing.OPEN:
            raise SessionRevoked(reason=EndReason.PROFILE_SWITCHED.value)
        person = await uow.people.get(old.person_id)
        profiles = await profiles_today(uow, person, day_in(MOSCOW, now))
        profile = choose(profiles, name)
        session = replace(
            old.renewed(secret, now),
            organization_id=profile.organization.id,
            role=profile.role,
        )
        if not await uow.sessions.rotate(old.id, now):
            raise SessionRevoked(reason=EndReason.PROFILE_SWITCHED.value)
        await uow.sessions.add(session)
        entry = AuditEntry(
            operation=SWITCH,
            object=session.name,
            result=Result.ALLOWED,
            actor=person.id,
            roles=(profile.role,),
            organization=profile.organization.id,
            session=session.name,
        )
        await uow.journal.add(entry, now)
        await uow.announce(SessionOpened(session=session.name, worker_id=person.worker_id))
        await uow.commit()
    return SessionStep(session_cookie=secret, return_to="/")
