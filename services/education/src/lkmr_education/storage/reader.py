"""Reads outside a unit of work, on the plain pool."""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson

from lkmr_education.domain.counting import Study
from lkmr_education.storage import rows
from lkmr_education.usecases.ports import Change, Worker
from lkmr_servicekit import telemetry
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.encryption import KeyRing

# The newest document of an activity is the one that counts; the valid confirmation is the only one.
_STUDIES = """
SELECT w.data_key, w.record::text AS record, w.fetch_time, a.*,
       c.id AS c_id, c.type AS c_type, c.issuer AS c_issuer, c.numbers AS c_numbers,
       c.issue_date AS c_issue_date, c.hours AS c_hours, c.origin AS c_origin,
       c.check_state AS c_check_state, c.check_fields::text AS c_check_fields,
       c.check_time AS c_check_time, c.create_time AS c_create_time,
       f.method AS f_method, f.units AS f_units, f.confirm_time AS f_confirm_time,
       f.certificate_id AS f_certificate_id, f.confirmed_by AS f_confirmed_by, f.reason AS f_reason
  FROM worker w
  LEFT JOIN activity a ON a.worker_id = w.id
  LEFT JOIN LATERAL (SELECT * FROM certificate WHERE activity_id = a.id
                      ORDER BY create_time DESC, id DESC LIMIT 1) c ON true
  LEFT JOIN confirmation f ON f.activity_id = a.id AND f.revoke_time IS NULL
 WHERE w.id = $1
 ORDER BY a.start_date DESC, a.id DESC
"""
_CHANGES = """
SELECT h.version, h.actor, h.content::text AS content, h.update_time
  FROM activity_change h JOIN activity a ON a.id = h.activity_id
 WHERE a.worker_id = $1 AND a.id = $2 ORDER BY h.version DESC LIMIT 100
"""


class PostgresReader:
    """The port `Reader`."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    async def find_worker(self, worker: str) -> Worker | None:
        """A worker with all studies in one round trip."""
        found = await self._fetch(_STUDIES, uuid.UUID(worker))
        if not found:
            return None
        first = found[0]
        key = self._keys.data_key(bytes(first["data_key"]))
        return Worker(
            id=worker,
            record=rows.record_of(worker, first["record"], first["fetch_time"]),
            studies=tuple(_study(row, key) for row in found if row["id"] is not None),
        )

    async def changes_of(self, worker: str, activity: str) -> Sequence[Change]:
        """Changes of one activity, newest first."""
        found = await self._fetch(_CHANGES, uuid.UUID(worker), uuid.UUID(activity))
        return [
            Change(
                version=row["version"],
                actor=row["actor"],
                content={name: tuple(pair) for name, pair in orjson.loads(row["content"]).items()},
                update_time=row["update_time"],
            )
            for row in found
        ]

    async def _fetch(self, statement: str, *values: object) -> Any:
        with telemetry.span("postgresql select education", kind="CLIENT"):
            try:
                return await self._database.pool.fetch(statement, *values)
            except AWAY as fault:
                raise unavailable() from fault


def _study(row: Any, key: Any) -> Study:
    return Study(
        activity=rows.activity_of(row),
        certificate=rows.certificate_of(_part(row, "c_"), key) if row["c_id"] else None,
        confirmation=rows.confirmation_of(_part(row, "f_")) if row["f_method"] else None,
    )


def _part(row: Any, prefix: str) -> dict[str, Any]:
    """The columns of a joined table, with the ids that it shares with the activity."""
    made = {name[2:]: value for name, value in row.items() if name.startswith(prefix)}
    return {"activity_id": row["id"], "worker_id": row["worker_id"], **made}
