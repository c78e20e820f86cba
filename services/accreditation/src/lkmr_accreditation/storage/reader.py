"""The hot read: one prepared statement on the plain pool."""

import uuid
from typing import Any

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_accreditation.domain.application import RUNNING
from lkmr_accreditation.storage.rows import known_jobs, organizations_of
from lkmr_accreditation.usecases.ports import StoredEntry, StoredWorker
from lkmr_servicekit import telemetry
from lkmr_servicekit.database import AWAY, Database, unavailable

# The columns of an entry stand in the order of `Entry`, so that a slice of the row makes one.
_SQL = """
SELECT w.jobs::text, w.register_version, w.fetch_time, a.id::text, a.version, a.update_time,
       a.registry_number, a.kind, a.specialty_code, a.specialty, a.education_level, a.commission,
       a.protocol_number, a.protocol_date, a.record_date, a.expire_date, a.annulled,
       a.organizations::text,
       ARRAY(SELECT lower(specialty) FROM application
              WHERE worker_id = $1 AND path = 'PERIODIC' AND state = ANY($2))
  FROM worker w LEFT JOIN accreditation a ON a.worker_id = w.id AND NOT a.removed
 WHERE w.id = $1
"""
_ID, _VERSION, _UPDATED, _ENTRY, _ORGANIZATIONS, _RENEWALS = 3, 4, 5, 6, 17, 18
_RUNNING = sorted(state.value for state in RUNNING)


class PostgresReader:
    """Reads a worker with all entries in one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_worker(self, worker: str) -> StoredWorker | None:
        """The worker, or None when the register was never read for them."""
        with telemetry.span("postgresql select worker", kind="CLIENT"):
            try:
                rows = await self._database.pool.fetch(_SQL, uuid.UUID(worker), _RUNNING)
            except AWAY as fault:
                raise unavailable() from fault
        if not rows:
            return None
        first = rows[0]
        return StoredWorker(
            id=worker,
            jobs=known_jobs(first[0]),
            register_version=first[1],
            fetch_time=first[2],
            entries=tuple(_stored_entry(row) for row in rows if row[_ID] is not None),
            renewals=frozenset(first[_RENEWALS]),
        )


def _stored_entry(row: Any) -> StoredEntry:
    entry = Entry._make((*row[_ENTRY:_ORGANIZATIONS], organizations_of(row[_ORGANIZATIONS])))
    return StoredEntry(row[_ID], entry, row[_VERSION], False, row[_UPDATED])
