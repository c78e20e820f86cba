"""A person's own sessions and sign-in history."""

from dataclasses import dataclass

from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import Session, Standing
from lkmr_auth.domain.sign_in_history import SignInNote
from lkmr_auth.usecases.resolve_session import SessionParts

SESSIONS = 100
SIGN_INS = 20


@dataclass(frozen=True, slots=True)
class SessionList:
    """Open sessions, newest first, and the last sign-ins."""

    sessions: tuple[Session, ...]
    sign_ins: tuple[SignInNote, ...]


async def list_sessions(owner: PersonId, *, parts: SessionParts) -> SessionList:
    """Sessions that are idle too long are not shown."""
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        found = await uow.sessions.list_open(owner, now, SESSIONS)
        notes = await uow.journal.list_sign_ins(owner, SIGN_INS)
    shown = (one for one in found if one.standing(now, parts.limits) is Standing.OPEN)
    return SessionList(tuple(shown), notes)
