"""Plan items, the chosen direction, and calendar links inside one transaction."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.facts import PlanItemMoved
from lkmr_education.domain.plan import Agreement, ItemState, PlanItem
from lkmr_education.storage import tables
from lkmr_education.storage.repositories import Facts

FIELDS = (
    "title",
    "kind",
    "hours",
    "specialty",
    "organizer",
    "programme",
    "activity",
    "direction",
    "attestation",
    "deadline",
    "required_level",
    "programme_level",
    "start_date",
    "end_date",
    "state",
    "agreement",
    "agreed_by",
    "comment",
    "version",
    "create_time",
    "update_time",
)


class PlanRepository:
    """The port `Plans`."""

    def __init__(self, connection: AsyncConnection, facts: Facts) -> None:
        self._connection, self._facts = connection, facts

    async def find(self, worker: str, item: str) -> PlanItem | None:
        """The item; its row stays locked until the end."""
        return await self._one(tables.plan_item.c.id == uuid.UUID(item), worker)

    async def of_activity(self, worker: str, activity: str) -> PlanItem | None:
        """The item that an activity carries out."""
        return await self._one(tables.plan_item.c.activity == activity, worker)

    async def add(self, items: Sequence[PlanItem]) -> None:
        """Store new items."""
        for item in items:
            await self._connection.execute(
                sa.insert(tables.plan_item).values(
                    id=uuid.UUID(item.id), worker_id=uuid.UUID(item.worker), **_values(item)
                )
            )
            await self._facts.add(PlanItemMoved(item))

    async def save(self, item: PlanItem) -> None:
        """Store a new version."""
        await self._connection.execute(
            sa.update(tables.plan_item)
            .where(tables.plan_item.c.id == uuid.UUID(item.id))
            .values(**_values(item))
        )
        await self._facts.add(PlanItemMoved(item))

    async def choose_direction(self, worker: str, direction: str) -> None:
        """Note the direction of growth of a worker."""
        await self._connection.execute(
            sa.update(tables.worker)
            .where(tables.worker.c.id == uuid.UUID(worker))
            .values(direction=direction)
        )

    async def renew_calendar(self, worker: str, secret_hash: bytes, now: datetime) -> None:
        """Another secret opens the calendar; the one before no longer does."""
        values = {"secret_hash": secret_hash, "create_time": now}
        await self._connection.execute(
            insert(tables.calendar_link)
            .values(worker_id=uuid.UUID(worker), **values)
            .on_conflict_do_update(index_elements=["worker_id"], set_=values)
        )

    async def _one(self, condition: sa.ColumnElement[bool], worker: str) -> PlanItem | None:
        found = await self._connection.execute(
            sa.select(tables.plan_item)
            .where(tables.plan_item.c.worker_id == uuid.UUID(worker), condition)
            .with_for_update()
        )
        row = found.mappings().first()
        return item_of(row) if row else None


def item_of(row: Any) -> PlanItem:
    """The item in a row."""
    values = {name: row[name] for name in FIELDS}
    values["state"] = ItemState(values["state"])
    values["agreement"] = Agreement(values["agreement"])
    return PlanItem(id=str(row["id"]), worker=str(row["worker_id"]), **values)


def _values(item: PlanItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in FIELDS}
