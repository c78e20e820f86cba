"""Note that a person acted."""

from datetime import datetime

from lkmr_auth.domain.errors import SessionExpired, SessionRevoked, SessionUnknown
from lkmr_auth.domain.session import EndReason, Standing
from lkmr_auth.usecases.resolve_session import SessionParts


async def touch_session(session_hash: bytes, active_time: datetime, *, parts: SessionParts) -> None:
    """Move the last act of a session forward, never beyond now.

    A late report about a replaced id is refused and has no other consequence: it comes from a
    gateway, not from a browser. Raises SessionUnknown, SessionExpired, SessionRevoked.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        session = await uow.sessions.find(session_hash)
        if session is None:
            raise SessionUnknown
        standing = session.standing(now, parts.limits)
        if standing is Standing.EXPIRED:
            raise SessionExpired
        if standing is not Standing.OPEN:
            reason = session.end_reason or EndReason.PROFILE_SWITCHED
            raise SessionRevoked(reason=reason.value)
        await uow.sessions.touch(session.id, min(active_time, now))
        await uow.commit()
