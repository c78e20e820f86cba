"""Workers, activities and documents inside one transaction."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.activity import Activity
from lkmr_education.domain.certificate import Certificate, Confirmation
from lkmr_education.domain.facts import (
    ActivityCreated,
    ActivityStepped,
    CertificateAdded,
    CreditMoved,
    Fact,
)
from lkmr_education.domain.record import Record
from lkmr_education.storage import rows, tables
from lkmr_servicekit.encryption import DataKey, KeyRing
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
        values = {"record": rows.record_json(record), "fetch_time": record.fetch_time}
        await self._connection.execute(
            insert(tables.worker)
            .values(
                id=uuid.UUID(record.worker), data_key=self._keys.new_data_key().wrapped, **values
            )
            .on_conflict_do_update(index_elements=["id"], set_=values)
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
            name: (_text(before[name]), _text(after[name]))
            for name in rows.ACTIVITY_FIELDS
            if name not in _UNTOLD and before[name] != after[name]
        }
        await self._note(new, changed, actor)
        await self._facts.add(ActivityStepped(old, new, actor))

    async def announce_credit(self, worker: str, activity: str) -> None:
        """Tell that hours of a worker are to be counted anew."""
        await self._facts.add(CreditMoved(worker, activity))

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


class CertificateRepository:
    """The port `Certificates`; series and number are sealed on the way in."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing, facts: "Facts") -> None:
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
                next_check_time=certificate.create_time,
                file_type="",
                create_time=certificate.create_time,
            )
            .on_conflict_do_nothing(index_elements=["identity_index"])
            .returning(tables.certificate.c.id)
        )
        if (await self._connection.execute(statement)).first() is None:
            return False
        await self._facts.add(CertificateAdded(certificate))
        return True

    async def claim_due(
        self, *, now: datetime, lease: timedelta, size: int
    ) -> Sequence[Certificate]:
        """Documents that are due, kept from others for the length of the lease."""
        table = tables.certificate
        due = (
            sa.select(table.c.id)
            .where(table.c.next_check_time <= now)
            .order_by(table.c.next_check_time)
            .limit(size)
            .with_for_update(skip_locked=True)
        )
        claimed = await self._connection.execute(
            sa.update(table)
            .where(table.c.id.in_(due))
            .values(next_check_time=now + lease)
            .returning(table)
        )
        return [
            rows.certificate_of(row, await self._key(str(row["worker_id"])))
            for row in claimed.mappings().all()
        ]

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
            sa.insert(tables.confirmation).values(
                id=uuid.uuid4(),
                worker_id=uuid.UUID(confirmation.worker),
                activity_id=uuid.UUID(confirmation.activity),
                certificate_id=(
                    uuid.UUID(confirmation.certificate) if confirmation.certificate else None
                ),
                method=confirmation.method,
                units=confirmation.units,
                confirmed_by=confirmation.confirmed_by,
                reason=confirmation.reason,
                confirm_time=confirmation.confirm_time,
            )
        )

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


class Facts:
    """Writes facts of this service into the outbox of the transaction."""

    def __init__(self, outbox: Outbox, convert: Announce) -> None:
        self._outbox, self._convert = outbox, convert

    async def add(self, fact: Fact) -> None:
        """Announce a fact."""
        await self._outbox.add(self._convert(fact))


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
