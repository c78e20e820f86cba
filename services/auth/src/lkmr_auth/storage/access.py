"""Delegations, emergency accesses, decisions about policies."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.delegation import Delegation
from lkmr_auth.domain.emergency import EmergencyAccess, ReviewResult
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.policy import PolicyDecision
from lkmr_auth.domain.rights import Reach
from lkmr_auth.storage.seal import Seals, open_text, seal_text
from lkmr_servicekit.personal import Personal

_DELEGATION = (
    "SELECT id, person_id, delegate_id, organization_id, role, start_date, end_date, create_time,"
    " revoke_time FROM delegation"
)
_GIVEN_TO = sa.text(
    _DELEGATION + " WHERE delegate_id = :person AND end_date >= :day AND start_date <= :day"
    " AND revoke_time IS NULL ORDER BY create_time, id"
)
_OF_BOTH = sa.text(
    _DELEGATION + " WHERE (person_id = :person OR delegate_id = :person) AND end_date >= :since"
    " ORDER BY create_time DESC, id LIMIT 100"
)
_OVERLAPS = sa.text(
    "SELECT EXISTS (SELECT FROM delegation WHERE delegate_id = :delegate AND revoke_time IS NULL"
    " AND organization_id = :organization AND role = :role"
    " AND start_date <= :last AND end_date >= :first)"
)
_ADD_DELEGATION = sa.text(
    "INSERT INTO delegation (id, person_id, delegate_id, organization_id, role, section, operation,"
    " start_date, end_date, create_time)"
    " VALUES (:id, :person, :delegate, :organization, :role, '*', 'A', :first, :last, :now)"
)
_GET_DELEGATION = sa.text(_DELEGATION + " WHERE id = :id FOR UPDATE")
_REVOKE = sa.text("UPDATE delegation SET revoke_time = :now WHERE id = :id AND revoke_time IS NULL")
_EMERGENCY = (
    "SELECT id, person_id, organization_id, role, session, object, reason_code, reason, start_time,"
    " expire_time, end_time, review_due_date, reviewer_id, review_time, review_result"
    " FROM emergency_access"
)
_ADD_EMERGENCY = sa.text(
    "INSERT INTO emergency_access (id, person_id, organization_id, role, session, object,"
    " reason_code, reason, start_time, expire_time, review_due_date) VALUES (:id, :person,"
    " :organization, :role, :session, :object, :code, :reason, :start, :expire, :due)"
)
_GET_EMERGENCY = sa.text(_EMERGENCY + " WHERE id = :id FOR UPDATE")
_SAVE_EMERGENCY = sa.text(
    "UPDATE emergency_access SET end_time = :end, reviewer_id = :reviewer, review_time = :reviewed,"
    " review_result = :result WHERE id = :id"
)
_OPEN = sa.text(
    _EMERGENCY + " WHERE person_id = :person AND expire_time > :now AND end_time IS NULL"
    " ORDER BY expire_time"
)
_OWN = sa.text(_EMERGENCY + " WHERE person_id = :person ORDER BY start_time DESC LIMIT :limit")
_PAGE = sa.text(
    _EMERGENCY + " WHERE :everywhere OR organization_id = :own"
    " ORDER BY review_time IS NOT NULL, start_time DESC LIMIT :limit"
)
_POLICIES = sa.text(
    "SELECT id, key, value, effective_date, update_time, updated_by, reason, organization_id"
    " FROM policy"
    " ORDER BY update_time DESC, id LIMIT 1000"
)
_DECIDE = sa.text(
    "INSERT INTO policy"
    " (id, key, value, effective_date, update_time, updated_by, reason, organization_id)"
    " VALUES (:id, :key, :value, :day, :now, :who, :reason, :organization)"
)


class StoredDelegations:
    """The port `Delegations` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def given_to(self, delegate: PersonId, day: date) -> tuple[Delegation, ...]:
        rows = await self._connection.execute(_GIVEN_TO, {"person": delegate, "day": day})
        return tuple(_delegation(row) for row in rows)

    async def list_of(self, person: PersonId, since: date) -> tuple[Delegation, ...]:
        rows = await self._connection.execute(_OF_BOTH, {"person": person, "since": since})
        return tuple(_delegation(row) for row in rows)

    async def overlapping(self, wanted: Delegation) -> bool:
        values = {
            "delegate": wanted.delegate_id,
            "organization": wanted.organization_id,
            "role": wanted.role,
            "first": wanted.start_date,
            "last": wanted.end_date,
        }
        return bool((await self._connection.execute(_OVERLAPS, values)).scalar_one())

    async def add(self, delegation: Delegation) -> None:
        values = {
            "id": delegation.id,
            "person": delegation.person_id,
            "delegate": delegation.delegate_id,
            "organization": delegation.organization_id,
            "role": delegation.role,
            "first": delegation.start_date,
            "last": delegation.end_date,
            "now": delegation.create_time,
        }
        await self._connection.execute(_ADD_DELEGATION, values)

    async def find(self, identity: uuid.UUID) -> Delegation | None:
        row = (await self._connection.execute(_GET_DELEGATION, {"id": identity})).first()
        return _delegation(row) if row is not None else None

    async def revoke(self, identity: uuid.UUID, now: datetime) -> None:
        await self._connection.execute(_REVOKE, {"id": identity, "now": now})


class StoredEmergencies:
    """The port `Emergencies` over PostgreSQL; the reason in words is sealed."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def add(self, access: EmergencyAccess) -> None:
        key = await self._seals.of_person(access.person_id)
        place = ("emergency_access", "reason", str(access.id))
        values = {
            "id": access.id,
            "person": access.person_id,
            "organization": access.organization_id,
            "role": access.role,
            "session": access.session,
            "object": access.object,
            "code": access.reason_code,
            "reason": seal_text(key, Personal(access.reason), *place),
            "start": access.start_time,
            "expire": access.expire_time,
            "due": access.review_due_date,
        }
        await self._connection.execute(_ADD_EMERGENCY, values)

    async def find(self, identity: uuid.UUID) -> EmergencyAccess | None:
        row = (await self._connection.execute(_GET_EMERGENCY, {"id": identity})).first()
        return await self._access(row) if row is not None else None

    async def save(self, access: EmergencyAccess) -> None:
        values = {
            "id": access.id,
            "end": access.end_time,
            "reviewer": access.reviewer_id,
            "reviewed": access.review_time,
            "result": access.review_result.value if access.review_result else "",
        }
        await self._connection.execute(_SAVE_EMERGENCY, values)

    async def open_of(self, person: PersonId, now: datetime) -> tuple[EmergencyAccess, ...]:
        return await self._many(_OPEN, {"person": person, "now": now})

    async def list_of(self, person: PersonId, limit: int) -> tuple[EmergencyAccess, ...]:
        return await self._many(_OWN, {"person": person, "limit": limit})

    async def page(self, reach: Reach, limit: int) -> tuple[EmergencyAccess, ...]:
        values = {"everywhere": reach.everywhere, "own": reach.organization, "limit": limit}
        return await self._many(_PAGE, values)

    async def _many(
        self, statement: sa.TextClause, values: dict[str, Any]
    ) -> tuple[EmergencyAccess, ...]:
        rows = (await self._connection.execute(statement, values)).all()
        return tuple([await self._access(row) for row in rows])

    async def _access(self, row: Row[Any]) -> EmergencyAccess:
        key = await self._seals.of_person(row.person_id)
        reason = open_text(key, row.reason, "emergency_access", "reason", str(row.id))
        return EmergencyAccess(
            id=row.id,
            person_id=PersonId(row.person_id),
            organization_id=row.organization_id,
            role=row.role,
            session=row.session,
            object=row.object,
            reason_code=row.reason_code,
            reason=reason.open(),
            start_time=row.start_time,
            expire_time=row.expire_time,
            end_time=row.end_time,
            review_due_date=row.review_due_date,
            reviewer_id=PersonId(row.reviewer_id) if row.reviewer_id else None,
            review_time=row.review_time,
            review_result=ReviewResult(row.review_result) if row.review_result else None,
        )


class StoredPolicyBook:
    """The port `PolicyBook` over PostgreSQL; reasons are sealed under the key of who decided."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def list(self) -> tuple[PolicyDecision, ...]:
        rows = (await self._connection.execute(_POLICIES)).all()
        return tuple([await self._decision(row) for row in rows])

    async def add(self, decision: PolicyDecision) -> None:
        identity = uuid.uuid4()
        key = await self._seals.of_person(decision.decider_id)
        place = ("policy", "reason", str(identity))
        values = {
            "id": identity,
            "key": decision.key,
            "value": decision.value,
            "day": decision.effective_date,
            "now": decision.decide_time,
            "who": decision.decider_id,
            "reason": seal_text(key, Personal(decision.reason), *place),
            "organization": decision.organization,
        }
        await self._connection.execute(_DECIDE, values)

    async def _decision(self, row: Row[Any]) -> PolicyDecision:
        key = await self._seals.of_person(row.updated_by)
        return PolicyDecision(
            key=row.key,
            value=row.value,
            effective_date=row.effective_date,
            decide_time=row.update_time,
            decider_id=PersonId(row.updated_by),
            reason=open_text(key, row.reason, "policy", "reason", str(row.id)).open(),
            organization=row.organization_id,
        )


def _delegation(row: Row[Any]) -> Delegation:
    return Delegation(
        id=row.id,
        person_id=PersonId(row.person_id),
        delegate_id=PersonId(row.delegate_id),
        organization_id=row.organization_id,
        role=row.role,
        start_date=row.start_date,
        end_date=row.end_date,
        create_time=row.create_time,
        revoke_time=row.revoke_time,
    )
