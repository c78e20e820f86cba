"""Sign out (выход)."""

from lkmr_auth.domain.audit import SIGN_OUT, AuditEntry, Result
from lkmr_auth.domain.session import EndReason
from lkmr_auth.usecases.outside_ports import Esia
from lkmr_auth.usecases.resolve_session import SessionParts


async def end_session(
    session_hash: bytes,
    origin: str,
    *,
    allowed_origins: frozenset[str],
    esia: Esia,
    parts: SessionParts,
) -> str:
    """End a session and give the address where ESIA ends its own, which comes back to `origin`.

    A session that is unknown, or over, needs no ending: signing out never fails. A foreign origin
    is not returned to.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        session = await uow.sessions.find(session_hash)
        ended = (
            await uow.sessions.end_family(session.family_id, EndReason.SIGNED_OUT, now)
            if session is not None
            else ()
        )
        if session is not None and ended:
            await uow.announce(*ended)
            entry = AuditEntry(
                operation=SIGN_OUT,
                object=session.name,
                result=Result.ALLOWED,
                actor=session.person_id,
                roles=(session.role,) if session.role else (),
                organization=session.organization_id,
                session=session.name,
            )
            await uow.journal.add(entry, now)
        await uow.commit()
    return esia.logout_url(f"{origin}/" if origin in allowed_origins else "")
