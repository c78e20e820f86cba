"""The unit of work over the place in the register's changes."""

from collections.abc import Callable, Sequence
from typing import Self

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from lkmr_egisz_bridge.storage.tables import register_feed
from lkmr_egisz_bridge.usecases.ports import Change
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.outbox import Outbox


class FeedUnitOfWork(UnitOfWork):
    """The port `FeedStore` for one register; `announcement` writes the fact about a change."""

    def __init__(
        self,
        database: Database,
        *,
        register: str,
        clock: Clock,
        announcement: Callable[[Change], Announcement],
    ) -> None:
        super().__init__(database)
        self._register, self._clock, self._announcement = register, clock, announcement

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._outbox = Outbox(self.connection, source="egisz-bridge", clock=self._clock)
        return self

    async def cursor(self) -> str | None:
        """Where the feed stands; None before its first start."""
        found = await self.connection.scalar(
            sa.select(register_feed.c.cursor).where(register_feed.c.register == self._register)
        )
        return None if found is None else str(found)

    async def advance(self, before: str | None, after: str) -> bool:
        """Move the place; False when another instance moved it meanwhile."""
        values = {"cursor": after, "update_time": self._clock.now()}
        statement = (
            insert(register_feed)
            .values(register=self._register, **values)
            .on_conflict_do_nothing()
            .returning(sa.literal(1))
            if before is None
            else sa.update(register_feed)
            .where(register_feed.c.register == self._register, register_feed.c.cursor == before)
            .values(**values)
            .returning(sa.literal(1))
        )
        return (await self.connection.execute(statement)).first() is not None

    async def announce(self, changes: Sequence[Change]) -> None:
        """Put the facts into the outbox of the same transaction."""
        await self._outbox.add([self._announcement(change) for change in changes])
