"""How far feeds from outside were read."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.storage.tables import outside_feed
from lkmr_education.usecases.outside import Place
from lkmr_servicekit.clock import Clock


class FeedRepository:
    """The port `Feeds`."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection, self._clock = connection, clock

    async def place(self, name: str) -> Place:
        """The place; an empty one before the first read."""
        found = await self._connection.execute(
            sa.select(outside_feed.c.place, outside_feed.c.generation).where(
                outside_feed.c.name == name
            )
        )
        row = found.first()
        return Place(row.place, row.generation) if row else Place()

    async def heard(self, name: str) -> datetime | None:
        """When it was last read to its present end; None before the first time."""
        found: datetime | None = await self._connection.scalar(
            sa.select(outside_feed.c.heard_time).where(outside_feed.c.name == name)
        )
        return found

    async def note_heard(self, name: str) -> None:
        """Note that it was read to its present end."""
        now = self._clock.now()
        await self._connection.execute(
            insert(outside_feed)
            .values(name=name, place="", generation=0, update_time=now, heard_time=now)
            .on_conflict_do_update(index_elements=["name"], set_={"heard_time": now})
        )

    async def move(self, name: str, before: Place, after: Place) -> bool:
        """Note how far it was read; False when another instance did so meanwhile."""
        values = {
            "place": after.text,
            "generation": after.generation,
            "update_time": self._clock.now(),
        }
        moved = await self._connection.execute(
            insert(outside_feed)
            .values(name=name, **values)
            .on_conflict_do_update(
                index_elements=["name"],
                set_=values,
                where=sa.and_(
                    outside_feed.c.place == before.text,
                    outside_feed.c.generation == before.generation,
                ),
            )
            .returning(sa.literal(1))
        )
        return moved.first() is not None
