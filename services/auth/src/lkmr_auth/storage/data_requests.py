"""Requests about personal data; what was written is sealed under the key of the person."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_access.erasure import Scope
from lkmr_auth.domain.data_request import DataRequest, Outcome, RequestKind, RequestStage
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.rights import Reach
from lkmr_auth.storage.seal import Seals, open_text, seal_text
from lkmr_servicekit.personal import Personal

_COLUMNS = (
    "SELECT id, number, person_id, organization_id, kind, event_id, state, text, create_time,"
    " due_date, extend_reason, officer_id, answer, outcome, answer_time, scope FROM data_request"
)
_OWN = sa.text(_COLUMNS + " WHERE person_id = :person ORDER BY create_time DESC, id LIMIT 200")
_PAGE = sa.text(
    _COLUMNS + " WHERE :everywhere OR organization_id = :own"
    " ORDER BY state = 'ANSWERED', due_date, id LIMIT :limit"
)
_GET = sa.text(_COLUMNS + " WHERE id = :id FOR UPDATE")
_ADD = sa.text(
    "INSERT INTO data_request (id, person_id, organization_id, kind, event_id, state, text,"
    " create_time, due_date, scope) VALUES (:id, :person, :organization, :kind, :event, :state,"
    " :text, :now, :due, :scope) ON CONFLICT DO NOTHING"
)
_SAVE = sa.text(
    "UPDATE data_request SET state = :state, due_date = :due, extend_reason = :extend,"
    " officer_id = :officer, answer = :answer, outcome = :outcome, answer_time = :answered"
    " WHERE id = :id"
)


class StoredDataRequests:
    """The port `DataRequests` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def add(self, request: DataRequest) -> None:
        values = {
            "id": request.id,
            "person": request.person_id,
            "organization": request.organization_id,
            "kind": request.kind.value,
            "event": request.event_id,
            "state": request.state.value,
            "text": await self._sealed(request, "text", request.text),
            "now": request.create_time,
            "due": request.due_date,
            "scope": request.scope.value if request.scope else "",
        }
        await self._connection.execute(_ADD, values)

    async def find(self, identity: uuid.UUID) -> DataRequest | None:
        row = (await self._connection.execute(_GET, {"id": identity})).first()
        return await self._request(row) if row is not None else None

    async def save(self, request: DataRequest) -> None:
        values = {
            "id": request.id,
            "state": request.state.value,
            "due": request.due_date,
            "extend": await self._sealed(request, "extend_reason", request.extend_reason),
            "officer": request.officer_id,
            "answer": await self._sealed(request, "answer", request.answer),
            "outcome": request.outcome.value if request.outcome else "",
            "answered": request.answer_time,
        }
        await self._connection.execute(_SAVE, values)

    async def list_of(self, person: PersonId) -> tuple[DataRequest, ...]:
        rows = (await self._connection.execute(_OWN, {"person": person})).all()
        return tuple([await self._request(row) for row in rows])

    async def page(self, reach: Reach, limit: int) -> tuple[DataRequest, ...]:
        values = {"everywhere": reach.everywhere, "own": reach.organization, "limit": limit}
        rows = (await self._connection.execute(_PAGE, values)).all()
        return tuple([await self._request(row) for row in rows])

    async def _sealed(self, request: DataRequest, column: str, text: str) -> bytes | None:
        if not text:
            return None
        key = await self._seals.of_person(request.person_id)
        return seal_text(key, Personal(text), "data_request", column, str(request.id))

    async def _request(self, row: Row[Any]) -> DataRequest:
        key, place = await self._seals.of_person(row.person_id), str(row.id)

        def opened(column: str) -> str:
            return open_text(key, getattr(row, column), "data_request", column, place).open()

        return DataRequest(
            id=row.id,
            number=row.number,
            person_id=PersonId(row.person_id),
            organization_id=row.organization_id,
            kind=RequestKind(row.kind),
            event_id=row.event_id,
            state=RequestStage(row.state),
            text=opened("text"),
            create_time=row.create_time,
            due_date=row.due_date,
            extend_reason=opened("extend_reason"),
            officer_id=PersonId(row.officer_id) if row.officer_id else None,
            answer=opened("answer"),
            outcome=Outcome(row.outcome) if row.outcome else None,
            answer_time=row.answer_time,
            scope=Scope(row.scope) if row.scope else None,
        )
