"""The hot read: one prepared statement on the plain pool."""

import uuid
from functools import lru_cache

from lkmr_accreditation.domain.worker import Job
from lkmr_accreditation.storage.rows import jobs_of, stored_entry_of
from lkmr_accreditation.usecases.ports import StoredWorker
from lkmr_servicekit import telemetry
from lkmr_servicekit.database import AWAY, Database, unavailable

_SQL = """
SELECT w.jobs::text AS jobs, w.register_version, w.fetch_time, a.id, a.registry_number, a.kind,
       a.specialty_code, a.specialty, a.education_level, a.commission, a.protocol_number,
       a.protocol_date, a.record_date, a.expire_date, a.annulled,
       a.organizations::text AS organizations, a.removed, a.version,
       a.update_time
  FROM worker w LEFT JOIN accreditation a ON a.worker_id = w.id AND NOT a.removed
 WHERE w.id = $1
"""


class PostgresReader:
    """Reads a worker with all entries in one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_worker(self, worker: str) -> StoredWorker | None:
        """The worker, or None when the register was never read for them."""
        with telemetry.span("postgresql select worker", kind="CLIENT"):
            try:
                rows = await self._database.pool.fetch(_SQL, uuid.UUID(worker))
            except AWAY as fault:
                raise unavailable() from fault
        if not rows:
            return None
        first = rows[0]
        return StoredWorker(
            id=worker,
            jobs=_jobs(first["jobs"]),
            register_version=first["register_version"],
            fetch_time=first["fetch_time"],
            entries=tuple(stored_entry_of(row) for row in rows if row["id"] is not None),
        )


@lru_cache(maxsize=4096)
def _jobs(content: str) -> tuple[Job, ...]:
    return jobs_of(content)
