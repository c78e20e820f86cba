"""Decisions on terms and consents, steps of activation, counted attempts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.activation import Activation
from lkmr_auth.domain.legal import Decision, DecisionRecord
from lkmr_auth.domain.password import wait_after
from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.personal import Personal

_ADD = sa.text(
    "INSERT INTO legal_decision (id, person_id, document, version, text_hash, decision, time)"
    " VALUES (:id, :person, :document, :version, :hash, :decision, :time)"
)
_DECISIONS = "id, person_id, document, version, text_hash, decision, time FROM legal_decision"
_LATEST = sa.text(
    f"SELECT DISTINCT ON (document) {_DECISIONS} WHERE person_id = :person"
    " ORDER BY document, time DESC, id"
)
_ALL = sa.text(f"SELECT {_DECISIONS} WHERE person_id = :person ORDER BY time DESC, id LIMIT 200")
_FIND = sa.text(
    "SELECT employee_time, approval_id, approval_end, activate_time FROM activation"
    " WHERE person_id = :person"
)
_SAVE = sa.text(
    "INSERT INTO activation (person_id, employee_time, approval_id, approval_end, activate_time)"
    " VALUES (:person, :employee, :approval, :approval_end, :activate)"
    " ON CONFLICT (person_id) DO UPDATE SET employee_time = excluded.employee_time,"
    " approval_id = excluded.approval_id, approval_end = excluded.approval_end,"
    " activate_time = excluded.activate_time"
)
_CLAIM = sa.text(
    "INSERT INTO employee_claim (employee_index, person_id, time) VALUES (:index, :person, :now)"
    " ON CONFLICT (employee_index) DO NOTHING"
)
_CLAIMED = sa.text("SELECT person_id FROM employee_claim WHERE employee_index = :index")
_COUNT = sa.text(
    "INSERT INTO guarded_attempt AS held (kind, subject, tries, update_time)"
    " VALUES (:kind, :subject, 1, :now) ON CONFLICT (kind, subject)"
    " DO UPDATE SET tries = held.tries + 1, update_time = excluded.update_time"
    " WHERE held.wait_time IS NULL OR held.wait_time <= excluded.update_time RETURNING tries"
)
_WAIT = sa.text(
    "UPDATE guarded_attempt SET wait_time = :wait WHERE kind = :kind AND subject = :subject"
)
_WAITS = sa.text("SELECT wait_time FROM guarded_attempt WHERE kind = :kind AND subject = :subject")
_FORGIVE = sa.text("DELETE FROM guarded_attempt WHERE kind = :kind AND subject = :subject")


class StoredRegistry:
    """The port `Registry` over PostgreSQL; rows are added and read, never changed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, record: DecisionRecord) -> None:
        values = {
            "id": record.id,
            "person": record.person_id,
            "document": record.document,
            "version": record.version,
            "hash": record.text_hash,
            "decision": record.decision.value,
            "time": record.time,
        }
        await self._connection.execute(_ADD, values)

    async def latest(self, person_id: PersonId) -> dict[str, DecisionRecord]:
        rows = await self._connection.execute(_LATEST, {"person": person_id})
        return {row.document: _record(row) for row in rows}

    async def list(self, person_id: PersonId) -> tuple[DecisionRecord, ...]:
        rows = await self._connection.execute(_ALL, {"person": person_id})
        return tuple(_record(row) for row in rows)


class StoredActivations:
    """The port `Activations` over PostgreSQL; an identifier is kept as its blind index."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing) -> None:
        self._connection, self._keyring = connection, keyring

    async def find_holder(self, number: Personal[str]) -> PersonId | None:
        index = self._keyring.index("employee_claim.employee_index", number.open())
        found = await self._connection.execute(_CLAIMED, {"index": index})
        holder = found.scalar_one_or_none()
        return PersonId(holder) if holder is not None else None

    async def claim(self, person_id: PersonId, number: Personal[str], now: datetime) -> bool:
        index = self._keyring.index("employee_claim.employee_index", number.open())
        values = {"index": index, "person": person_id, "now": now}
        await self._connection.execute(_CLAIM, values)
        holder = (await self._connection.execute(_CLAIMED, {"index": index})).scalar_one()
        return bool(holder == person_id)

    async def find(self, person_id: PersonId) -> Activation:
        row = (await self._connection.execute(_FIND, {"person": person_id})).first()
        if row is None:
            return Activation(person_id=person_id)
        return Activation(
            person_id=person_id,
            employee_time=row.employee_time,
            approval_id=row.approval_id,
            approval_end=row.approval_end,
            activate_time=row.activate_time,
        )

    async def save(self, activation: Activation) -> None:
        values = {
            "person": activation.person_id,
            "employee": activation.employee_time,
            "approval": activation.approval_id,
            "approval_end": activation.approval_end,
            "activate": activation.activate_time,
        }
        await self._connection.execute(_SAVE, values)


class StoredAttempts:
    """The port `Attempts` over PostgreSQL; subjects are kept as keyed hashes only."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing) -> None:
        self._connection, self._keyring = connection, keyring

    async def take(self, kind: str, subject: str, now: datetime) -> datetime | None:
        key = self._key(kind, subject)
        counted = await self._connection.execute(_COUNT, {**key, "now": now})
        tries = counted.scalar_one_or_none()
        if tries is None:
            until = (await self._connection.execute(_WAITS, key)).scalar_one_or_none()
            return until or now
        if wait := wait_after(tries):
            await self._connection.execute(_WAIT, {**key, "wait": now + wait})
        return None

    async def forgive(self, kind: str, subject: str) -> None:
        await self._connection.execute(_FORGIVE, self._key(kind, subject))

    def _key(self, kind: str, subject: str) -> dict[str, Any]:
        return {
            "kind": kind,
            "subject": self._keyring.index("guarded_attempt.subject", f"{kind} {subject}"),
        }


def _record(row: Row[Any]) -> DecisionRecord:
    return DecisionRecord(
        id=row.id,
        person_id=PersonId(row.person_id),
        document=row.document,
        version=row.version,
        text_hash=bytes(row.text_hash),
        decision=Decision(row.decision),
        time=row.time,
    )
