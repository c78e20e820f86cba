"""Replace the id of a session by a new one (each 30 min)."""

from lkmr_auth.domain.audit import RENEW, AuditEntry, Result
from lkmr_auth.domain.errors import SessionRevoked
from lkmr_auth.domain.session import EndReason, SessionOpened, Standing, new_secret
from lkmr_auth.domain.sign_in import SessionStep
from lkmr_auth.usecases.resolve_session import SessionParts, get_open


async def renew_session(session_hash: bytes, *, parts: SessionParts) -> SessionStep:
    """The old id serves 30 s more; its later use ends the family.

    Raises SessionUnknown, SessionExpired, SessionRevoked (also when it was replaced already).
    """
    now, secret = parts.clock.now(), new_secret()
    async with parts.new_uow() as uow:
        old = await get_open(uow, session_hash, "", parts, lock=True)
        open_still = old.standing(now, parts.limits) is Standing.OPEN
        if not open_still or not await uow.sessions.rotate(old.id, now):
            raise SessionRevoked(reason=EndReason.PROFILE_SWITCHED.value)
        session = old.renewed(secret, now)
        await uow.sessions.add(session)
        person = await uow.people.get(session.person_id)
        entry = AuditEntry(
            operation=RENEW,
            object=session.name,
            result=Result.ALLOWED,
            actor=session.person_id,
            roles=(session.role,) if session.role else (),
            organization=session.organization_id,
            session=session.name,
        )
        await uow.journal.add(entry, now)
        await uow.announce(SessionOpened(session=session.name, worker_id=person.worker_id))
        await uow.commit()
    return SessionStep(session_cookie=secret, return_to="/")
