"""Notices that were not believed: sealed, read by operators, tried again."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.notice import Fault, TypedDocument, TypedNotice
from lkmr_education.storage.tables import quarantine
from lkmr_education.usecases.outside import Kept
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.encryption import KeyRing

_MAX_SHOWN = 200
_PAGE = """
SELECT * FROM quarantine
 WHERE (resolve_time IS NOT NULL) = $1
   AND ($2::timestamptz IS NULL OR (receive_time, id) > ($2, $3::uuid))
 ORDER BY receive_time, id LIMIT $4
"""
_COUNT = "SELECT count(*) FROM quarantine WHERE resolve_time IS NULL"


class QuarantineRepository:
    """The port `Quarantine`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def keep(self, kept: Kept, *, next_try: datetime | None) -> bool:
        """Keep a notice; False for one that is kept already, open or resolved."""
        content = orjson.dumps(asdict(kept.notice), option=orjson.OPT_SORT_KEYS)
        key = self._keys.new_data_key()
        made = await self._connection.execute(
            insert(quarantine)
            .values(
                id=uuid.UUID(kept.id),
                print=hashlib.sha256(content).digest(),
                notice_id=_shown(kept.notice.id),
                study=_shown(kept.notice.study),
                fault=kept.fault,
                data_key=key.wrapped,
                content=key.seal(content, *_place(kept.id)),
                receive_time=kept.receive_time,
                tries=0,
                next_try_time=next_try,
                resolution="",
                resolved_by="",
            )
            .on_conflict_do_nothing(index_elements=["print"])
            .returning(sa.literal(1))
        )
        return made.first() is not None

    async def find(self, identity: str) -> Kept | None:
        """One that is open or resolved; its row stays locked."""
        found = await self._connection.execute(
            sa.select(quarantine).where(quarantine.c.id == uuid.UUID(identity)).with_for_update()
        )
        row = found.mappings().first()
        return kept_of(row, self._keys) if row else None

    async def due(self, now: datetime, size: int) -> Sequence[Kept]:
        """Open ones that are to be tried again; rows that others hold are left out."""
        found = await self._connection.execute(
            sa.select(quarantine)
            .where(quarantine.c.next_try_time <= now, quarantine.c.resolve_time.is_(None))
            .order_by(quarantine.c.next_try_time)
            .limit(size)
            .with_for_update(skip_locked=True)
        )
        return [kept_of(row, self._keys) for row in found.mappings()]

    async def tried(self, kept: Kept, fault: Fault, next_try: datetime | None) -> None:
        """Note another try that failed."""
        await self._update(kept, fault=fault, tries=kept.tries + 1, next_try_time=next_try)

    async def resolve(self, kept: Kept, resolution: str, by: str, now: datetime) -> None:
        """Close it: APPLIED, REPEATED or DISMISSED."""
        await self._update(
            kept, resolution=resolution, resolved_by=by, resolve_time=now, next_try_time=None
        )

    async def _update(self, kept: Kept, **values: object) -> None:
        await self._connection.execute(
            sa.update(quarantine).where(quarantine.c.id == uuid.UUID(kept.id)).values(**values)
        )


class QuarantineReader:
    """The port `KeptReader`."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    async def page(
        self, *, resolved: bool, size: int, position: tuple[datetime, str] | None
    ) -> Sequence[Kept]:
        """Oldest first."""
        moment, identity = position or (None, None)
        try:
            found = await self._database.pool.fetch(
                _PAGE, resolved, moment, uuid.UUID(identity) if identity else None, size
            )
        except AWAY as fault:
            raise unavailable() from fault
        return [kept_of(row, self._keys) for row in found]

    async def count_open(self) -> int:
        """How many wait."""
        return int(await self._database.fetch_value(_COUNT))


def kept_of(row: Any, keys: KeyRing) -> Kept:
    """The notice in a row. Raises ServiceError STORED_DATA_DAMAGED."""
    identity = str(row["id"])
    key = keys.data_key(bytes(row["data_key"]))
    value = orjson.loads(key.open(bytes(row["content"]), *_place(identity)))
    document = value.pop("document")
    return Kept(
        id=identity,
        notice=TypedNotice(**value, document=TypedDocument(**document) if document else None),
        fault=Fault(row["fault"]),
        receive_time=row["receive_time"],
        tries=row["tries"],
        resolution=row["resolution"],
        resolved_by=row["resolved_by"],
        resolve_time=row["resolve_time"],
    )


def _place(identity: str) -> tuple[str, str, str]:
    return ("quarantine", "content", identity)


def _shown(text: str) -> str:
    """An id as it is printed: it came from outside and may be anything."""
    return "".join(sign for sign in text[:_MAX_SHOWN] if sign.isprintable())
