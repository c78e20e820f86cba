"""Workers whose hours are to be asked for."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

# Sorted, so that two loads with the same workers wait for one another and never in a circle.
_ADD = sa.text(
    "INSERT INTO hours_due (worker_id)"
    " SELECT id FROM worker WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id"
    " ON CONFLICT (worker_id) DO UPDATE SET taken = false WHERE hours_due.taken"
)
_TAKE = sa.text(
    "UPDATE hours_due SET taken = true WHERE worker_id IN"
    " (SELECT worker_id FROM hours_due ORDER BY number LIMIT :limit FOR UPDATE SKIP LOCKED)"
    " RETURNING worker_id::text"
)
_DROP = sa.text("DELETE FROM hours_due WHERE worker_id = ANY(CAST(:ids AS uuid[])) AND taken")


class HoursDueRepository:
    """The port `HoursDue`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, workers: Sequence[str]) -> None:
        """Note workers; of those who are noted already or not stored here nothing changes."""
        await self._connection.execute(_ADD, {"ids": [uuid.UUID(one) for one in workers]})

    async def take(self, limit: int) -> list[str]:
        """The longest noted ones, marked as taken; one that took and stopped is taken again."""
        found = await self._connection.execute(_TAKE, {"limit": limit})
        return [row[0] for row in found]

    async def drop(self, workers: Sequence[str]) -> None:
        """Forget those who were not noted again since they were taken."""
        await self._connection.execute(_DROP, {"ids": [uuid.UUID(one) for one in workers]})
