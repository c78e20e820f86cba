"""Workers, activities and documents inside one transaction."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.activity import Activity
from lkmr_education.domain.facts import (
    ActivityCreated,
    ActivityStepped,
    CreditMoved,
    CreditsLoaded,
    Fact,
)
from lkmr_education.domain.record import Record
from lkmr_education.storage import rows, tables
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.outbox import Outbox

Announce = Callable[[Fact], Iterable[Announcement]]

_UNTOLD = frozenset({"version", "update_time", "create_time"})


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class WorkerRepository:
    """The port `Workers`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def store(self, record: Record) -> None:
        """Store what the register says; makes the worker known."""
        await self.store_all([record])

    async def store_all(self, records: Sequence[Record]) -> None:
        """Store what the register says about many."""
        if not records:
            return
        found = insert(tables.worker)
        await self._connection.execute(
            found.on_conflict_do_update(
                index_elements=["id"],
                set_={name: found.excluded[name] for name in ("record", "fetch_time")},
            ),
            [
                {
                    "id": uuid.UUID(one.worker),
                    "data_key": self._keys.new_data_key().wrapped,
                    "record": rows.record_json(one),
                    "fetch_time": one.fetch_time,
                }
                for one in records
            ],
        )

    async def lock(self, worker: str) -> bool:
        """Keep others from writing about this worker until the end; False for an unknown one."""
        found = await self._connection.scalar(
            sa.select(tables.worker.c.id)
            .where(tables.worker.c.id == uuid.UUID(worker))
            .with_for_update()
        )
        return found is not None

    async def forget_record(self, worker: str) -> None:
        """Note that the register changed: the next read asks anew."""
        await self._connection.execute(
            sa.update(tables.worker)
            .where(tables.worker.c.id == uuid.UUID(worker))
            .values(fetch_time=LONG_AGO)
        )


class ActivityRepository:
    """The port `Activities`."""

    def __init__(self, connection: AsyncConnection, facts: "Facts") -> None:
        self._connection, self._facts = connection, facts

    async def find(self, worker: str, activity: str) -> Activity | None:
        """The activity; its row stays locked until the end."""
        found = await self._connection.execute(
            sa.select(tables.activity)
            .where(
                tables.activity.c.worker_id == uuid.UUID(worker),
                tables.activity.c.id == uuid.UUID(activity),
            )
            .with_for_update()
        )
        row = found.mappings().first()
        return rows.activity_of(row) if row else None

    async def find_external(self, worker: str, external_id: str) -> Activity | None:
        """The activity that the portal or a provider calls so; its row stays locked."""
        found = await self._connection.execute(
            sa.select(tables.activity)
            .where(
                tables.activity.c.worker_id == uuid.UUID(worker),
                tables.activity.c.external_id == external_id,
            )
            .with_for_update()
        )
        row = found.mappings().first()
        return rows.activity_of(row) if row else None

    async def add(self, activity: Activity, *, actor: str) -> None:
        """Store a new activity."""
        await self._connection.execute(
            sa.insert(tables.activity).values(
                id=uuid.UUID(activity.id),
                worker_id=uuid.UUID(activity.worker),
                **rows.activity_values(activity),
            )
        )
        await self._note(activity, {}, actor)
        await self._facts.add(ActivityCreated(activity))

    async def save(self, old: Activity, new: Activity, *, actor: str) -> None:
        """Store a new version and what it changed."""
        await self._connection.execute(
            sa.update(tables.activity)
            .where(tables.activity.c.id == uuid.UUID(new.id))
            .values(**rows.activity_values(new))
        )
        before, after = rows.activity_values(old), rows.activity_values(new)
        changed = {
            name: (text_of(before[name]), text_of(after[name]))
            for name in rows.ACTIVITY_FIELDS
            if name not in _UNTOLD and before[name] != after[name]
        }
        await self._note(new, changed, actor)
        await self._facts.add(ActivityStepped(old, new, actor))

    async def announce_credit(self, worker: str, activity: str) -> None:
        """Tell that hours of a worker are to be counted anew."""
        await self._facts.add(CreditMoved(worker, activity))

    async def announce_credits(self, moved: Mapping[str, str]) -> None:
        """Tell it of several workers, each with an activity of theirs."""
        await self._facts.add_all(CreditMoved(*one) for one in moved.items())

    async def announce_load(self, workers: Iterable[str]) -> None:
        """Tell it of many workers by one fact."""
        await self._facts.add(CreditsLoaded(tuple(workers)))

    async def _note(
        self, activity: Activity, content: dict[str, tuple[str, str]], actor: str
    ) -> None:
        await self._connection.execute(
            sa.insert(tables.activity_change).values(
                activity_id=uuid.UUID(activity.id),
                version=activity.version,
                actor=actor,
                content=content,
                update_time=activity.update_time,
            )
        )


class Facts:
    """Writes facts of this service into the outbox of the transaction."""

    def __init__(self, outbox: Outbox, convert: Announce) -> None:
        self._outbox, self._convert = outbox, convert

    async def add(self, fact: Fact) -> None:
        """Announce a fact."""
        await self._outbox.add(self._convert(fact))

    async def add_all(self, facts: Iterable[Fact]) -> None:
        """Announce many facts by one statement."""
        await self._outbox.add([one for fact in facts for one in self._convert(fact)])


def text_of(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
