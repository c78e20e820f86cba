"""End all of one's own sessions but the present one."""

import uuid

from lkmr_auth.domain.audit import REVOKE, AuditEntry, Result
from lkmr_auth.domain.errors import SessionNotFound
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import EndReason
from lkmr_auth.usecases.resolve_session import SessionParts


async def end_other_sessions(owner: PersonId, session: str, *, parts: SessionParts) -> int:
    """How many sessions this ended; `session` is the name of the present one.

    Raises SessionNotFound when the present session is none of the owner.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        present = await uow.sessions.get_own(uuid.UUID(session.rpartition("/")[2]), owner)
        if present is None:
            raise SessionNotFound
        ended = await uow.sessions.end_all(
            owner, EndReason.REVOKED_BY_OWNER, now, keep=present.family_id
        )
        await uow.announce(*ended)
        for one in ended:
            entry = AuditEntry(
                operation=REVOKE,
                object=one.session,
                result=Result.ALLOWED,
                reason=one.reason.value,
                actor=owner,
                session=session,
            )
            await uow.journal.add(entry, now)
        await uow.commit()
    return len(ended)
