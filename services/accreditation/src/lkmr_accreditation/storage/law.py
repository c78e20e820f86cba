"""Entries of law that operators added, and which facts about the law were announced."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.storage.tables import announced, law_entry


class LawRepository:
    """The law inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def entries(self) -> list[dict[str, Any]]:
        """Contents in the form of `law.toml`, oldest first."""
        found = await self._connection.execute(
            sa.select(law_entry.c.content).order_by(law_entry.c.id)
        )
        return [row.content for row in found]

    async def add(self, content: Mapping[str, Any], now: datetime) -> None:
        """Keep what an operator added."""
        await self._connection.execute(
            sa.insert(law_entry).values(content=dict(content), create_time=now)
        )

    async def first_announced(self, facts: Sequence[str], now: datetime) -> set[str]:
        """Which of these were not announced before; they are from now on."""
        if not facts:
            return set()
        statement = (
            insert(announced)
            .values([{"fact": one, "announce_time": now} for one in facts])
            .on_conflict_do_nothing()
            .returning(announced.c.fact)
        )
        return {row.fact for row in await self._connection.execute(statement)}

    async def was_announced(self, facts: Sequence[str]) -> set[str]:
        """Which of these were announced."""
        found = await self._connection.execute(
            sa.select(announced.c.fact).where(announced.c.fact.in_(facts))
        )
        return {row.fact for row in found}
