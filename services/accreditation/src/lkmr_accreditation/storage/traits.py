"""What else is kept of a worker: gaps of the card, identity, contradictions found."""

import uuid
from collections.abc import Sequence
from datetime import date

import orjson

from lkmr_accreditation.domain.facts import Mentoring
from lkmr_accreditation.domain.holdings import Holdings, mentoring_of
from lkmr_accreditation.storage.compliance import identity_of
from lkmr_accreditation.storage.holdings import licences_of_workers, papers_of
from lkmr_accreditation.usecases.read_compliance import Traits
from lkmr_servicekit.database import AWAY, Database, unavailable

_SQL = """
SELECT w.gaps, w.identity::text,
       (SELECT json_agg(json_build_array(d.kind, d.subject, d.found_date))::text
          FROM discrepancy d WHERE d.worker_id = w.id)
  FROM worker w WHERE w.id = $1
"""


class PostgresTraits:
    """Few statements by the worker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mentoring_of(self, worker: str, today: date) -> Sequence[Mentoring]:
        """Terms of mentoring of a worker."""
        return (await self.mentoring_of_many([worker], today)).get(worker, ())

    async def mentoring_of_many(
        self, workers: Sequence[str], today: date
    ) -> dict[str, Sequence[Mentoring]]:
        """Terms of mentoring by worker; who has no documents is left out."""
        try:
            async with self._database.pool.acquire() as driver:
                papers = await papers_of(driver, [uuid.UUID(one) for one in workers])
        except AWAY as fault:
            raise unavailable() from fault
        return {worker: mentoring_of(held, today) for worker, held in papers.items()}

    async def find_traits(self, worker: str) -> Traits:
        """Traits of a worker; empty ones for a worker who is not stored."""
        try:
            async with self._database.pool.acquire() as driver:
                row = await driver.fetchrow(_SQL, uuid.UUID(worker))
                papers = await papers_of(driver, [uuid.UUID(worker)])
                licences = await licences_of_workers(driver, [uuid.UUID(worker)])
        except AWAY as fault:
            raise unavailable() from fault
        if row is None:
            return Traits()
        return Traits(
            gaps=None if row[0] is None else tuple(row[0]),
            identity=identity_of(row[1]),
            found_on={
                (kind, subject): date.fromisoformat(day)
                for kind, subject, day in orjson.loads(row[2] or "[]")
            },
            holdings=Holdings(tuple(papers[worker]), licences),
        )
