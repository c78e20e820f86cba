"""Deliveries inside a unit of work; two instances never hold the same one."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.domain.delivery import LEASE, Channel, NextStep, State
from lkmr_notify.storage.tables import delivery
from lkmr_notify.usecases.ports import Delivery

_TAKE = sa.text(
    """
WITH due AS (
  SELECT create_time, id FROM delivery WHERE next_try_time <= :now
  ORDER BY next_try_time LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE delivery d
SET state = 'SENDING', attempts = d.attempts + 1, next_try_time = :lease, update_time = :now
FROM due WHERE d.create_time = due.create_time AND d.id = due.id
RETURNING d.id, d.create_time, d.person_id, d.message_id, d.channel, d.kind, d.template_version,
          d.attempts
"""
)


class StoredDeliveries:
    """The port `Deliveries`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, now: datetime, limit: int) -> list[Delivery]:
        """Take what is due; a delivery whose lease ran out is due too."""
        rows = await self._connection.execute(
            _TAKE, {"now": now, "limit": limit, "lease": now + LEASE}
        )
        return [
            Delivery(
                id=row.id,
                create_time=row.create_time,
                person=row.person_id,
                message=row.message_id,
                channel=Channel(row.channel),
                kind=row.kind,
                template_version=row.template_version,
                attempts=row.attempts,
            )
            for row in rows
        ]

    async def finish(self, taken: Delivery, step: NextStep, reason: str, now: datetime) -> bool:
        """Store the end of a try; False when another instance has taken it meanwhile."""
        result = await self._connection.execute(
            sa.update(delivery)
            .where(
                delivery.c.create_time == taken.create_time,
                delivery.c.id == taken.id,
                delivery.c.state == State.SENDING.value,
                delivery.c.attempts == taken.attempts,
            )
            .values(
                state=step.state.value,
                next_try_time=step.next_try_time,
                reason=reason,
                update_time=now,
            )
        )
        return result.rowcount == 1
