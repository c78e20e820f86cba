"""End one of one's own sessions."""

import uuid

from lkmr_auth.domain.errors import SessionNotFound
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import EndReason, Standing
from lkmr_auth.usecases.resolve_session import SessionParts, end_for


async def revoke_session(owner: PersonId, session_id: uuid.UUID, *, parts: SessionParts) -> None:
    """End an open session of `owner`; a repeat finds it ended by the owner and is content.

    Raises SessionNotFound, for a foreign one too.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        session = await uow.sessions.get_own(session_id, owner)
        if session is None:
            raise SessionNotFound
        if session.end_reason is EndReason.REVOKED_BY_OWNER:
            return
        if session.standing(now, parts.limits) not in (Standing.OPEN, Standing.CLOSING):
            raise SessionNotFound
        await end_for(uow, session, EndReason.REVOKED_BY_OWNER, now)
