"""Pauses of reminders, one for a worker and specialty."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.domain.pauses import Pause
from lkmr_accreditation.storage.tables import reminder_pause

_PAUSES = """
SELECT worker_id::text, specialty, since_date, until_date
  FROM reminder_pause WHERE worker_id = ANY($1)
"""


async def pauses_of(driver: Any, workers: Sequence[uuid.UUID]) -> Mapping[str, list[Pause]]:
    """Pauses of many workers, by worker."""
    found: dict[str, list[Pause]] = defaultdict(list)
    for worker, specialty, since, until in await driver.fetch(_PAUSES, workers):
        found[worker].append(Pause(specialty=specialty, since=since, until=until))
    return found


class PauseRepository:
    """Pauses inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, worker: str, pause: Pause) -> None:
        """Keep a pause in place of an earlier one of the same specialty."""
        values = {"since_date": pause.since, "until_date": pause.until}
        await self._connection.execute(
            insert(reminder_pause)
            .values(worker_id=uuid.UUID(worker), specialty=pause.specialty.casefold(), **values)
            .on_conflict_do_update(index_elements=["worker_id", "specialty"], set_=values)
        )

    async def end(self, worker: str, specialty: str) -> None:
        """Forget a pause; also when there is none."""
        await self._connection.execute(
            sa.delete(reminder_pause).where(
                reminder_pause.c.worker_id == uuid.UUID(worker),
                reminder_pause.c.specialty == specialty.casefold(),
            )
        )
