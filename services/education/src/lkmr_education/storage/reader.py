"""Reads outside a unit of work, on the plain pool."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import orjson

from lkmr_education.domain.counting import Study
from lkmr_education.domain.plan import PlanItem
from lkmr_education.storage import rows
from lkmr_education.storage.plan import item_of
from lkmr_education.usecases.files import CertificateFile
from lkmr_education.usecases.ports import Change, Worker
from lkmr_servicekit import telemetry
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.encryption import KeyRing

# The newest document of an activity is the one that counts; the valid confirmation is the only one.
_STUDIES = """
SELECT w.id AS w_id, w.data_key, w.record::text AS record, w.fetch_time, w.direction, a.*,
       c.id AS c_id, c.type AS c_type, c.issuer AS c_issuer, c.numbers AS c_numbers,
       c.issue_date AS c_issue_date, c.hours AS c_hours, c.origin AS c_origin,
       c.check_state AS c_check_state, c.check_fields::text AS c_check_fields,
       c.check_time AS c_check_time, c.create_time AS c_create_time,
       c.portal_file AS c_portal_file, c.file_key AS c_file_key,
       c.file_scan AS c_file_scan, k.given IS FALSE AS c_refused,
       f.method AS f_method, f.units AS f_units, f.confirm_time AS f_confirm_time,
       f.certificate_id AS f_certificate_id, f.confirmed_by AS f_confirmed_by, f.reason AS f_reason
  FROM worker w
  LEFT JOIN activity a ON a.worker_id = w.id
  LEFT JOIN LATERAL (SELECT * FROM certificate WHERE activity_id = a.id
                      ORDER BY create_time DESC, id DESC LIMIT 1) c ON true
  LEFT JOIN consent k ON k.worker_id = w.id
  LEFT JOIN confirmation f ON f.activity_id = a.id AND f.revoke_time IS NULL
 WHERE w.id = ANY($1)
 ORDER BY w.id, a.start_date DESC, a.id DESC
"""
_PLAN = """
SELECT * FROM plan_item WHERE worker_id = $1 AND state <> 'REMOVED' ORDER BY deadline, id
"""
_ASKED = """
SELECT * FROM plan_item WHERE worker_id = ANY($1) AND agreement = 'ASKED' AND state <> 'REMOVED'
 ORDER BY deadline, id
"""
_PLANS = """
SELECT * FROM plan_item WHERE worker_id = ANY($1) AND state <> 'REMOVED' ORDER BY deadline, id
"""
_OPENED_BY = "SELECT worker_id FROM calendar_link WHERE secret_hash = $1"
_CHANGES = """
SELECT h.version, h.actor, h.content::text AS content, h.update_time
  FROM activity_change h JOIN activity a ON a.id = h.activity_id
 WHERE a.worker_id = $1 AND a.id = $2 ORDER BY h.version DESC LIMIT 100
"""
_FILE = """
SELECT file_key, data_key, file_size, file_sha256, file_type FROM certificate
 WHERE worker_id = $1 AND id = $2 AND file_key <> ''
"""


class PostgresReader:
    """The port `Reader`."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    async def find_worker(self, worker: str) -> Worker | None:
        """A worker with all studies in one round trip."""
        return (await self.find_workers([worker])).get(worker)

    async def find_workers(self, workers: Sequence[str]) -> dict[str, Worker]:
        """Those workers that are known, each with all studies, in one round trip."""
        found = await self._fetch(_STUDIES, [uuid.UUID(one) for one in workers])
        made = {}
        for identity, group in groupby(found, key=lambda row: str(row["w_id"])):
            mine = list(group)
            key = self._keys.data_key(bytes(mine[0]["data_key"]))
            made[identity] = Worker(
                id=identity,
                record=rows.record_of(identity, mine[0]["record"], mine[0]["fetch_time"]),
                direction=mine[0]["direction"],
                studies=tuple(_study(row, key) for row in mine if row["id"] is not None),
            )
        return made

    async def plan_of(self, worker: str) -> Sequence[PlanItem]:
        """Items that are not removed, by deadline."""
        return [item_of(row) for row in await self._fetch(_PLAN, uuid.UUID(worker))]

    async def plans_of(self, workers: Sequence[str]) -> dict[str, Sequence[PlanItem]]:
        """Items of many workers that are not removed, by deadline."""
        made: dict[str, list[PlanItem]] = defaultdict(list)
        for row in await self._fetch(_PLANS, [uuid.UUID(one) for one in workers]):
            item = item_of(row)
            made[item.worker].append(item)
        return dict(made)

    async def asked_of(self, workers: Sequence[str]) -> Sequence[PlanItem]:
        """Items that wait for the head's word."""
        found = await self._fetch(_ASKED, [uuid.UUID(one) for one in workers])
        return [item_of(row) for row in found]

    async def opened_by(self, secret_hash: bytes) -> str | None:
        """The worker whose calendar a secret opens."""
        found = await self._fetch(_OPENED_BY, secret_hash)
        return str(found[0]["worker_id"]) if found else None

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

    async def file_of(self, worker: str, certificate: str) -> CertificateFile | None:
        """Where the file of a document lies; None when there is none."""
        found = await self._fetch(_FILE, uuid.UUID(worker), uuid.UUID(certificate))
        if not found:
            return None
        row = found[0]
        return CertificateFile(
            key=row["file_key"],
            data_key=bytes(row["data_key"]),
            size=row["file_size"],
            sha256=bytes(row["file_sha256"]),
            media_type=row["file_type"],
        )

    async def _fetch(self, statement: str, *values: object) -> Any:
        with telemetry.span("postgresql select education", kind="CLIENT"):
            try:
                return await self._database.pool.fetch(statement, *values)
            except AWAY as fault:
                raise unavailable() from fault


def _study(row: Any, key: Any) -> Study:
    return Study(
        activity=rows.activity_of(row),
        certificate=rows.certificate_of(_part(row, "c_"), key, refused=row["c_refused"])
        if row["c_id"]
        else None,
        confirmation=rows.confirmation_of(_part(row, "f_")) if row["f_method"] else None,
    )


def _part(row: Any, prefix: str) -> dict[str, Any]:
    """The columns of a joined table, with the ids that it shares with the activity."""
    made = {name[2:]: value for name, value in row.items() if name.startswith(prefix)}
    return {"activity_id": row["id"], "worker_id": row["worker_id"], **made}
