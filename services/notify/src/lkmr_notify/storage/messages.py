"""Messages inside a unit of work."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.domain.message import Message
from lkmr_notify.storage.deliveries import queued
from lkmr_notify.storage.reader import ITEM
from lkmr_notify.storage.seals import CONTENT, Seals, seal_texts, whole
from lkmr_notify.storage.tables import delivery, message
from lkmr_servicekit.encryption import DataKey, KeyRing

CHANNEL = "delivery"
_LOCK = sa.text(
    "SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(p::text, 0) AS k"
    " FROM unnest(CAST(:people AS uuid[])) p ORDER BY k OFFSET 0) locks"
)
_LAST = sa.text(
    "SELECT p AS person_id,"
    " (SELECT max(m.create_time) FROM message m WHERE m.person_id = p) AS last"
    " FROM unnest(CAST(:people AS uuid[])) p"
)
_WHOLE = (
    " RETURNING (SELECT data_key FROM person_key WHERE person_id = :person), m.id,"  # noqa: S608 - constants
    f" convert_to({ITEM}::text, 'UTF8'), {CONTENT}"
)
_READ = sa.text(
    "UPDATE message m SET read_time = coalesce(m.read_time, :now)"  # noqa: S608 - constants
    f" WHERE m.person_id = :person AND m.id = :message {_WHOLE}"
)
_DONE = sa.text(
    "UPDATE message m SET read_time = coalesce(m.read_time, :now),"  # noqa: S608 - constants
    " done_time = coalesce(m.done_time, :now),"
    " done_by = CASE WHEN m.done_time IS NULL THEN 'PERSON' ELSE m.done_by END"
    f" WHERE m.person_id = :person AND m.id = :message {_WHOLE}"
)
_SETTLE = sa.text(
    "UPDATE message SET done_time = :now, done_by = 'FACT'"
    " WHERE topic = ANY(CAST(:topics AS text[])) AND task AND done_time IS NULL"
    " RETURNING id, person_id"
)
_BARE = sa.text(
    "SELECT create_time, id, person_id, title, text FROM message WHERE content IS NULL"
    " ORDER BY create_time, id LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_SEAL = sa.text(
    "UPDATE message SET content = :content, title = '', text = ''"
    " WHERE create_time = :made AND id = :id"
)
_NOTIFY = sa.text(f"NOTIFY {CHANNEL}")
_PUT_DIGEST = sa.text(
    "INSERT INTO digest (person_id, due_time, count) VALUES (:person, :due, 1)"
    " ON CONFLICT (person_id, due_time) DO UPDATE SET count = digest.count + 1"
)


class StoredMessages:
    """The port `Messages`."""

    def __init__(self, connection: AsyncConnection, ring: KeyRing, seals: Seals) -> None:
        self._connection, self._ring, self._seals = connection, ring, seals

    async def add(self, made: Message) -> None:
        """Store a message with its deliveries."""
        await self.add_all([made])

    async def add_all(self, made: Sequence[Message]) -> None:
        """Store messages with their deliveries, those of one person in this order.

        Messages of one person are written one after another and their moments only grow, so that
        «what came after this one» misses none that was committed later. The locks of several
        people are taken in one order, so that two portions never wait for each other.
        """
        people = list({one.person: None for one in made})
        await self._connection.execute(_LOCK, {"people": people})
        rows = await self._connection.execute(_LAST, {"people": people})
        last = {row.person_id: row.last for row in rows}
        keys = await self._seals.of(people)
        written = []
        for one in made:
            row = _row(one, last.get(one.person), keys[one.person])
            last[one.person] = row["create_time"]
            written.append(row)
        await self._connection.execute(sa.insert(message), written)
        deliveries = [queued(one, planned) for one in made for planned in one.deliveries]
        if deliveries:
            await self._connection.execute(sa.insert(delivery), deliveries)
            await self._connection.execute(_NOTIFY)
        gathered = [
            {"person": one.person, "due": one.digest_time} for one in made if one.digest_time
        ]
        if gathered:
            await self._connection.execute(_PUT_DIGEST, gathered)

    async def mark_read(self, person: str, message_id: uuid.UUID, now: datetime) -> bytes | None:
        """Note the first reading; the message as JSON."""
        return await self._mark(_READ, person, message_id, now)

    async def mark_done(self, person: str, message_id: uuid.UUID, now: datetime) -> bytes | None:
        """Note that it is done; the message as JSON."""
        return await self._mark(_DONE, person, message_id, now)

    async def settle(
        self, topics: Sequence[str], now: datetime
    ) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """Mark the open tasks about topics as done; gives persons and messages."""
        rows = await self._connection.execute(_SETTLE, {"topics": list(topics), "now": now})
        return [(row.person_id, row.id) for row in rows]

    async def _mark(
        self, statement: sa.TextClause, person: str, message_id: uuid.UUID, now: datetime
    ) -> bytes | None:
        values = {"person": uuid.UUID(person), "message": message_id, "now": now}
        row = (await self._connection.execute(statement, values)).first()
        return None if row is None else whole(self._ring, *row)

    async def seal_bare(self, limit: int) -> int:
        """Seal messages of before there was a seal; how many there were."""
        rows = (await self._connection.execute(_BARE, {"limit": limit})).all()
        keys = await self._seals.of([row.person_id for row in rows])
        if rows:
            await self._connection.execute(
                _SEAL,
                [
                    {
                        "made": row.create_time,
                        "id": row.id,
                        "content": seal_texts(keys[row.person_id], row.id, row.title, row.text),
                    }
                    for row in rows
                ],
            )
        return len(rows)


def _row(made: Message, last: datetime | None, key: DataKey) -> dict[str, Any]:
    moment = max(made.create_time, last + datetime.resolution) if last else made.create_time
    return {
        "create_time": moment,
        "id": made.id,
        "person_id": made.person,
        "kind": made.kind,
        "template_version": made.template_version,
        "title": "",
        "text": "",
        "content": seal_texts(key, made.id, made.title, made.text),
        "link": made.link,
        "category": made.group.value,
        "urgency": made.urgency.value,
        "task": made.task,
        "deadline": made.deadline,
        "why": made.why,
        "action": made.action,
        "owner": made.owner,
        "topic": made.topic,
        "source_id": made.source,
    }
