"""The hot read: one prepared statement on the plain pool."""

import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_accreditation.domain.application import RUNNING
from lkmr_accreditation.storage.rows import known_jobs, organizations_of
from lkmr_accreditation.usecases.ports import StoredEntry, StoredWorker
from lkmr_servicekit import telemetry
from lkmr_servicekit.database import AWAY, Database, unavailable

# The columns of an entry stand in the order of `Entry`, so that a slice of the row makes one.
COLUMNS = """
w.jobs::text, w.register_version, w.fetch_time, a.id::text, a.version, a.update_time,
       a.registry_number, a.kind, a.specialty_code, a.specialty, a.education_level, a.commission,
       a.protocol_number, a.protocol_date, a.record_date, a.expire_date, a.annulled,
       a.organizations::text,
       ARRAY(SELECT lower(specialty) FROM application
              WHERE worker_id = w.id AND path = 'PERIODIC' AND state = ANY($2)),
       w.id::text
"""
TABLES = "worker w LEFT JOIN accreditation a ON a.worker_id = w.id AND NOT a.removed"
_SELECT = f"SELECT {COLUMNS} FROM {TABLES}"  # noqa: S608 - parts of our own
_ONE = f"{_SELECT} WHERE w.id = $1"
_MANY = f"{_SELECT} WHERE w.id = ANY($1) ORDER BY w.id"
_ID, _VERSION, _UPDATED, _ENTRY, _ORGANIZATIONS, _RENEWALS, _WORKER = 3, 4, 5, 6, 17, 18, 19
AFTER = _WORKER + 1
"""The place of the first column that another read adds."""
RUNNING_STATES = sorted(state.value for state in RUNNING)


class PostgresReader:
    """Reads a worker with all entries in one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_worker(self, worker: str) -> StoredWorker | None:
        """The worker, or None when the register was never read for them."""
        rows = await self._fetch(_ONE, uuid.UUID(worker))
        return stored_worker(rows) if rows else None

    async def find_workers(self, workers: Sequence[str]) -> list[StoredWorker]:
        """Those workers that are stored, in one round trip."""
        rows = await self._fetch(_MANY, [uuid.UUID(one) for one in workers])
        return [stored_worker(list(mine)) for _, mine in groupby(rows, lambda row: row[_WORKER])]

    async def _fetch(self, statement: str, asked: object) -> Sequence[Any]:
        with telemetry.span("postgresql select worker", kind="CLIENT"):
            try:
                rows: Sequence[Any] = await self._database.pool.fetch(
                    statement, asked, RUNNING_STATES
                )
            except AWAY as fault:
                raise unavailable() from fault
        return rows


def stored_worker(rows: Sequence[Any]) -> StoredWorker:
    """The worker in rows that begin with `COLUMNS`, at least one."""
    first = rows[0]
    return StoredWorker(
        id=first[_WORKER],
        jobs=known_jobs(first[0]),
        register_version=first[1],
        fetch_time=first[2],
        entries=tuple(_stored_entry(row) for row in rows if row[_ID] is not None),
        renewals=frozenset(first[_RENEWALS]),
    )


def _stored_entry(row: Any) -> StoredEntry:
    entry = Entry._make((*row[_ENTRY:_ORGANIZATIONS], organizations_of(row[_ORGANIZATIONS])))
    return StoredEntry(row[_ID], entry, row[_VERSION], False, row[_UPDATED])
