"""What a change of rights means for open sessions, in the transaction of the change."""

from datetime import datetime

from lkmr_auth.domain.audit import REVOKE, AuditEntry, Result
from lkmr_auth.domain.facts import SessionChanged
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import EndReason, Session
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_auth.usecases.profiles_today import profiles_today
from lkmr_servicekit.clock import MOSCOW, day_in

SESSIONS = 100


async def apply_rights(uow: UnitOfWork, person_id: PersonId, now: datetime) -> None:
    """Sessions under a role that is gone end at once; the others are asked for anew.

    Gateways hear of both within a second.
    """
    person = await uow.people.get(person_id)
    profiles = await profiles_today(uow, person, day_in(MOSCOW, now))
    names = {profile.name for profile in profiles}
    for session in await uow.sessions.list_open(person_id, now, SESSIONS):
        if session.role and session.profile_name not in names:
            await end_sessions(uow, session, EndReason.ROLE_REMOVED, now)
        else:
            changed = SessionChanged(session=session.name, secret_hash=session.secret_hash)
            await uow.announce(changed)


async def end_sessions(uow: UnitOfWork, session: Session, reason: EndReason, now: datetime) -> None:
    """End the family of a session, tell it and journal it; the caller commits."""
    ended = await uow.sessions.end_family(session.family_id, reason, now)
    await uow.announce(*ended)
    entry = AuditEntry(
        operation=REVOKE,
        object=session.name,
        result=Result.ALLOWED,
        reason=reason.value,
        session=session.name,
    )
    await uow.journal.add(entry, now)
