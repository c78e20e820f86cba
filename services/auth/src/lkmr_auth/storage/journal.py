"""The audit journal: rows are added and read, never changed."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.audit import SIGN_IN, AuditEntry, Result
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.sign_in_history import SignInNote
from lkmr_auth.storage.seal import Seals, open_text, seal_text
from lkmr_servicekit.telemetry import current_trace

SOURCE = "auth"

_ADD = sa.text(
    "INSERT INTO audit_entry (event_id, source, time, actor, on_behalf_of, roles, organization,"
    " operation, object, result, reason, purpose, basis, session, trace_id, address, device)"
    " VALUES (:id, :source, :time, :actor, '', :roles, :organization, :operation, :object,"
    " :result, :reason, '', '', :session, :trace, :address, :device)"
).bindparams(sa.bindparam("roles", type_=sa.ARRAY(sa.Text)))
_SIGN_INS = sa.text(
    "SELECT event_id, time, result, reason, device, address FROM audit_entry"
    " WHERE actor = :actor AND operation = :operation ORDER BY seq DESC LIMIT :limit"
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
            address = seal_text(key, entry.address, "audit_entry", "address", str(event_id))
        trace = current_trace()
        await self._connection.execute(
            _ADD,
            {
                "id": event_id,
                "source": SOURCE,
                "time": now,
                "actor": f"persons/{entry.actor}" if entry.actor else "",
                "roles": list(entry.roles),
                "organization": entry.organization,
                "operation": entry.operation,
                "object": entry.object,
                "result": entry.result.value,
                "reason": entry.reason,
                "session": entry.session,
                "trace": entry.trace_id or (trace.trace_id if trace else ""),
                "address": address,
                "device": entry.device,
            },
        )

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
                address=open_text(key, row.address, "audit_entry", "address", str(row.event_id)),
            )
            for row in rows
        )
