"""Roles of people, who gave and took them, and requests for roles."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.errors import RoleHeldAlready, RoleRequestPending
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_auth.domain.rights import (
    BindingSource,
    HeldRole,
    Reach,
    RequestState,
    RoleRequest,
)
from lkmr_auth.storage.seal import Seals, open_text, seal_text
from lkmr_servicekit.personal import Personal

_ROLES = (
    "SELECT b.id AS binding_id, b.person_id, b.role, b.position, b.department, b.source,"
    " b.start_time, o.id, o.oid, o.name, o.short_name"
    " FROM binding b JOIN organization o ON o.id = b.organization_id WHERE b.end_time IS NULL"
)
_OF_PERSON = sa.text(_ROLES + " AND b.person_id = :person ORDER BY o.id, b.role")
_BY_ID = sa.text(_ROLES + " AND b.id = :id")
_ADD = sa.text(
    "INSERT INTO binding (id, person_id, organization_id, role, position, department, start_time,"
    " source) VALUES (:id, :person, :organization, :role, :position, :department, :now, :source)"
    " ON CONFLICT (person_id, organization_id, role) WHERE end_time IS NULL DO NOTHING RETURNING id"
)
_END = sa.text(
    "UPDATE binding SET end_time = :now, end_reason = :reason"
    " WHERE id = :id AND end_time IS NULL RETURNING id"
)
_LAST_END = sa.text(
    "SELECT end_reason, end_time FROM binding WHERE person_id = :person"
    " AND organization_id = :organization AND role = :role AND end_time IS NOT NULL"
    " ORDER BY end_time DESC LIMIT 1"
)
_ORGANIZATION = sa.text("SELECT id, oid, name, short_name FROM organization WHERE id = :id")
_BY_OID = sa.text("SELECT id, oid, name, short_name FROM organization WHERE oid = :oid")
_ORGANIZATIONS = sa.text(
    "SELECT id, oid, name, short_name FROM organization WHERE :everywhere OR id = :own"
    " ORDER BY name LIMIT 500"
)
_REQUEST = (
    "SELECT id, person_id, organization_id, role, position, department, reason, state,"
    " requester_id, create_time, decider_id, decide_time FROM role_request"
)
_GET_REQUEST = sa.text(_REQUEST + " WHERE id = :id FOR UPDATE")
_LIST_REQUESTS = sa.text(
    _REQUEST + " WHERE (:everywhere OR organization_id = :own)"
    " AND (:state = '' OR state = :state) ORDER BY create_time DESC LIMIT :limit"
)
_ADD_REQUEST = sa.text(
    "INSERT INTO role_request (id, person_id, organization_id, role, position, department, reason,"
    " state, requester_id, create_time) VALUES (:id, :person, :organization, :role, :position,"
    " :department, :reason, 'PENDING', :requester, :now)"
)
_DECIDE = sa.text(
    "UPDATE role_request SET state = :state, decider_id = :decider, decide_time = :now"
    " WHERE id = :id AND state = 'PENDING'"
)


class StoredRights:
    """The port `Rights` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def list_roles(self, person_id: PersonId) -> tuple[HeldRole, ...]:
        rows = await self._connection.execute(_OF_PERSON, {"person": person_id})
        return tuple(_held(row) for row in rows)

    async def find_role(self, binding_id: uuid.UUID) -> tuple[PersonId, HeldRole] | None:
        row = (await self._connection.execute(_BY_ID, {"id": binding_id})).first()
        return (PersonId(row.person_id), _held(row)) if row is not None else None

    async def add_role(
        self, person_id: PersonId, binding: Binding, source: BindingSource, now: datetime
    ) -> uuid.UUID:
        identity = uuid.uuid4()
        added = await self._connection.execute(
            _ADD,
            {
                "id": identity,
                "person": person_id,
                "organization": binding.organization.id,
                "role": binding.role,
                "position": binding.position,
                "department": binding.department,
                "now": now,
                "source": source.value,
            },
        )
        if added.first() is None:
            raise RoleHeldAlready
        return identity

    async def end_role(self, binding_id: uuid.UUID, reason: str, now: datetime) -> bool:
        values = {"id": binding_id, "reason": reason, "now": now}
        return (await self._connection.execute(_END, values)).first() is not None

    async def last_end(
        self, person_id: PersonId, organization: str, role: str
    ) -> tuple[str, datetime] | None:
        values = {"person": person_id, "organization": organization, "role": role}
        row = (await self._connection.execute(_LAST_END, values)).first()
        return (row.end_reason, row.end_time) if row is not None else None

    async def find_organization(self, identity: str) -> Organization | None:
        row = (await self._connection.execute(_ORGANIZATION, {"id": identity})).first()
        return _organization(row) if row is not None else None

    async def find_organization_by_oid(self, oid: str) -> Organization | None:
        row = (await self._connection.execute(_BY_OID, {"oid": oid})).first()
        return _organization(row) if row is not None else None

    async def list_organizations(self, reach: Reach) -> tuple[Organization, ...]:
        values = {"everywhere": reach.everywhere, "own": reach.organization}
        return tuple(
            _organization(row) for row in await self._connection.execute(_ORGANIZATIONS, values)
        )

    async def add_request(self, request: RoleRequest) -> None:
        key = await self._seals.of_person(request.person_id)
        reason = Personal(request.reason)
        values = {
            "id": request.id,
            "person": request.person_id,
            "organization": request.organization_id,
            "role": request.role,
            "position": request.position,
            "department": request.department,
            "reason": seal_text(key, reason, "role_request", "reason", str(request.id)),
            "requester": request.requester_id,
            "now": request.create_time,
        }
        try:
            await self._connection.execute(_ADD_REQUEST, values)
        except IntegrityError:
            raise RoleRequestPending from None

    async def get_request(self, identity: uuid.UUID) -> RoleRequest | None:
        row = (await self._connection.execute(_GET_REQUEST, {"id": identity})).first()
        return await self._request(row) if row is not None else None

    async def list_requests(self, reach: Reach, state: str, limit: int) -> tuple[RoleRequest, ...]:
        values = {
            "everywhere": reach.everywhere,
            "own": reach.organization,
            "state": state,
            "limit": limit,
        }
        rows = (await self._connection.execute(_LIST_REQUESTS, values)).all()
        return tuple([await self._request(row) for row in rows])

    async def decide_request(
        self, identity: uuid.UUID, state: RequestState, decider: PersonId, now: datetime
    ) -> None:
        values = {"id": identity, "state": state.value, "decider": decider, "now": now}
        await self._connection.execute(_DECIDE, values)

    async def _request(self, row: Row[Any]) -> RoleRequest:
        key = await self._seals.of_person(row.person_id)
        reason = open_text(key, row.reason, "role_request", "reason", str(row.id))
        return RoleRequest(
            id=row.id,
            person_id=PersonId(row.person_id),
            organization_id=row.organization_id,
            role=row.role,
            position=row.position,
            department=row.department,
            reason=reason.open(),
            state=RequestState(row.state),
            requester_id=PersonId(row.requester_id),
            create_time=row.create_time,
            decider_id=PersonId(row.decider_id) if row.decider_id else None,
            decide_time=row.decide_time,
        )


def _organization(row: Row[Any]) -> Organization:
    return Organization(id=row.id, oid=row.oid, name=row.name, short_name=row.short_name)


def _held(row: Row[Any]) -> HeldRole:
    return HeldRole(
        id=row.binding_id,
        binding=Binding(
            organization=_organization(row),
            role=row.role,
            position=row.position,
            department=row.department,
        ),
        source=BindingSource(row.source),
        start_time=row.start_time,
    )
