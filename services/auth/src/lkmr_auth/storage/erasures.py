"""Ordered destructions: reports of services, rows of the journal, acts."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_access.erasure import Scope
from lkmr_auth.domain.audit import ERASURE_REPORT
from lkmr_auth.domain.erasure import Erasure, Part
from lkmr_auth.domain.erasure_act import JournalLine
from lkmr_auth.domain.person import PersonId

_ADD = sa.text(
    "INSERT INTO erasure (id, person_id, worker_id, account_number, organization_id, scope,"
    " officer_id, request_time, order_time, ask_time) VALUES (:id, :person, :worker, :account,"
    " :organization, :scope, :officer, :requested, :ordered, :ordered)"
)
_ADD_PART = sa.text(
    "INSERT INTO erasure_part (erasure_id, service, destroyed, event_id, report_time)"
    " VALUES (:erasure, :service, :destroyed, :event, :time)"
).bindparams(sa.bindparam("destroyed", type_=JSONB))
_REPORT = sa.text(
    "UPDATE erasure_part SET destroyed = :destroyed, event_id = :event, report_time = :time"
    " WHERE erasure_id = :erasure AND service = :service AND report_time IS NULL RETURNING 1"
).bindparams(sa.bindparam("destroyed", type_=JSONB))
_COLUMNS = (
    "SELECT id, person_id, worker_id, account_number, organization_id, scope, officer_id,"
    " request_time, order_time, act, signature, act_time FROM erasure"
)
_GET = sa.text(_COLUMNS + " WHERE id = :id")
_MANY = sa.text(_COLUMNS + " WHERE id = ANY(:ids)")
_WAITING = "EXISTS (SELECT FROM erasure_part p WHERE p.erasure_id = erasure.id AND {})"
_REPORTED = sa.text(
    _COLUMNS
    + f" WHERE act_time IS NULL AND NOT {_WAITING.format('p.report_time IS NULL')}"
    + " ORDER BY ask_time LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_SILENT = sa.text(
    _COLUMNS
    + " WHERE act_time IS NULL AND ask_time <= :before"
    + f" AND {_WAITING.format('p.report_time IS NULL')}"
    + " ORDER BY ask_time LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_ASKED = sa.text("UPDATE erasure SET ask_time = :now WHERE id = :id")
_PARTS = sa.text(
    "SELECT erasure_id, service, destroyed, event_id, report_time FROM erasure_part"
    " WHERE erasure_id = ANY(:ids) ORDER BY service"
)
_SAVE_ACT = sa.text(
    "UPDATE erasure SET act = :act, signature = :signature, act_time = :now, keep_until = :until"
    " WHERE id = :id"
)
_LINES = sa.text(
    "SELECT source, seq, time, hash FROM journal_entry WHERE operation = :operation"
    " AND object = :object AND event_id = ANY(:events) ORDER BY seq"
)
_SWEEP = sa.text("DELETE FROM erasure WHERE keep_until < :today")
_OPEN_INCIDENT = sa.text(
    "SELECT EXISTS (SELECT FROM incident WHERE person_id = :person AND state <> 'CLOSED')"
)


class StoredErasures:
    """The port `Erasures` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, erasure: Erasure) -> None:
        await self._connection.execute(
            _ADD,
            {
                "id": erasure.id,
                "person": erasure.person_id,
                "worker": erasure.worker_id,
                "account": erasure.account_number,
                "organization": erasure.organization_id,
                "scope": erasure.scope.value,
                "officer": erasure.officer_id,
                "requested": erasure.request_time,
                "ordered": erasure.order_time,
            },
        )
        for part in erasure.parts:
            await self._connection.execute(_ADD_PART, _part_values(erasure.id, part))

    async def report(self, identity: uuid.UUID, part: Part) -> bool:
        found = await self._connection.execute(_REPORT, _part_values(identity, part))
        return found.first() is not None

    async def find(self, identity: uuid.UUID) -> Erasure | None:
        found = await self._read(_GET, {"id": identity})
        return found[0] if found else None

    async def of_requests(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Erasure]:
        return {one.id: one for one in await self._read(_MANY, {"ids": list(ids)})}

    async def take_reported(self, limit: int) -> tuple[Erasure, ...]:
        return await self._read(_REPORTED, {"limit": limit})

    async def take_silent(self, before: datetime, limit: int) -> tuple[Erasure, ...]:
        return await self._read(_SILENT, {"before": before, "limit": limit})

    async def asked(self, identity: uuid.UUID, now: datetime) -> None:
        await self._connection.execute(_ASKED, {"id": identity, "now": now})

    async def save_act(self, erasure: Erasure, until: date) -> None:
        await self._connection.execute(
            _SAVE_ACT,
            {
                "id": erasure.id,
                "act": erasure.act,
                "signature": erasure.signature,
                "now": erasure.act_time,
                "until": until,
            },
        )

    async def journal_lines(self, erasure: Erasure) -> tuple[JournalLine, ...]:
        events = [one.event_id for one in erasure.parts if one.event_id]
        rows = await self._connection.execute(
            _LINES, {"operation": ERASURE_REPORT, "object": erasure.name, "events": events}
        )
        return tuple(
            JournalLine(service=row.source, seq=row.seq, time=row.time, hash=bytes(row.hash))
            for row in rows
        )

    async def sweep(self, today: date) -> int:
        return (await self._connection.execute(_SWEEP, {"today": today})).rowcount

    async def has_open_incident(self, person_id: PersonId) -> bool:
        values = {"person": person_id}
        return bool((await self._connection.execute(_OPEN_INCIDENT, values)).scalar_one())

    async def _read(self, statement: sa.TextClause, values: dict[str, Any]) -> tuple[Erasure, ...]:
        rows = (await self._connection.execute(statement, values)).all()
        parts: dict[uuid.UUID, list[Part]] = {row.id: [] for row in rows}
        for row in await self._connection.execute(_PARTS, {"ids": list(parts)}):
            parts[row.erasure_id].append(
                Part(
                    service=row.service,
                    destroyed=row.destroyed,
                    event_id=row.event_id,
                    report_time=row.report_time,
                )
            )
        return tuple(_erasure(row, tuple(parts[row.id])) for row in rows)


def _part_values(erasure: uuid.UUID, part: Part) -> dict[str, Any]:
    return {
        "erasure": erasure,
        "service": part.service,
        "destroyed": dict(part.destroyed),
        "event": part.event_id,
        "time": part.report_time,
    }


def _erasure(row: Row[Any], parts: tuple[Part, ...]) -> Erasure:
    return Erasure(
        id=row.id,
        person_id=PersonId(row.person_id),
        worker_id=row.worker_id,
        account_number=row.account_number,
        organization_id=row.organization_id,
        scope=Scope(row.scope),
        officer_id=PersonId(row.officer_id),
        request_time=row.request_time,
        order_time=row.order_time,
        parts=parts,
        act=row.act,
        signature=row.signature,
        act_time=row.act_time,
    )
