"""Licences of organisations, and how far the register was followed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.domain.documents import Check, Document
from lkmr_accreditation.domain.licences import LicenceRecord, LicenceState
from lkmr_accreditation.storage.documents import DocumentRepository
from lkmr_accreditation.storage.tables import (
    document,
    document_version,
    licence,
    licence_check,
    licence_feed,
    licence_history,
)
from lkmr_servicekit.encryption import KeyRing

_ONLY = 1
_KINDS = ("LICENCE_ORG", "LICENCE_IP", "LICENCE_PHARM", "LICENCE_NARC")
_OF_LICENCES = sa.text("document.kind LIKE 'LICENCE%'")  # spelled as the index has it
_TO_ASK = sa.text("""
SELECT o.organization_oid FROM organization_key o
  LEFT JOIN licence_check c ON c.organization_oid = o.organization_oid
 WHERE c.check_time IS NULL OR c.check_time < :before
 ORDER BY c.check_time NULLS FIRST LIMIT :limit
""")
_STAFF_DUE = sa.text("""
INSERT INTO compliance_due (worker_id)
SELECT DISTINCT worker_id FROM staff WHERE organization_oid = ANY(CAST(:oids AS text[]))
 ORDER BY worker_id
ON CONFLICT DO NOTHING
""")


class LicenceRepository:
    """Licences inside one transaction."""

    def __init__(
        self, connection: AsyncConnection, keys: KeyRing, documents: DocumentRepository
    ) -> None:
        self._connection, self._keys, self._documents = connection, keys, documents

    async def of(self, oids: Sequence[str]) -> dict[str, tuple[datetime, list[LicenceRecord]]]:
        """When an organisation was asked about last, and what it has."""
        asked = await self._connection.execute(
            sa.select(licence_check).where(licence_check.c.organization_oid.in_(oids))
        )
        times = {row.organization_oid: row.check_time for row in asked}
        known = await self._stored(oids)
        return {oid: (moment, known[oid]) for oid, moment in times.items()}

    async def to_ask(self, before: datetime, limit: int) -> list[str]:
        """Organisations with staff that were not asked about since a moment."""
        found = await self._connection.execute(_TO_ASK, {"before": before, "limit": limit})
        return [row[0] for row in found]

    async def keep(
        self, oids: Sequence[str], found: Sequence[LicenceRecord], now: datetime
    ) -> list[str]:
        """Replace the licences of organisations; those of whom something is otherwise now.

        What was there before stays as history. An organisation asked about for the first time
        counts as changed.
        """
        asked = await self.of(oids)
        before = {oid: {one.number: one for one in ones} for oid, (_, ones) in asked.items()}
        fresh: dict[str, dict[str, LicenceRecord]] = {oid: {} for oid in oids}
        for one in found:
            if one.organization_oid in fresh:
                fresh[one.organization_oid][one.number] = one
        changed = [oid for oid in fresh if before.get(oid) != fresh[oid]]
        for oid in changed:
            await self._replace(before.get(oid, {}), fresh[oid], now)
        values = [{"organization_oid": oid, "check_time": now} for oid in fresh]
        statement = insert(licence_check).values(values)
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["organization_oid"],
                set_={"check_time": statement.excluded.check_time},
            )
        )
        return changed

    async def staff_is_due(self, oids: Sequence[str]) -> None:
        """Have everybody who works there judged anew."""
        if oids:
            await self._connection.execute(_STAFF_DUE, {"oids": list(oids)})

    async def cursor(self) -> str:
        """How far the register was followed; empty before the first time."""
        found: str | None = await self._connection.scalar(sa.select(licence_feed.c.cursor))
        return found or ""

    async def save_cursor(self, cursor: str, now: datetime) -> None:
        """Keep how far it was followed."""
        values = {"cursor": cursor, "update_time": now}
        await self._connection.execute(
            insert(licence_feed)
            .values(id=_ONLY, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )

    async def papers_to_check(self, limit: int) -> list[Document]:
        """Documents about licences that wait for the register."""
        found = await self._connection.execute(
            sa.select(document.c.worker_id, document.c.id)
            .join(document_version, document_version.c.document_id == document.c.id)
            .where(
                document_version.c.check_status == Check.CHECKING.value,
                document_version.c.version == document.c.version,
                sa.not_(document.c.archived),
                _OF_LICENCES,
            )
            .order_by(document_version.c.check_time.nulls_first(), document.c.id)
            .limit(limit)
        )
        papers = [await self._documents.find(str(row.worker_id), str(row.id)) for row in found]
        return [one for one in papers if one is not None]

    async def check_again(self, numbers: Sequence[str]) -> None:
        """Have documents with these numbers checked anew."""
        indexes = [
            self._keys.index(f"document.{kind}", "".join(number.casefold().split()))
            for kind in _KINDS
            for number in numbers
        ]
        if not indexes:
            return
        await self._connection.execute(
            sa.update(document_version)
            .where(
                document_version.c.document_id == document.c.id,
                document_version.c.version == document.c.version,
                document.c.number_index.in_(indexes),
                _OF_LICENCES,
            )
            .values(check_status=Check.CHECKING.value)
        )

    async def _stored(self, oids: Sequence[str]) -> dict[str, list[LicenceRecord]]:
        found = await self._connection.execute(
            sa.select(licence)
            .where(licence.c.organization_oid.in_(oids))
            .order_by(licence.c.number)
        )
        known: dict[str, list[LicenceRecord]] = defaultdict(list)
        for row in found:
            known[row.organization_oid].append(_record(row))
        return known

    async def _replace(
        self,
        before: dict[str, LicenceRecord],
        after: dict[str, LicenceRecord],
        now: datetime,
    ) -> None:
        for number, old in before.items():
            new = after.get(number)
            if new == old:
                continue
            await self._connection.execute(
                sa.insert(licence_history).values(
                    organization_oid=old.organization_oid,
                    number=number,
                    change_time=now,
                    content=_json(old),
                )
            )
            if new is None:
                await self._connection.execute(
                    sa.delete(licence).where(
                        licence.c.organization_oid == old.organization_oid,
                        licence.c.number == number,
                    )
                )
        for number, new in after.items():
            if before.get(number) != new:
                values = _values(new) | {"change_time": now}
                await self._connection.execute(
                    insert(licence)
                    .values(organization_oid=new.organization_oid, number=number, **values)
                    .on_conflict_do_update(
                        index_elements=["organization_oid", "number"], set_=values
                    )
                )


def _record(row: Any) -> LicenceRecord:
    return LicenceRecord(
        number=row.number,
        kind=row.kind,
        organization_oid=row.organization_oid,
        issuer=row.issuer,
        issue_date=row.issue_date,
        valid_until=row.valid_until,
        state=LicenceState(row.state),
        works=tuple(row.works),
    )


def _values(one: LicenceRecord) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "issuer": one.issuer,
        "issue_date": one.issue_date,
        "valid_until": one.valid_until,
        "state": one.state.value,
        "works": list(one.works),
    }


def _json(one: LicenceRecord) -> Any:
    return orjson.loads(orjson.dumps(_values(one)))
