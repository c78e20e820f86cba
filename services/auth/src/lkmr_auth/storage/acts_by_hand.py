"""Acts of administrators with their reasons, sealed under the key of whom they concern."""

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.administration import ActByHand
from lkmr_auth.domain.person import PersonId
from lkmr_auth.storage.seal import Seals, open_text, seal_text

_PLACE = ("act_by_hand", "reason")
_ADD = sa.text(
    "INSERT INTO act_by_hand (id, person_id, actor_id, operation, reason, create_time)"
    " VALUES (:id, :person, :actor, :operation, :reason, :time)"
)
_LAST = sa.text(
    "SELECT id, actor_id, operation, reason, create_time FROM act_by_hand"
    " WHERE person_id = :person ORDER BY create_time DESC, id LIMIT :limit"
)


class StoredActsByHand:
    """The port `ActsByHand` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def add(self, act: ActByHand) -> None:
        identity = uuid.uuid4()
        key = await self._seals.of_person(act.person_id)
        values = {
            "id": identity,
            "person": act.person_id,
            "actor": act.actor_id,
            "operation": act.operation,
            "reason": seal_text(key, act.reason, *_PLACE, str(identity)),
            "time": act.time,
        }
        await self._connection.execute(_ADD, values)

    async def of_person(self, person_id: PersonId, limit: int) -> tuple[ActByHand, ...]:
        rows = (await self._connection.execute(_LAST, {"person": person_id, "limit": limit})).all()
        if not rows:
            return ()
        key = await self._seals.of_person(person_id)
        return tuple(
            ActByHand(
                person_id=person_id,
                actor_id=PersonId(row.actor_id),
                operation=row.operation,
                reason=open_text(key, row.reason, *_PLACE, str(row.id)),
                time=row.create_time,
            )
            for row in rows
        )
