"""Reads of applications on the plain pool."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lkmr_accreditation.domain.application import OUTSIDE, SETTLED, Application, State
from lkmr_accreditation.domain.errors import ApplicationNotFound
from lkmr_accreditation.storage.applications import application_of, steps_from
from lkmr_accreditation.usecases.application_ports import Delivery, Stored
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.encryption import KeyRing

_ALL = "SELECT a.*, w.data_key FROM application a JOIN worker w ON w.id = a.worker_id"
_PAGE = f"""{_ALL}
 WHERE a.worker_id = $1 AND a.state <> 'DELETED'
   AND ($2::timestamptz IS NULL OR (a.create_time, a.id) < ($2, $3))
 ORDER BY a.create_time DESC, a.id DESC LIMIT $4
"""
_DEPARTMENT = """
   AND ($2 = '' OR EXISTS (SELECT FROM staff s WHERE s.organization_oid = a.organization_oid
     AND s.worker_id = a.worker_id AND s.departments @> ARRAY[$2::text]))
"""
_STAFF = f"""{_ALL}
 WHERE a.organization_oid = $1 {_DEPARTMENT} AND a.form = ANY($3::text[])
   AND (a.state IN ('REPORT_APPROVAL', 'SUBMITTED', 'IN_WORK')
     OR (a.path = 'STAFF_EXTRACT' AND a.state IN ('CONSENT_ASKED', 'READY')))
   AND (a.form <> 'F1' OR a.state = 'REPORT_APPROVAL')
   AND ($4::timestamptz IS NULL OR (a.state_time, a.id) > ($4, $5))
 ORDER BY a.state_time, a.id LIMIT $6
"""
_STAFF_ONE = f"""{_ALL}
 WHERE a.organization_oid = $1 {_DEPARTMENT} AND a.id = $3
"""
_STEPS = """
SELECT number, actor, before, after, reason, file_set, step_time
  FROM application_step WHERE application_id = $1 ORDER BY number
"""
_OPEN = f"{_ALL} WHERE a.worker_id = $1 AND a.state = ANY($2::text[])"
_COUNT = "SELECT count(*) FROM application WHERE worker_id = $1 AND state <> ALL($2::text[])"
_NOBODY = uuid.UUID(int=0)


class PostgresApplications:
    """Whole applications, opened with the key of their worker."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    async def page(
        self, worker: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Stored]:
        """One's own, newest first."""
        moment, place = _place(after)
        rows = await self._fetch(_PAGE, uuid.UUID(worker), moment, place, limit)
        return [self._stored(row) for row in rows]

    async def one(self, application: str, *, worker: str) -> Stored:
        """One's own with its history. Raises ApplicationNotFound.

        A deleted one is still told of: messages about it lead here.
        """
        return await self._with_steps(
            f"{_ALL} WHERE a.worker_id = $1 AND a.id = $2",
            uuid.UUID(worker),
            application=application,
        )

    async def staff_page(
        self,
        organization_oid: str,
        department: str,
        forms: Sequence[str],
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Stored]:
        """What waits for somebody of an organisation, or for a department, oldest first."""
        moment, place = _place(after)
        rows = await self._fetch(
            _STAFF, organization_oid, department, list(forms), moment, place, limit
        )
        return [self._stored(row) for row in rows]

    async def staff_one(
        self, application: str, *, organization_oid: str, department: str
    ) -> Stored:
        """One of an organisation, or of a department of it. Raises ApplicationNotFound."""
        return await self._with_steps(
            _STAFF_ONE, organization_oid, department, application=application
        )

    async def open_steps(self, worker: str) -> Sequence[Application]:
        """Open applications that somebody outside has to act on."""
        states = [one.value for one in OUTSIDE]
        rows = await self._fetch(_OPEN, uuid.UUID(worker), states)
        return [self._stored(row).application for row in rows]

    async def count_open(self, worker: str) -> int:
        """How many are on their way: neither a draft nor settled."""
        states = [one.value for one in (*SETTLED, State.DRAFT)]
        rows = await self._fetch(_COUNT, uuid.UUID(worker), states)
        return int(rows[0][0])

    async def _with_steps(self, sql: str, *owner: object, application: str) -> Stored:
        identity = uuid.UUID(application)
        rows = await self._fetch(sql, *owner, identity)
        if not rows:
            raise ApplicationNotFound
        key = self._keys.data_key(bytes(rows[0]["data_key"]))
        steps = steps_from(await self._fetch(_STEPS, identity), application, key)
        one = self._stored(rows[0])
        return Stored(application=one.application, delivery=one.delivery, steps=steps)

    async def _fetch(self, sql: str, *values: object) -> list[Any]:
        try:
            return list(await self._database.pool.fetch(sql, *values))
        except AWAY as fault:
            raise unavailable() from fault

    def _stored(self, row: Any) -> Stored:
        key = self._keys.data_key(bytes(row["data_key"]))
        delivery = Delivery(act=row["outgoing"], attempts=row["attempts"])
        return Stored(application=application_of(row, key), delivery=delivery)


def _place(after: tuple[datetime, str] | None) -> tuple[datetime | None, uuid.UUID]:
    return (after[0], uuid.UUID(after[1])) if after else (None, _NOBODY)
