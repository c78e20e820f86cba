"""Workers and their register entries."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_accreditation.domain.worker import (
    Card,
    EntryChanged,
    PersonalFacts,
    change_between,
    gaps_of,
)
from lkmr_accreditation.storage import rows
from lkmr_accreditation.storage.tables import accreditation, accreditation_history, worker
from lkmr_accreditation.usecases.ports import OldVersion, StoredMeanwhileError
from lkmr_servicekit.encryption import KeyRing

_WORKER_COLUMNS = [column.name for column in worker.columns if column.name != "identity"]
_ENTRY_COLUMNS = [column.name for column in accreditation.columns]


class WorkerRepository:
    """Workers inside one transaction; personal facts are sealed on the way in."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def version_of(self, worker_id: str) -> int | None:
        """The stored version of the card; the row stays locked until the end."""
        statement = (
            sa.select(worker.c.register_version)
            .where(worker.c.id == uuid.UUID(worker_id))
            .with_for_update()
        )
        version: int | None = await self._connection.scalar(statement)
        return version

    async def known_versions(self, workers: Sequence[str]) -> dict[str, int]:
        """Stored versions of those workers that are known."""
        ids = [uuid.UUID(one) for one in workers]
        statement = sa.select(worker.c.id, worker.c.register_version).where(
            worker.c.id == sa.any_(sa.literal(ids, sa.ARRAY(sa.Uuid)))
        )
        found = await self._connection.execute(statement)
        return {str(row.id): row.register_version for row in found}

    async def store_first(self, card: Card, *, now: datetime) -> bool:
        """Store an unknown worker; False for one that another transaction stored first.

        Waits for the end of that transaction.
        """
        values: dict[str, Any] = dict(zip(_WORKER_COLUMNS, self._worker_row(card), strict=True))
        values["jobs"] = orjson.loads(values["jobs"])
        statement = (
            sa.dialects.postgresql.insert(worker)
            .values(values)
            .on_conflict_do_nothing()
            .returning(worker.c.id)
        )
        if (await self._connection.execute(statement)).first() is None:
            return False
        if not card.entries:
            return True
        entries = [
            dict(zip(_ENTRY_COLUMNS, row, strict=True)) for row in self._entry_rows(card, now)
        ]
        for entry in entries:
            entry["organizations"] = orjson.loads(str(entry["organizations"]))
        await self._connection.execute(sa.insert(accreditation), entries)
        return True

    async def store_many_first(self, cards: Sequence[Card], *, now: datetime) -> None:
        """Store unknown workers by COPY. Raises StoredMeanwhileError: the transaction is lost."""
        if not cards:
            return
        raw = await self._connection.get_raw_connection()
        driver: Any = raw.driver_connection
        records = [self._worker_row(card) for card in cards]
        try:
            await driver.copy_records_to_table("worker", records=records, columns=_WORKER_COLUMNS)
        except asyncpg.UniqueViolationError as fault:
            raise StoredMeanwhileError from fault
        entries = [row for card in cards for row in self._entry_rows(card, now)]
        await driver.copy_records_to_table("accreditation", records=entries, columns=_ENTRY_COLUMNS)

    async def store_next(self, card: Card, *, now: datetime) -> list[EntryChanged]:
        """Store a newer version of a known worker and tell what it changed."""
        worker_id = uuid.UUID(card.worker)
        sealed_key = await self._connection.scalar(
            sa.select(worker.c.data_key).where(worker.c.id == worker_id)
        )
        key = self._keys.data_key(bytes(sealed_key or b""))
        await self._connection.execute(
            sa.update(worker)
            .where(worker.c.id == worker_id)
            .values(
                snils_index=self._keys.index("worker.snils", card.personal.open().snils),
                personal=rows.seal_personal(card.personal.open(), card.worker, key),
                jobs=orjson.loads(rows.jobs_json(card.jobs)),
                register_version=card.version,
                fetch_time=card.fetch_time,
                gaps=list(gaps_of(card)),
            )
        )
        return await self._store_entries(card, now)

    async def _store_entries(self, card: Card, now: datetime) -> list[EntryChanged]:
        found = await self._connection.execute(
            sa.select(accreditation).where(accreditation.c.worker_id == uuid.UUID(card.worker))
        )
        stored = {row["registry_number"]: row for row in found.mappings()}
        wanted = {entry.registry_number: entry for entry in card.entries}
        changes = []
        for number in {**stored, **wanted}:
            row, new = stored.get(number), wanted.get(number)
            old = rows.entry_of(row) if row is not None and not row["removed"] else None
            change = change_between(old, new)
            if change is not None:
                version = await self._replace(card.worker, row, new, now)
                changes.append(
                    EntryChanged(
                        card.worker, str(rows.entry_id(card.worker, number)), version, change
                    )
                )
        return changes

    async def _replace(self, worker_id: str, row: Any, new: Entry | None, now: datetime) -> int:
        """Put the new version in place and keep the old one. Returns the new version."""
        if row is None and new is not None:
            values = rows.entry_values(new)
            await self._connection.execute(
                sa.insert(accreditation).values(
                    id=rows.entry_id(worker_id, new.registry_number),
                    worker_id=uuid.UUID(worker_id),
                    removed=False,
                    version=1,
                    update_time=now,
                    **values,
                )
            )
            return 1
        await self._connection.execute(
            sa.insert(accreditation_history).values(
                accreditation_id=row["id"],
                version=row["version"],
                content=rows.entry_json(rows.entry_of(row)),
                update_time=now,
            )
        )
        values = rows.entry_values(new) if new is not None else {}
        version: int = row["version"] + 1
        await self._connection.execute(
            sa.update(accreditation)
            .where(accreditation.c.id == row["id"])
            .values(removed=new is None, version=version, update_time=now, **values)
        )
        return version

    async def touch(self, worker_id: str, fetch_time: datetime) -> None:
        """Note that the register confirmed the stored version."""
        await self._connection.execute(
            sa.update(worker)
            .where(worker.c.id == uuid.UUID(worker_id), worker.c.fetch_time < fetch_time)
            .values(fetch_time=fetch_time)
        )

    async def personal_of(self, worker_id: str) -> PersonalFacts:
        """Who the worker is. Raises ServiceError STORED_DATA_DAMAGED."""
        found = await self._connection.execute(
            sa.select(worker.c.data_key, worker.c.personal).where(
                worker.c.id == uuid.UUID(worker_id)
            )
        )
        row = found.one()
        key = self._keys.data_key(bytes(row.data_key))
        return rows.open_personal(bytes(row.personal), worker_id, key)

    async def history_of(self, worker_id: str, accreditation_id: str) -> Sequence[OldVersion]:
        """Earlier versions, newest first."""
        found = await self._connection.execute(
            sa.select(accreditation_history)
            .join(accreditation)
            .where(
                accreditation.c.worker_id == uuid.UUID(worker_id),
                accreditation.c.id == uuid.UUID(accreditation_id),
            )
            .order_by(accreditation_history.c.version.desc())
            .limit(100)
        )
        return [
            OldVersion(
                version=row.version,
                entry=rows.entry_from_json(row.content),
                update_time=row.update_time,
            )
            for row in found
        ]

    def _worker_row(self, card: Card) -> tuple[object, ...]:
        key = self._keys.new_data_key()
        personal = card.personal.open()
        return (
            uuid.UUID(card.worker),
            self._keys.index("worker.snils", personal.snils),
            key.wrapped,
            rows.seal_personal(personal, card.worker, key),
            rows.jobs_json(card.jobs),
            card.version,
            card.fetch_time,
            list(gaps_of(card)),
        )

    def _entry_rows(self, card: Card, now: datetime) -> list[tuple[object, ...]]:
        worker_id = uuid.UUID(card.worker)
        return [
            (
                rows.entry_id(card.worker, entry.registry_number),
                worker_id,
                *(getattr(entry, name) for name in rows.ENTRY_FIELDS[:-1]),
                orjson.dumps([list(one) for one in entry.organizations]).decode(),
                False,
                1,
                now,
            )
            for entry in card.entries
        ]
