"""The feed of changed entries, in the order in which they were committed."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.domain.worker import EntryChanged
from lkmr_accreditation.storage.tables import entry_change
from lkmr_accreditation.usecases.ports import StoredChange

# One writer at a time from here to its commit: numbers become visible in their order, so a reader
# that remembers the last one leaves none out.
_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtext('entry_change'))")


class ChangeFeed:
    """Changes inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, changes: Sequence[EntryChanged], now: datetime) -> None:
        """Write changes; to be called last in a transaction, because others wait for its end."""
        await self._connection.execute(_ONE_AT_A_TIME)
        rows = [
            {
                "worker_id": uuid.UUID(one.worker),
                "accreditation_id": uuid.UUID(one.accreditation),
                "change": one.change.name,
                "change_time": now,
            }
            for one in changes
        ]
        await self._connection.execute(sa.insert(entry_change), rows)

    async def end(self) -> int:
        """The number of the last change, 0 before the first."""
        last: int | None = await self._connection.scalar(sa.select(sa.func.max(entry_change.c.id)))
        return last or 0

    async def after(self, sequence: int, limit: int) -> Sequence[StoredChange]:
        """Changes after a number, oldest first."""
        found = await self._connection.execute(
            sa.select(entry_change)
            .where(entry_change.c.id > sequence)
            .order_by(entry_change.c.id)
            .limit(limit)
        )
        return [
            StoredChange(
                sequence=row.id,
                worker=str(row.worker_id),
                accreditation=str(row.accreditation_id),
                change=row.change,
                change_time=row.change_time,
            )
            for row in found
        ]
