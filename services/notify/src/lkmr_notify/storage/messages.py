"""Messages inside a unit of work."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.domain.delivery import State
from lkmr_notify.domain.message import Message
from lkmr_notify.storage.reader import ITEM
from lkmr_notify.storage.tables import delivery, message
from lkmr_servicekit.clock import Clock

CHANNEL = "delivery"
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 0))")
_LAST = sa.select(sa.func.max(message.c.create_time)).where(
    message.c.person_id == sa.bindparam("person")
)
_READ = sa.text(
    "UPDATE message m SET read_time = coalesce(m.read_time, :now)"  # noqa: S608 - constants
    f" WHERE m.person_id = :person AND m.id = :message RETURNING convert_to({ITEM}::text, 'UTF8')"
)
_NOTIFY = sa.text(f"NOTIFY {CHANNEL}")


class StoredMessages:
    """The port `Messages`."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection, self._clock = connection, clock

    async def add(self, made: Message) -> None:
        """Store a message with a delivery for each channel.

        Messages of one person are written one after another and their moments only grow, so that
        «what came after this one» misses none that was committed later.
        """
        await self._connection.execute(_LOCK, {"person": str(made.person)})
        last = await self._connection.scalar(_LAST, {"person": made.person})
        moment = max(made.create_time, last + datetime.resolution) if last else made.create_time
        await self._connection.execute(
            sa.insert(message).values(
                create_time=moment,
                id=made.id,
                person_id=made.person,
                kind=made.kind,
                template_version=made.template_version,
                title=made.title,
                text=made.text,
                link=made.link,
            )
        )
        if not made.channels:
            return
        await self._connection.execute(
            sa.insert(delivery),
            [
                {
                    "create_time": made.create_time,
                    "id": uuid.uuid4(),
                    "message_id": made.id,
                    "person_id": made.person,
                    "channel": channel.value,
                    "kind": made.kind,
                    "template_version": made.template_version,
                    "state": State.CREATED.value,
                    "attempts": 0,
                    "next_try_time": made.create_time,
                    "reason": "",
                    "update_time": made.create_time,
                }
                for channel in made.channels
            ],
        )
        await self._connection.execute(_NOTIFY)

    async def mark_read(self, person: str, message_id: uuid.UUID, now: datetime) -> bytes | None:
        """Note the first reading; the message as JSON."""
        values = {"person": uuid.UUID(person), "message": message_id, "now": now}
        body = await self._connection.scalar(_READ, values)
        return None if body is None else bytes(body)
