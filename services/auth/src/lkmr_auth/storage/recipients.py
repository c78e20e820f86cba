"""People to be told by role and organisation; no name and no contact is read."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.usecases.people_ports import Audience, Recipient

_JOBS = """
  coalesce((SELECT array_agg(DISTINCT h.organization_id) FROM binding h
    WHERE h.person_id = p.id AND h.end_time IS NULL), '{}') AS organizations,
  coalesce((SELECT min(o.oid) FROM binding h JOIN organization o ON o.id = h.organization_id
    WHERE h.person_id = p.id AND h.end_time IS NULL), '') AS oid
"""
# As for profiles: it counts while the giver holds the role and the delegate works there.
_COUNTS = """
  d.revoke_time IS NULL AND d.start_date <= :day AND d.end_date >= :day
  AND EXISTS (SELECT FROM binding e WHERE e.person_id = d.delegate_id
    AND e.organization_id = d.organization_id AND e.end_time IS NULL)
"""
_EVERYBODY = sa.text(f"""
SELECT p.id, false AS deputy, {_JOBS} FROM person p
 WHERE p.id > :after AND p.state <> 'ERASED' AND (CAST(:person AS uuid) IS NULL OR p.id = :person)
 ORDER BY p.id LIMIT :limit
""")  # noqa: S608 - built of constants
_FIND = f"SELECT p.id, false AS deputy, {_JOBS} FROM person p"  # noqa: S608 - built of constants
_BY_ID = sa.text(_FIND + " WHERE p.id = :person AND p.state <> 'ERASED'")
_BY_WORKER = sa.text(_FIND + " WHERE p.worker_id = :worker")
_BOUND = sa.text(f"""
SELECT p.id, p.deputy, {_JOBS} FROM (
  SELECT id, bool_and(deputy) AS deputy FROM (
    (SELECT DISTINCT b.person_id AS id, false AS deputy FROM binding b
      WHERE b.end_time IS NULL AND b.person_id > :after
        AND (CAST(:person AS uuid) IS NULL OR b.person_id = :person)
        AND (cardinality(CAST(:roles AS text[])) = 0 OR b.role = ANY(CAST(:roles AS text[])))
        AND (cardinality(CAST(:organizations AS text[])) = 0
             OR b.organization_id = ANY(CAST(:organizations AS text[])))
      ORDER BY b.person_id LIMIT :limit)
    UNION ALL
    SELECT d.delegate_id, true FROM delegation d
      JOIN binding g ON g.person_id = d.person_id AND g.organization_id = d.organization_id
                    AND g.role = d.role AND g.end_time IS NULL
     WHERE d.role = ANY(CAST(:roles AS text[])) AND d.delegate_id > :after
       AND (CAST(:person AS uuid) IS NULL OR d.delegate_id = :person)
       AND (cardinality(CAST(:organizations AS text[])) = 0
            OR d.organization_id = ANY(CAST(:organizations AS text[])))
       AND {_COUNTS}) told
   GROUP BY id ORDER BY id LIMIT :limit) p ORDER BY p.id
""")  # noqa: S608 - built of constants
# The head of a head of department is the head of the organisation.
_COLLEAGUES = sa.text(f"""
SELECT p.id, p.deputy, {_JOBS} FROM (
  SELECT told.id, bool_and(told.deputy) AS deputy FROM person w
    JOIN binding own ON own.person_id = w.id AND own.end_time IS NULL
    JOIN binding b ON b.organization_id = own.organization_id AND b.end_time IS NULL
    CROSS JOIN LATERAL (
      SELECT b.person_id AS id, false AS deputy
      UNION ALL
      SELECT d.delegate_id, true FROM delegation d
       WHERE d.person_id = b.person_id AND d.organization_id = b.organization_id
         AND d.role = b.role AND {_COUNTS}) told
   WHERE w.worker_id = :colleague AND b.person_id <> w.id AND told.id <> w.id AND told.id > :after
     AND (b.role = ANY(CAST(:roles AS text[]))
            AND (b.role <> 'HEAD_DEPT' OR b.department = own.department)
          OR b.role = 'HEAD_ORG' AND own.role = 'HEAD_DEPT'
            AND 'HEAD_DEPT' = ANY(CAST(:roles AS text[])))
   GROUP BY told.id ORDER BY told.id LIMIT :limit) p ORDER BY p.id
""")  # noqa: S608 - built of constants


class StoredRecipients:
    """The port `Recipients`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(self, audience: Audience, after: uuid.UUID, limit: int) -> list[Recipient]:
        values: dict[str, object] = {"after": after, "limit": limit}
        if audience.colleague:
            statement = _COLLEAGUES
            values |= {
                "colleague": audience.colleague,
                "roles": list(audience.roles),
                "day": audience.day,
            }
        elif audience.roles or audience.organizations:
            statement = _BOUND
            values |= {
                "person": audience.person,
                "roles": list(audience.roles),
                "organizations": list(audience.organizations),
                "day": audience.day,
            }
        else:
            statement = _EVERYBODY
            values |= {"person": audience.person}
        rows = await self._connection.execute(statement, values)
        return [_recipient(row) for row in rows]

    async def find(self, person: uuid.UUID) -> Recipient | None:
        return await self._one(_BY_ID, {"person": person})

    async def find_by_worker(self, worker: str) -> Recipient | None:
        return await self._one(_BY_WORKER, {"worker": worker})

    async def _one(self, statement: sa.TextClause, values: dict[str, object]) -> Recipient | None:
        row = (await self._connection.execute(statement, values)).first()
        return _recipient(row) if row is not None else None


def _recipient(row: Row[Any]) -> Recipient:
    return Recipient(row.id, tuple(row.organizations), row.oid, row.deputy)
