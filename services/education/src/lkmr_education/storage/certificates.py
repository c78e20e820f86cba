"""Documents and confirmations inside one transaction."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.certificate import (
    REGISTERED,
    Certificate,
    Check,
    Confirmation,
    Method,
    identity_of,
)
from lkmr_education.domain.facts import CertificateAdded, CertificateWaits
from lkmr_education.storage import rows, tables
from lkmr_education.storage.consents import UNREFUSED
from lkmr_education.storage.repositories import Facts
from lkmr_education.usecases.files import CertificateFile
from lkmr_servicekit.encryption import DataKey, KeyRing


class CertificateRepository:
    """The port `Certificates`; series and number are sealed on the way in."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing, facts: Facts) -> None:
        self._connection, self._keys, self._facts = connection, keys, facts

    async def find(self, worker: str, certificate: str) -> Certificate | None:
        """The document; its row stays locked until the end."""
        found = await self._connection.execute(
            sa.select(tables.certificate)
            .where(
                tables.certificate.c.worker_id == uuid.UUID(worker),
                tables.certificate.c.id == uuid.UUID(certificate),
            )
            .with_for_update()
        )
        row = found.mappings().first()
        return rows.certificate_of(row, await self._key(worker)) if row else None

    async def add(self, certificate: Certificate) -> bool:
        """Store it; False when a document of this issuer with this number is there already."""
        key = await self._key(certificate.worker)
        statement = (
            insert(tables.certificate)
            .values(
                id=uuid.UUID(certificate.id),
                worker_id=uuid.UUID(certificate.worker),
                activity_id=uuid.UUID(certificate.activity),
                type=certificate.type,
                issuer=certificate.issuer,
                identity_index=self._keys.index("certificate.identity", certificate.identity),
                numbers=rows.sealed_numbers(certificate, key),
                issue_date=certificate.issue_date,
                hours=certificate.hours,
                origin=certificate.origin,
                check_state=certificate.check,
                check_fields=list(certificate.check_fields),
                check_time=certificate.check_time,
                next_check_time=certificate.create_time if certificate.in_register else None,
                portal_file=certificate.portal_file,
                next_file_time=certificate.create_time if certificate.portal_file else None,
                file_type="",
                create_time=certificate.create_time,
            )
            .on_conflict_do_nothing(index_elements=["identity_index"])
            .returning(tables.certificate.c.id)
        )
        if (await self._connection.execute(statement)).first() is None:
            return False
        if not certificate.portal_file:
            await self._facts.add(CertificateAdded(certificate))
        return True

    async def issue(self, certificate: Certificate) -> None:
        """Store what a provider issued; another word about the same document is checked anew.

        It is announced when its file has come.
        """
        if await self.add(certificate):
            return
        key = await self._key(certificate.worker)
        table = tables.certificate
        index = self._keys.index("certificate.identity", certificate.identity)
        found = await self._connection.execute(
            sa.select(table).where(table.c.identity_index == index).with_for_update()
        )
        row = found.mappings().one()
        before = rows.certificate_of(row, key)
        told = (certificate.type, certificate.series, certificate.issue_date, certificate.hours)
        if told == (before.type, before.series, before.issue_date, before.hours):
            if not before.file and certificate.portal_file:
                await self._ask_for_file(before.id, certificate)
            return
        corrected = replace(certificate, id=before.id)
        await self._connection.execute(
            sa.update(table)
            .where(table.c.id == uuid.UUID(before.id))
            .values(
                activity_id=uuid.UUID(certificate.activity),
                type=certificate.type,
                numbers=rows.sealed_numbers(corrected, key),
                issue_date=certificate.issue_date,
                hours=certificate.hours,
                origin=certificate.origin,
                check_state=Check.NOT_CHECKED,
                check_fields=[],
                next_check_time=certificate.create_time if certificate.in_register else None,
            )
        )
        await self._ask_for_file(before.id, certificate)

    async def _ask_for_file(self, identity: str, certificate: Certificate) -> None:
        await self._connection.execute(
            sa.update(tables.certificate)
            .where(tables.certificate.c.id == uuid.UUID(identity))
            .values(
                portal_file=certificate.portal_file,
                next_file_time=certificate.create_time if certificate.portal_file else None,
            )
        )

    async def owner_of(self, issuer: str, number: str) -> str | None:
        """The worker whose document of this issuer and number is stored."""
        index = self._keys.index("certificate.identity", identity_of(issuer, number))
        found = await self._connection.scalar(
            sa.select(tables.certificate.c.worker_id).where(
                tables.certificate.c.identity_index == index
            )
        )
        return str(found) if found else None

    async def claim_files(
        self, *, now: datetime, lease: timedelta, size: int
    ) -> Sequence[Certificate]:
        """Documents whose file is to be fetched, kept from others for the length of the lease."""
        return await self._claim(tables.certificate.c.next_file_time, now, lease, size)

    async def file_later(self, certificate: Certificate, moment: datetime) -> None:
        """Note when a file is to be asked for again."""
        await self._set_file(certificate, next_file_time=moment)

    async def file_stored(self, certificate: Certificate, file: CertificateFile) -> None:
        """Note where a file lies; the first file that a provider sent tells that it came in."""
        await self._set_file(
            certificate,
            next_file_time=None,
            data_key=file.data_key,
            file_key=file.key,
            file_size=file.size,
            file_sha256=file.sha256,
            file_type=file.media_type,
            file_scan=file.scan,
        )
        if certificate.portal_file and not certificate.file:
            await self._facts.add(CertificateAdded(certificate))

    async def _set_file(self, certificate: Certificate, **values: object) -> None:
        await self._connection.execute(
            sa.update(tables.certificate)
            .where(tables.certificate.c.id == uuid.UUID(certificate.id))
            .values(**values)
        )

    async def claim_due(
        self, *, now: datetime, lease: timedelta, size: int
    ) -> Sequence[Certificate]:
        """Documents that are due and whose worker has not refused, kept from others till then."""
        due = tables.certificate.c.next_check_time
        return await self._claim(due, now, lease, size, UNREFUSED)

    async def _claim(
        self,
        column: sa.Column[datetime | None],
        now: datetime,
        lease: timedelta,
        size: int,
        *bounds: sa.ColumnElement[bool],
    ) -> Sequence[Certificate]:
        table = tables.certificate
        due = (
            sa.select(table.c.id)
            .where(column <= now, *bounds)
            .order_by(column)
            .limit(size)
            .with_for_update(skip_locked=True)
        )
        claimed = await self._connection.execute(
            sa.update(table)
            .where(table.c.id.in_(due))
            .values({column: now + lease})
            .returning(table)
        )
        return [
            rows.certificate_of(row, await self._key(str(row["worker_id"])))
            for row in claimed.mappings().all()
        ]

    async def claim_of(
        self, worker: str, *, asked_before: datetime, until: datetime
    ) -> Sequence[Certificate]:
        """Documents of a worker that ФИС ФРДО keeps and was not asked about since a moment."""
        table = tables.certificate
        claimed = await self._connection.execute(
            sa.update(table)
            .where(
                table.c.worker_id == uuid.UUID(worker),
                table.c.type.in_(REGISTERED),
                UNREFUSED,
                sa.or_(table.c.check_time.is_(None), table.c.check_time <= asked_before),
            )
            .values(next_check_time=until)
            .returning(table)
        )
        found = claimed.mappings().all()
        if not found:
            return []
        key = await self._key(worker)
        return [rows.certificate_of(row, key) for row in found]

    async def ask_at(self, certificate: str, moment: datetime) -> None:
        """Have the register asked about a document from a moment on."""
        await self._connection.execute(
            sa.update(tables.certificate)
            .where(tables.certificate.c.id == uuid.UUID(certificate))
            .values(next_check_time=moment)
        )

    async def announce_wait(self, certificate: Certificate) -> None:
        """Tell that it began to wait for its entry into the register, or waits no more."""
        await self._facts.add(CertificateWaits(certificate))

    async def save_check(self, certificate: Certificate, *, next_time: datetime | None) -> None:
        """Store what the register said, and when to ask again."""
        await self._connection.execute(
            sa.update(tables.certificate)
            .where(tables.certificate.c.id == uuid.UUID(certificate.id))
            .values(
                check_state=certificate.check,
                check_fields=list(certificate.check_fields),
                check_time=certificate.check_time,
                next_check_time=next_time,
            )
        )

    async def confirm(self, confirmation: Confirmation) -> None:
        """Store a confirmation; an earlier valid one of the activity is revoked."""
        await self.revoke(confirmation.activity, confirmation.confirm_time)
        await self._connection.execute(
            sa.insert(tables.confirmation).values(**rows.confirmation_values(confirmation))
        )

    async def ground_on_code(self, activity: str) -> bool:
        """Note that a valid credit of the portal rests on a code; False when there is none."""
        table = tables.confirmation
        noted = await self._connection.execute(
            sa.update(table)
            .where(
                table.c.activity_id == uuid.UUID(activity),
                table.c.revoke_time.is_(None),
                table.c.method == Method.PORTAL_AUTO,
            )
            .values(method=Method.IKP)
        )
        return noted.rowcount > 0

    async def revoke(self, activity: str, now: datetime) -> bool:
        """Revoke the valid confirmation of an activity; False when there is none."""
        found = await self._connection.execute(
            sa.update(tables.confirmation)
            .where(
                tables.confirmation.c.activity_id == uuid.UUID(activity),
                tables.confirmation.c.revoke_time.is_(None),
            )
            .values(revoke_time=now)
            .returning(tables.confirmation.c.id)
        )
        return found.first() is not None

    async def of_activity(
        self, worker: str, activity: str
    ) -> tuple[Certificate | None, Confirmation | None]:
        """The newest document of an activity and its valid confirmation."""
        found = await self._connection.execute(
            sa.select(tables.certificate)
            .where(tables.certificate.c.activity_id == uuid.UUID(activity))
            .order_by(tables.certificate.c.create_time.desc(), tables.certificate.c.id.desc())
            .limit(1)
        )
        document = found.mappings().first()
        valid = await self._connection.execute(
            sa.select(tables.confirmation).where(
                tables.confirmation.c.activity_id == uuid.UUID(activity),
                tables.confirmation.c.revoke_time.is_(None),
            )
        )
        ground = valid.mappings().first()
        return (
            rows.certificate_of(document, await self._key(worker)) if document else None,
            rows.confirmation_of(ground) if ground else None,
        )

    async def _key(self, worker: str) -> DataKey:
        wrapped = await self._connection.scalar(
            sa.select(tables.worker.c.data_key).where(tables.worker.c.id == uuid.UUID(worker))
        )
        return self._keys.data_key(bytes(wrapped or b""))
