"""Counts that show how demands on security are kept: figures and days, never data of people."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lkmr_servicekit.database import AWAY, Database, unavailable

LATELY = timedelta(days=90)
_CONSENTS = (
    "SELECT document, decision, count(*) AS people FROM (SELECT DISTINCT ON (person_id, document)"
    " document, decision FROM legal_decision ORDER BY person_id, document, time DESC) AS latest"
    " GROUP BY 1, 2 ORDER BY 1, 2"
)
_REQUESTS = (
    "SELECT kind, count(*) AS total,"
    " count(*) FILTER (WHERE state = 'ANSWERED') AS answered,"
    " count(*) FILTER (WHERE (answer_time AT TIME ZONE 'Europe/Moscow')::date <= due_date)"
    " AS in_time,"
    " count(*) FILTER (WHERE state <> 'ANSWERED'"
    " AND due_date < ($1::timestamptz AT TIME ZONE 'Europe/Moscow')::date) AS overdue"
    " FROM data_request GROUP BY 1 ORDER BY 1"
)
_INCIDENTS = "SELECT kind, state, count(*) AS incidents FROM incident GROUP BY 1, 2 ORDER BY 1, 2"
_LEAKS = (
    "SELECT i.number, l.discover_time, l.notice_due_time, l.notice_time, l.result_due_time,"
    " l.result_time, coalesce(l.notice_time, $1) <= l.notice_due_time AS notice_kept,"
    " coalesce(l.result_time, $1) <= l.result_due_time AS result_kept"
    " FROM leak_report l JOIN incident i ON i.id = l.incident_id ORDER BY i.number"
)
_SESSIONS = (
    "SELECT state, coalesce(end_reason, '') AS reason, count(*) AS sessions"
    " FROM session GROUP BY 1, 2 ORDER BY 1, 2"
)
_SIGN_INS = (
    "SELECT operation, result, count(*) AS acts FROM journal_entry WHERE chain_time >= $1"
    " AND operation = ANY($2) GROUP BY 1, 2 ORDER BY 1, 2"
)
_DENIED = (
    "SELECT result, count(*) AS acts FROM journal_entry WHERE chain_time >= $1"
    " GROUP BY 1 ORDER BY 1"
)
_ACTS = ("session.start", "session.step_up", "account.code_lock", "account.code_unlock")


class EvidenceReader:
    """Reads them over the plain pool. Raises ServiceError DATABASE_UNAVAILABLE."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, now: datetime) -> Mapping[str, list[dict[str, Any]]]:
        """Rows by subject; moments are aware datetimes."""
        since = now - LATELY
        return {
            "consents": await self._rows(_CONSENTS),
            "data_requests": await self._rows(_REQUESTS, now),
            "incidents": await self._rows(_INCIDENTS),
            "leaks": await self._rows(_LEAKS, now),
            "sessions": await self._rows(_SESSIONS),
            "sign_ins": await self._rows(_SIGN_INS, since, list(_ACTS)),
            "acts": await self._rows(_DENIED, since),
        }

    async def _rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        try:
            found = await self._database.pool.fetch(statement, *values)
        except AWAY as fault:
            raise unavailable() from fault
        return [dict(row) for row in found]
