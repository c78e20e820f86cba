"""Deliveries inside a unit of work; two instances never hold the same one."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.domain.channel import Channel
from lkmr_notify.domain.delivery import LEASE, State
from lkmr_notify.domain.message import Message
from lkmr_notify.domain.preferences import Planned
from lkmr_notify.domain.words import Value
from lkmr_notify.storage.tables import delivery
from lkmr_notify.usecases.ports import Delivery, Ending, Handing

_COLUMNS = (
    "d.id, d.create_time, d.person_id, d.message_id, d.channel, d.kind, d.template_version,"
    " d.attempts, d.due_time, d.priority, d.fallback, d.safe, d.provider, d.handover_time,"
    " d.source_id"
)
# Priorities are taken in their order, within one the longest due first. A bulk leaves room: the
# index gives the first rows of each priority without a sort. An announcement that was just stopped
# is passed over until its deliveries are held.
_TAKE = sa.text(
    f"""
WITH due AS (
  SELECT create_time, id FROM delivery
  WHERE priority = :priority AND next_try_time <= :now
    AND (source_id IS NULL OR source_id NOT IN (SELECT id FROM announcement
          WHERE steering AND state IN ('PAUSED', 'CANCELLED')))
  ORDER BY next_try_time LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE delivery d
SET state = 'SENDING', attempts = d.attempts + 1, next_try_time = :lease, update_time = :now
FROM due WHERE d.create_time = due.create_time AND d.id = due.id
RETURNING {_COLUMNS}
"""  # noqa: S608 - built of constants
)
_ROWS = "unnest(CAST(:made AS timestamptz[]), CAST(:ids AS uuid[]), CAST(:attempts AS int[]),"
_MINE = (
    "d.create_time = r.create_time AND d.id = r.id AND d.state = 'SENDING'"
    " AND d.attempts = r.attempts RETURNING d.id"
)
# No column of an index changes: the row stays where it is, and no index is written.
_HAND_OVER = sa.text(
    f"""
UPDATE delivery d SET handover_time = :now, provider = r.provider
FROM {_ROWS} CAST(:providers AS text[])) AS r(create_time, id, attempts, provider)
WHERE {_MINE}
"""  # noqa: S608 - built of constants
)
_FINISH = sa.text(
    f"""
UPDATE delivery d SET state = r.state, next_try_time = r.again, reason = r.reason,
  update_time = :now, handover_time = CASE WHEN NOT r.refused THEN d.handover_time END
FROM {_ROWS} CAST(:states AS text[]), CAST(:again AS timestamptz[]), CAST(:reasons AS text[]),
  CAST(:refused AS boolean[])) AS r(create_time, id, attempts, state, again, reason, refused)
WHERE {_MINE}
"""  # noqa: S608 - built of constants
)
_USED = sa.text(
    "SELECT channel FROM delivery WHERE message_id = :message AND create_time >= :since"
)
_CANCEL = sa.text(
    "UPDATE delivery SET state = 'CANCELLED', next_try_time = NULL, reason = :reason,"
    " update_time = :now WHERE message_id = ANY(CAST(:messages AS uuid[]))"
    " AND next_try_time IS NOT NULL AND state IN ('CREATED', 'TEMPORARY_FAILURE')"
)
# What waits is younger than this: a day of quiet hours, 72 hours of tries.
_STOP_WITHIN = timedelta(days=5)
_STOP = sa.text(
    "UPDATE delivery SET state = 'CANCELLED', next_try_time = NULL, reason = :reason,"
    " update_time = :now WHERE channel = :channel AND kind = ANY(CAST(:kinds AS text[]))"
    " AND create_time >= :since AND handover_time IS NULL AND (state = 'CREATED'"
    "  OR (state IN ('TEMPORARY_FAILURE', 'TECHNICAL_FAILURE') AND next_try_time IS NOT NULL))"
    " AND message_id IN (SELECT id FROM message WHERE person_id = :person"
    "  AND create_time >= :since)"
)
_BOUNCED = sa.text(
    f"""
UPDATE delivery d SET state = 'PERMANENT_FAILURE', reason = :reason, update_time = :now
 WHERE d.id = :id AND d.create_time = :made
   AND d.state IN ('DELIVERED', 'TECHNICAL_FAILURE') AND d.next_try_time IS NULL
RETURNING {_COLUMNS}
"""  # noqa: S608 - built of constants
)
_NOTIFY = sa.text("NOTIFY delivery")


def queued(made: Message, planned: Planned) -> dict[str, object]:
    """A row for a delivery that waits."""
    return {
        "create_time": made.create_time,
        "id": uuid.uuid4(),
        "message_id": made.id,
        "person_id": made.person,
        "channel": planned.channel.value,
        "kind": made.kind,
        "template_version": made.template_version,
        "state": State.CREATED.value,
        "attempts": 0,
        "next_try_time": planned.due_time,
        "reason": "",
        "update_time": made.create_time,
        "priority": planned.priority.value,
        "due_time": planned.due_time,
        "fallback": ",".join(one.value for one in planned.fallback),
        "safe": safe_to_json(made.safe),
        "source_id": made.source,
    }


class StoredDeliveries:
    """The port `Deliveries`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, now: datetime, limit: int, priority: int) -> list[Delivery]:
        """Take what is due of a priority; a delivery whose lease ran out is due too."""
        rows = await self._connection.execute(
            _TAKE, {"now": now, "limit": limit, "lease": now + LEASE, "priority": priority}
        )
        return [_delivery(row) for row in rows]

    async def begin_handover(self, rows: Sequence[Handing], now: datetime) -> set[uuid.UUID]:
        """Note that the point of no return is passed; gives those that are still ours."""
        values = {**_keys(rows), "providers": [one.provider for one in rows], "now": now}
        return {row.id for row in await self._connection.execute(_HAND_OVER, values)}

    async def finish(self, rows: Sequence[Ending], now: datetime) -> set[uuid.UUID]:
        """Store the ends of tries; without those that another instance has taken meanwhile."""
        values = {
            **_keys(rows),
            "states": [one.step.state.value for one in rows],
            "again": [one.step.next_try_time for one in rows],
            "reasons": [one.result.reason for one in rows],
            # It was refused: a new try hands over anew.
            "refused": [
                one.step.next_try_time is not None and not one.result.pinned for one in rows
            ],
            "now": now,
        }
        return {row.id for row in await self._connection.execute(_FINISH, values)}

    async def used_channels(self, message: uuid.UUID, since: datetime) -> set[Channel]:
        """Channels over which a message went out or waits to."""
        rows = await self._connection.execute(_USED, {"message": message, "since": since})
        return {Channel(row.channel) for row in rows}

    async def stand_in(self, failed: Delivery, channel: Channel, now: datetime) -> None:
        """Queue the delivery that stands in for a failed one."""
        rest = failed.fallback[failed.fallback.index(channel) + 1 :]
        await self._connection.execute(
            sa.insert(delivery).values(
                create_time=now,
                id=uuid.uuid4(),
                message_id=failed.message,
                person_id=failed.person,
                channel=channel.value,
                kind=failed.kind,
                template_version=failed.template_version,
                state=State.CREATED.value,
                attempts=0,
                next_try_time=now,
                reason="",
                update_time=now,
                priority=failed.priority,
                due_time=now,
                fallback=",".join(one.value for one in rest),
                safe=safe_to_json(failed.safe),
                source_id=failed.source,
            )
        )
        await self._connection.execute(_NOTIFY)

    async def add_digest(
        self, person: uuid.UUID, *, kind: str, version: int, count: int, now: datetime
    ) -> None:
        """Queue the letter that tells of what was gathered; it belongs to no single message."""
        await self._connection.execute(
            sa.insert(delivery).values(
                create_time=now,
                id=uuid.uuid4(),
                message_id=uuid.UUID(int=0),
                person_id=person,
                channel=Channel.EMAIL.value,
                kind=kind,
                template_version=version,
                state=State.CREATED.value,
                attempts=0,
                next_try_time=now,
                reason="",
                update_time=now,
                priority=1,
                due_time=now,
                safe={"count": count},
            )
        )
        await self._connection.execute(_NOTIFY)

    async def cancel(self, messages: Sequence[uuid.UUID], reason: str, now: datetime) -> None:
        """Cancel what waits of these messages."""
        await self._connection.execute(
            _CANCEL, {"messages": list(messages), "reason": reason, "now": now}
        )

    async def stop(
        self,
        person: uuid.UUID,
        channel: Channel,
        kinds: Sequence[str],
        reason: str,
        now: datetime,
    ) -> None:
        """Cancel what waits for a person over a channel; the other side has none of it."""
        values = {
            "person": person,
            "channel": channel.value,
            "kinds": list(kinds),
            "reason": reason,
            "since": now - _STOP_WITHIN,
            "now": now,
        }
        await self._connection.execute(_STOP, values)

    async def bounced(
        self, delivery_id: uuid.UUID, made: datetime, reason: str, now: datetime
    ) -> Delivery | None:
        """A letter came back; None when it is unknown or already known as failed."""
        rows = await self._connection.execute(
            _BOUNCED, {"id": delivery_id, "made": made, "reason": reason, "now": now}
        )
        row = rows.first()
        return _delivery(row) if row is not None else None


def safe_to_json(safe: Any) -> dict[str, Any]:
    """Numbers and days as JSON."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in safe.items()
    }


def _safe_from_json(raw: dict[str, Any]) -> dict[str, Value]:
    return {
        name: date.fromisoformat(value) if isinstance(value, str) else int(value)
        for name, value in raw.items()
    }


def _keys(rows: Sequence[Handing] | Sequence[Ending]) -> dict[str, Any]:
    return {
        "made": [one.delivery.create_time for one in rows],
        "ids": [one.delivery.id for one in rows],
        "attempts": [one.delivery.attempts for one in rows],
    }


def _refused(one: Ending) -> bool:
    """Whether the other side surely does not have it: a new try hands over anew."""
    return one.step.next_try_time is not None and not one.result.pinned


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        create_time=row.create_time,
        person=row.person_id,
        message=row.message_id,
        channel=Channel(row.channel),
        kind=row.kind,
        template_version=row.template_version,
        attempts=row.attempts,
        due_time=row.due_time or row.create_time,
        priority=row.priority,
        fallback=tuple(Channel(one) for one in row.fallback.split(",") if one),
        safe=_safe_from_json(row.safe),
        provider=row.provider,
        handed_over=row.handover_time is not None,
        source=row.source_id,
    )
