"""People to be told by role and organisation; no name and no contact is read."""

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.usecases.ports import Audience, Recipient

_JOBS = """
  coalesce((SELECT array_agg(DISTINCT h.organization_id) FROM binding h
    WHERE h.person_id = p.id AND h.end_time IS NULL), '{}') AS organizations,
  coalesce((SELECT min(o.oid) FROM binding h JOIN organization o ON o.id = h.organization_id
    WHERE h.person_id = p.id AND h.end_time IS NULL), '') AS oid
"""
_EVERYBODY = sa.text(f"""
SELECT p.id, {_JOBS} FROM person p
 WHERE p.id > :after AND (CAST(:person AS uuid) IS NULL OR p.id = :person)
 ORDER BY p.id LIMIT :limit
""")  # noqa: S608 - built of constants
_BOUND = sa.text(f"""
SELECT p.id, {_JOBS} FROM (
  SELECT DISTINCT b.person_id AS id FROM binding b
   WHERE b.end_time IS NULL AND b.person_id > :after
     AND (CAST(:person AS uuid) IS NULL OR b.person_id = :person)
     AND (cardinality(CAST(:roles AS text[])) = 0 OR b.role = ANY(CAST(:roles AS text[])))
     AND (cardinality(CAST(:organizations AS text[])) = 0
          OR b.organization_id = ANY(CAST(:organizations AS text[])))
   ORDER BY b.person_id LIMIT :limit) p ORDER BY p.id
""")  # noqa: S608 - built of constants
_COLLEAGUES = sa.text(f"""
SELECT p.id, {_JOBS} FROM (
  SELECT DISTINCT b.person_id AS id FROM person w
    JOIN binding own ON own.person_id = w.id AND own.end_time IS NULL
    JOIN binding b ON b.organization_id = own.organization_id AND b.end_time IS NULL
   WHERE w.worker_id = :colleague AND b.person_id <> w.id AND b.person_id > :after
     AND b.role = ANY(CAST(:roles AS text[]))
     AND (b.role <> 'HEAD_DEPT' OR b.department = own.department)
   ORDER BY b.person_id LIMIT :limit) p ORDER BY p.id
""")  # noqa: S608 - built of constants


class StoredRecipients:
    """The port `Recipients`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(self, audience: Audience, after: uuid.UUID, limit: int) -> list[Recipient]:
        values: dict[str, object] = {"after": after, "limit": limit}
        if audience.colleague:
            statement = _COLLEAGUES
            values |= {"colleague": audience.colleague, "roles": list(audience.roles)}
        elif audience.roles or audience.organizations:
            statement = _BOUND
            values |= {
                "person": audience.person,
                "roles": list(audience.roles),
                "organizations": list(audience.organizations),
            }
        else:
            statement = _EVERYBODY
            values |= {"person": audience.person}
        rows = await self._connection.execute(statement, values)
        return [Recipient(row.id, tuple(row.organizations), row.oid) for row in rows]
