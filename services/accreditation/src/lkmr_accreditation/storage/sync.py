"""How far the load of the register has come."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.storage.tables import register_sync
from lkmr_accreditation.usecases.ports import SyncState

_ONLY = 1


class SyncRepository:
    """The one row of `register_sync`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self) -> SyncState:
        """The stored state; an empty one before the first portion."""
        row = (await self._connection.execute(sa.select(register_sync))).first()
        if row is None:
            return SyncState()
        return SyncState(
            cursor=row.cursor,
            loaded=row.loaded,
            total=row.total,
            update_time=row.update_time,
            heard_time=row.heard_time,
        )

    async def save(self, state: SyncState) -> None:
        """Store the state."""
        values = {
            "cursor": state.cursor,
            "loaded": state.loaded,
            "total": state.total,
            "update_time": state.update_time,
            "heard_time": state.heard_time,
        }
        statement = insert(register_sync).values(id=_ONLY, **values)
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=values)
        )
