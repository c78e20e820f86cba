"""Sessions as a security administrator sees and ends them."""

import uuid
from datetime import timedelta

from lkmr_auth.domain.errors import SessionNotFound
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.domain.session import EndReason, Session, Standing
from lkmr_auth.usecases.administration.acting import (
    actor_of,
    count_act,
    note_act,
    reason_in,
)
from lkmr_auth.usecases.administration.apply_rights import end_sessions
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_servicekit.identity import Caller

END, LIST = "account.session_end", "account.session_list"
LIMIT = 200


async def list_all_sessions(
    *, caller: Caller, parts: AdministrationParts
) -> tuple[tuple[Session, Person], ...]:
    """Open sessions in reach with their people, newest first, at most 200; it is journalled."""
    actor, now = actor_of(caller), parts.clock.now()
    since = now - parts.limits.idle - timedelta(seconds=60)
    made = []
    async with parts.new_uow() as uow:
        rows = await uow.register.open_sessions(
            parts.reach(actor), now=now, active_since=since, limit=LIMIT
        )
        for row in rows:
            session = await uow.sessions.get_own(row.session_id, row.person_id)
            if session is not None:
                made.append((session, await uow.people.get(row.person_id)))
        await uow.commit()
    return tuple(made)


async def end_any_session(
    person_id: PersonId,
    session_id: uuid.UUID,
    *,
    reason: str,
    caller: Caller,
    parts: AdministrationParts,
) -> None:
    """End somebody's session (LKMR-AUTH-021). Raises SessionNotFound, ReasonRequired."""
    actor, now = actor_of(caller), parts.clock.now()
    words = reason_in(reason)
    async with parts.new_uow() as uow:
        session = await uow.sessions.get_own(session_id, person_id)
        if (
            session is None
            or not parts.reach(actor).covers(session.organization_id)
            or session.standing(now, parts.limits) not in (Standing.OPEN, Standing.CLOSING)
        ):
            raise SessionNotFound
        await end_sessions(uow, session, EndReason.ENDED_BY_ADMIN, now)
        await note_act(uow, person_id, operation=END, reason=words, actor=actor, now=now)
        await uow.commit()
    count_act("session_end")
