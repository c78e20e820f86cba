"""Removal of what is long over, in small portions."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

RECORDS = timedelta(hours=1)
CODES = timedelta(days=1)
SESSIONS = timedelta(days=7)
DRAFTS = timedelta(days=7)

_IDLE = (
    "(SELECT id FROM session WHERE state = 'ACTIVE'"
    " AND (active_time < :idle OR expire_time < :now) LIMIT 1000)"
)
_SWEEPS = [
    sa.text(f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {old} LIMIT 1000)")  # noqa: S608 - names of tables and columns
    for table, old in (
        ("sign_in", "create_time < :records"),
        ("waiting_sign_in", "create_time < :records"),
        ("one_time_code", "create_time < :codes"),
        ("session", "state = 'ENDED' AND end_time < :sessions"),
    )
]
_SWEEPS += [
    sa.text(
        "DELETE FROM esia_session WHERE family_id IN"  # noqa: S608 - parts of this file
        f" (SELECT family_id FROM session WHERE id IN {_IDLE})"
    ),
    sa.text(
        "UPDATE session SET state = 'ENDED', end_time = :now, end_reason = 'EXPIRED'"  # noqa: S608 - same
        f" WHERE id IN {_IDLE}"
    ),
    sa.text("DELETE FROM request_log WHERE expire_time < :now"),
    sa.text("DELETE FROM code_sending WHERE send_time < :codes"),
    sa.text("DELETE FROM sign_in_start WHERE free_time < :now"),
    sa.text("DELETE FROM draft WHERE update_time < :drafts"),
    sa.text("DELETE FROM passkey_challenge WHERE expire_time < :now"),
]


class StoredCleaner:
    """The port `Cleaner` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def sweep(self, now: datetime, idle: timedelta) -> None:
        moments = {
            "now": now,
            "records": now - RECORDS,
            "codes": now - CODES,
            "sessions": now - SESSIONS,
            "idle": now - idle,
            "drafts": now - DRAFTS,
        }
        for statement in _SWEEPS:
            wanted = {name: moments[name] for name in statement.compile().params}
            await self._connection.execute(statement, wanted)
