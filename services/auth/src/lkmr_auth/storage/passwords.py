"""Passwords of the cabinet."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.password import CabinetPassword, wait_after
from lkmr_auth.domain.person import PersonId

_FIND = sa.text(
    "SELECT password_hash, tries, wait_time, set_time FROM cabinet_password WHERE person_id = :id"
)
_ATTEMPT = sa.text(
    "UPDATE cabinet_password SET tries = tries + 1 WHERE person_id = :id"
    " AND (wait_time IS NULL OR wait_time <= :now)"
    " RETURNING password_hash, tries, wait_time, set_time"
)
_WAIT = sa.text("UPDATE cabinet_password SET wait_time = :wait WHERE person_id = :id")
_FORGIVE = sa.text("UPDATE cabinet_password SET tries = 0, wait_time = NULL WHERE person_id = :id")
_SAVE = sa.text(
    "INSERT INTO cabinet_password (person_id, password_hash, set_time) VALUES (:id, :hash, :now)"
    " ON CONFLICT (person_id) DO UPDATE SET password_hash = excluded.password_hash,"
    " set_time = excluded.set_time, tries = 0, wait_time = NULL"
)


class StoredPasswords:
    """The port `Passwords` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, person_id: PersonId) -> CabinetPassword | None:
        return await self._one(_FIND, {"id": person_id}, person_id)

    async def take_attempt(self, person_id: PersonId, now: datetime) -> CabinetPassword | None:
        taken = await self._one(_ATTEMPT, {"id": person_id, "now": now}, person_id)
        if taken is not None and (wait := wait_after(taken.tries)):
            await self._connection.execute(_WAIT, {"id": person_id, "wait": now + wait})
        return taken

    async def forgive(self, person_id: PersonId) -> None:
        await self._connection.execute(_FORGIVE, {"id": person_id})

    async def save(self, person_id: PersonId, password_hash: str, now: datetime) -> None:
        values = {"id": person_id, "hash": password_hash, "now": now}
        await self._connection.execute(_SAVE, values)

    async def _one(
        self, statement: sa.TextClause, values: dict[str, object], person_id: PersonId
    ) -> CabinetPassword | None:
        row = (await self._connection.execute(statement, values)).first()
        if row is None:
            return None
        return CabinetPassword(
            person_id=person_id,
            password_hash=row.password_hash,
            tries=row.tries,
            wait_time=row.wait_time,
            set_time=row.set_time,
        )
