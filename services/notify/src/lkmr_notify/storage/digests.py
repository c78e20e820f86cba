"""What is gathered for one letter a day, inside a unit of work."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

_TAKE = sa.text(
    "DELETE FROM digest WHERE (person_id, due_time) IN (SELECT person_id, due_time FROM digest"
    " WHERE due_time <= :now ORDER BY due_time LIMIT :limit FOR UPDATE SKIP LOCKED)"
    " RETURNING person_id, count"
)
_DROP = sa.text("DELETE FROM digest WHERE person_id = :person")


class StoredDigests:
    """The port `Digests`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, now: datetime, limit: int) -> list[tuple[uuid.UUID, int]]:
        """People whose letter is due, with how many messages it tells of."""
        rows = await self._connection.execute(_TAKE, {"now": now, "limit": limit})
        return [(person, count) for person, count in rows]

    async def drop(self, person: uuid.UUID) -> None:
        """Forget what was gathered for a person."""
        await self._connection.execute(_DROP, {"person": person})
