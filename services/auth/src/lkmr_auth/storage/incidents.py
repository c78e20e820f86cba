"""Incidents, leak reports, and what rules look at in the journal."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.incident import Incident, IncidentState, LeakReport
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.rights import Reach
from lkmr_auth.domain.suspicion import Severity, WatchedAct
from lkmr_auth.storage.seal import Seals, open_fields, open_text, seal_fields, seal_text
from lkmr_servicekit.personal import Personal

_PLACE = ("incident", "resolution")
_ADD = sa.text(
    "INSERT INTO incident (id, kind, severity, state, person_id, organization_id, session, facts,"
    " detect_time) VALUES (:id, :kind, :severity, :state, :person, :organization, :session, :facts,"
    " :time)"
).bindparams(sa.bindparam("facts", type_=JSONB))
_COLUMNS = (
    "SELECT id, number, kind, severity, state, person_id, organization_id, session, facts,"
    " detect_time, assignee_id, close_time, resolution FROM incident"
)
_LIST = sa.text(
    _COLUMNS + " WHERE (:everywhere OR organization_id = :own)"
    " AND (:state = '' OR state = :state) ORDER BY detect_time DESC, id LIMIT :limit"
)
_GET = sa.text(_COLUMNS + " WHERE id = :id FOR UPDATE")
_SAVE = sa.text(
    "UPDATE incident SET state = :state, assignee_id = :assignee, close_time = :closed,"
    " resolution = :resolution WHERE id = :id"
)
_KNOWN = sa.text("SELECT EXISTS (SELECT 1 FROM incident WHERE session = :session AND kind = :kind)")
_ADD_LEAK = sa.text(
    "INSERT INTO leak_report (incident_id, discover_time, notice_due_time, result_due_time,"
    " content) VALUES (:id, :discovered, :notice_due, :result_due, :content)"
)
_SAVE_LEAK = sa.text(
    "UPDATE leak_report SET notice_time = :notice, result_time = :result, content = :content"
    " WHERE incident_id = :id"
)
_GET_LEAK = sa.text(
    "SELECT incident_id, discover_time, notice_time, result_time, content FROM leak_report"
    " WHERE incident_id = :id FOR UPDATE"
)
_HEAD = sa.text("SELECT seq FROM journal_head")
_SINCE = sa.text("SELECT min(seq) FROM journal_entry WHERE chain_time >= :since")
_ACTS = sa.text(
    "SELECT seq, time, session, organization, operation, object, result, reason FROM journal_entry"
    " WHERE seq > :after AND seq <= :head"
    " AND (result = 'DENIED' OR operation = 'session.start' OR operation = ANY(:operations))"
    " ORDER BY seq"
).bindparams(sa.bindparam("operations", type_=sa.ARRAY(sa.Text)))


class StoredIncidents:
    """The port `Incidents` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def add(self, incident: Incident) -> None:
        await self._connection.execute(
            _ADD,
            {
                "id": incident.id,
                "kind": incident.kind,
                "severity": incident.severity.value,
                "state": incident.state.value,
                "person": incident.person_id,
                "organization": incident.organization,
                "session": incident.session,
                "facts": dict(incident.facts),
                "time": incident.detect_time,
            },
        )

    async def is_known(self, session: str, kind: str) -> bool:
        values = {"session": session, "kind": kind}
        return bool((await self._connection.execute(_KNOWN, values)).scalar_one())

    async def page(self, reach: Reach, state: str, limit: int) -> tuple[Incident, ...]:
        values = {
            "everywhere": reach.everywhere,
            "own": reach.organization,
            "state": state,
            "limit": limit,
        }
        rows = (await self._connection.execute(_LIST, values)).all()
        return tuple([await self._incident(row) for row in rows])

    async def find(self, identity: uuid.UUID) -> Incident | None:
        row = (await self._connection.execute(_GET, {"id": identity})).first()
        return await self._incident(row) if row is not None else None

    async def save(self, incident: Incident) -> None:
        sealed = None
        if incident.resolution:
            key = await self._seals.of_journal()
            sealed = seal_text(key, Personal(incident.resolution), *_PLACE, str(incident.id))
        values = {
            "id": incident.id,
            "state": incident.state.value,
            "assignee": incident.assignee_id,
            "closed": incident.close_time,
            "resolution": sealed,
        }
        await self._connection.execute(_SAVE, values)

    async def add_leak(self, report: LeakReport) -> None:
        values = {
            "id": report.incident_id,
            "discovered": report.discover_time,
            "notice_due": report.notice_due_time,
            "result_due": report.result_due_time,
            "content": await self._sealed(report),
        }
        await self._connection.execute(_ADD_LEAK, values)

    async def save_leak(self, report: LeakReport) -> None:
        values = {
            "id": report.incident_id,
            "notice": report.notice_time,
            "result": report.result_time,
            "content": await self._sealed(report),
        }
        await self._connection.execute(_SAVE_LEAK, values)

    async def find_leak(self, identity: uuid.UUID) -> LeakReport | None:
        row = (await self._connection.execute(_GET_LEAK, {"id": identity})).first()
        if row is None:
            return None
        key = await self._seals.of_journal()
        return LeakReport(
            incident_id=row.incident_id,
            discover_time=row.discover_time,
            notice_time=row.notice_time,
            result_time=row.result_time,
            content=open_fields(key, row.content, "leak_report", "content", str(row.incident_id)),
        )

    async def journal_head(self) -> int:
        return int((await self._connection.execute(_HEAD)).scalar_one())

    async def first_act_since(self, since: datetime) -> int | None:
        found = (await self._connection.execute(_SINCE, {"since": since})).scalar_one()
        return int(found) if found is not None else None

    async def acts(
        self, after: int, head: int, operations: Iterable[str]
    ) -> tuple[WatchedAct, ...]:
        values = {"after": after, "head": head, "operations": sorted(operations)}
        rows = await self._connection.execute(_ACTS, values)
        return tuple(
            WatchedAct(
                number=row.seq,
                time=row.time,
                session=row.session,
                organization=row.organization,
                operation=row.operation,
                object=row.object,
                result=row.result,
                reason=row.reason,
            )
            for row in rows
        )

    async def _sealed(self, report: LeakReport) -> bytes:
        key, place = await self._seals.of_journal(), str(report.incident_id)
        return seal_fields(key, dict(report.content), "leak_report", "content", place)

    async def _incident(self, row: Row[Any]) -> Incident:
        resolution = ""
        if row.resolution is not None:
            key = await self._seals.of_journal()
            resolution = open_text(key, row.resolution, *_PLACE, str(row.id)).open()
        return Incident(
            id=row.id,
            number=row.number,
            kind=row.kind,
            severity=Severity(row.severity),
            state=IncidentState(row.state),
            person_id=PersonId(row.person_id) if row.person_id else None,
            organization=row.organization_id,
            session=row.session,
            facts=row.facts,
            detect_time=row.detect_time,
            assignee_id=PersonId(row.assignee_id) if row.assignee_id else None,
            close_time=row.close_time,
            resolution=resolution,
        )
