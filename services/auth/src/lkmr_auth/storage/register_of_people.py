"""People as administrators look for them: pages by account number, exact keys, last faults."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.administration import ActNote, SessionRow
from lkmr_auth.domain.audit import Result
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.rights import Reach

_PAGE = sa.text(
    "SELECT p.id FROM person p WHERE p.number > :after AND p.state <> 'ERASED'"
    " AND (:everywhere OR EXISTS (SELECT 1"
    " FROM binding b WHERE b.person_id = p.id AND b.end_time IS NULL"
    " AND b.organization_id = :own)) ORDER BY p.number LIMIT :limit"
)
_IN_REACH = sa.text(
    "SELECT EXISTS (SELECT 1 FROM binding WHERE person_id = :person AND organization_id = :own)"
)
_LAST_ACTS = sa.text(
    "SELECT time, operation, object, result, reason, trace_id FROM journal_entry"
    " WHERE actor = :actor AND result <> 'ALLOWED' ORDER BY seq DESC LIMIT :limit"
)
_SESSIONS = sa.text(
    "SELECT s.id, s.person_id"
    " FROM session s WHERE s.state = 'ACTIVE' AND s.expire_time > :now AND s.active_time > :since"
    " AND (:everywhere OR s.organization_id = :own)"
    " ORDER BY s.start_time DESC, s.id LIMIT :limit"
)


class StoredRegisterOfPeople:
    """The port `RegisterOfPeople` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(self, reach: Reach, *, after: int, limit: int) -> tuple[PersonId, ...]:
        values = {
            "after": after,
            "everywhere": reach.everywhere,
            "own": reach.organization,
            "limit": limit,
        }
        rows = await self._connection.execute(_PAGE, values)
        return tuple(PersonId(row.id) for row in rows)

    async def in_reach(self, person_id: PersonId, reach: Reach) -> bool:
        if reach.everywhere:
            return True
        values = {"person": person_id, "own": reach.organization}
        return bool((await self._connection.execute(_IN_REACH, values)).scalar_one())

    async def last_faults(self, person_id: PersonId, limit: int) -> tuple[ActNote, ...]:
        values = {"actor": f"persons/{person_id}", "limit": limit}
        rows = await self._connection.execute(_LAST_ACTS, values)
        return tuple(
            ActNote(
                time=row.time,
                operation=row.operation,
                object=row.object,
                result=Result(row.result),
                reason=row.reason,
                trace_id=row.trace_id,
            )
            for row in rows
        )

    async def open_sessions(
        self, reach: Reach, *, now: datetime, active_since: datetime, limit: int
    ) -> tuple[SessionRow, ...]:
        values = {
            "now": now,
            "since": active_since,
            "everywhere": reach.everywhere,
            "own": reach.organization,
            "limit": limit,
        }
        rows: Any = await self._connection.execute(_SESSIONS, values)
        return tuple(SessionRow(row.id, PersonId(row.person_id)) for row in rows)
