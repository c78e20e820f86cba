"""What goes into the journal waits in `journal_pending` until it is chained: storage/chain.py."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.audit import SIGN_IN, AuditEntry, Result, act_of
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.sign_in_history import SignInNote
from lkmr_auth.storage.seal import Seals, open_text, seal_text, sealed_by
from lkmr_auth.storage.tables import journal_pending
from lkmr_servicekit.audit import Act, apart
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.telemetry import current_trace

SOURCE = "auth"
CONSUMER = "journal"
_PLACE = ("audit_entry", "address")

_CLAIM = sa.text(
    "INSERT INTO inbox (consumer, event_id, receive_time)"
    " SELECT :consumer, unnest(CAST(:ids AS uuid[])), :now ON CONFLICT DO NOTHING"
    " RETURNING event_id"
)
_SIGN_INS = sa.text(
    "SELECT * FROM ("
    " (SELECT event_id, time, result, reason, device, address, 1 AS late, id AS place"
    "  FROM journal_pending WHERE actor = :actor AND operation = :operation"
    "  ORDER BY id DESC LIMIT :limit)"
    " UNION ALL"
    " (SELECT event_id, time, result, reason, device, address, 0 AS late, seq AS place"
    "  FROM journal_entry WHERE actor = :actor AND operation = :operation"
    "  ORDER BY seq DESC LIMIT :limit)) AS notes ORDER BY late DESC, place DESC LIMIT :limit"
)


class StoredJournal:
    """The port `Journal` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def add(self, entry: AuditEntry, now: datetime) -> None:
        event_id = uuid.uuid4()
        address = None
        if entry.address is not None and entry.address.open():
            key = await (
                self._seals.of_person(entry.actor) if entry.actor else self._seals.of_journal()
            )
            address = seal_text(key, entry.address, *_PLACE, str(event_id))
        act = replace(with_trace(act_of(entry)), time=now)
        await _wait(
            self._connection, [Reported(event_id=event_id, source=SOURCE, act=act, address=address)]
        )

    async def record(self, acts: Sequence[Reported], now: datetime) -> None:
        ids = {one.event_id: one for one in acts}
        fresh = await self._connection.execute(
            _CLAIM, {"consumer": CONSUMER, "ids": list(ids), "now": now}
        )
        new = set(fresh.scalars())
        await _wait(self._connection, [one for key, one in ids.items() if key in new])

    async def list_sign_ins(self, person_id: PersonId, limit: int) -> tuple[SignInNote, ...]:
        values = {"actor": f"persons/{person_id}", "operation": SIGN_IN, "limit": limit}
        rows = (await self._connection.execute(_SIGN_INS, values)).all()
        key = await self._seals.of_person(person_id)
        return tuple(
            SignInNote(
                time=row.time,
                result=Result(row.result),
                reason=row.reason,
                device=row.device,
                address=open_text(
                    key,
                    row.address if sealed_by(key, row.address) else None,
                    *_PLACE,
                    str(row.event_id),
                ),
            )
            for row in rows
        )


class OwnJournal:
    """Acts of auth itself: `lkmr_servicekit.audit.Journal` without a way over the wire."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def write(self, connection: AsyncConnection, act: Act) -> None:
        act = replace(with_trace(act), time=act.time or self._clock.now())
        await _wait(connection, [Reported(event_id=uuid.uuid4(), source=SOURCE, act=act)])

    async def write_alone(self, act: Act) -> None:
        with apart():
            async with UnitOfWork(self._database) as uow:
                await self.write(uow.connection, act)
                await uow.commit()


def with_trace(act: Act) -> Act:
    """The act with the trace of the running work, unless it has one."""
    trace = current_trace()
    return replace(act, trace_id=trace.trace_id) if trace and not act.trace_id else act


async def _wait(connection: AsyncConnection, acts: Sequence[Reported]) -> None:
    if acts:
        await connection.execute(sa.insert(journal_pending), [_values(one) for one in acts])


def _values(reported: Reported) -> dict[str, object]:
    act = reported.act
    values: dict[str, object] = {name: getattr(act, name) for name in Act.__dataclass_fields__}
    return values | {
        "event_id": reported.event_id,
        "source": reported.source,
        "address": reported.address,
        "roles": list(act.roles),
        "result": act.result.value,
    }
