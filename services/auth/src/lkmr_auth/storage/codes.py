"""One-time codes."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.code import MAX_ERRORS, OneTimeCode, Purpose
from lkmr_auth.domain.person import PersonId

_NAMES = (
    "id, person_id, code_hmac, tries, create_time, expire_time, consume_time, replace_time, purpose"
)
_RECENT = sa.text(
    f"SELECT {_NAMES} FROM one_time_code WHERE person_id = :person AND create_time > :since"  # noqa: S608 - names of columns
    " ORDER BY create_time DESC, replace_time DESC NULLS FIRST LIMIT 100"
)
_LAST = sa.text(
    f"SELECT {_NAMES} FROM one_time_code WHERE person_id = :person"  # noqa: S608 - same
    " ORDER BY create_time DESC, replace_time DESC NULLS FIRST LIMIT 1"
)
_REPLACE = sa.text(
    "UPDATE one_time_code SET replace_time = :now"
    " WHERE person_id = :person AND consume_time IS NULL AND replace_time IS NULL"
)
_ADD = sa.text(
    "INSERT INTO one_time_code (id, person_id, code_hmac, tries, create_time, expire_time, purpose)"
    " VALUES (:id, :person, :hmac, :tries, :now, :expire, :purpose)"
)
_ATTEMPT = sa.text(
    "UPDATE one_time_code SET tries = tries + 1"  # noqa: S608 - same
    " WHERE id = :id AND tries < :max AND consume_time IS NULL AND replace_time IS NULL"
    f" AND expire_time > :now RETURNING {_NAMES}"
)
_CONSUME = sa.text(
    "UPDATE one_time_code SET consume_time = :now"
    " WHERE id = :id AND consume_time IS NULL AND replace_time IS NULL RETURNING id"
)
_WITHDRAW = sa.text("UPDATE one_time_code SET replace_time = :now WHERE id = :id")
_FORGIVE = sa.text(
    "UPDATE one_time_code SET tries = 0, replace_time = :now"
    " WHERE person_id = :person AND consume_time IS NULL"
)


class StoredCodes:
    """The port `Codes` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find_last(self, person_id: PersonId) -> OneTimeCode | None:
        row = (await self._connection.execute(_LAST, {"person": person_id})).first()
        return _code(row) if row is not None else None

    async def list_recent(self, person_id: PersonId, since: datetime) -> tuple[OneTimeCode, ...]:
        values = {"person": person_id, "since": since}
        return tuple(_code(row) for row in await self._connection.execute(_RECENT, values))

    async def add(self, code: OneTimeCode) -> None:
        values = {"person": code.person_id, "now": code.create_time}
        await self._connection.execute(_REPLACE, values)
        more = {
            "id": code.id,
            "hmac": code.code_hmac,
            "tries": code.tries,
            "expire": code.expire_time,
            "purpose": code.purpose.value,
        }
        await self._connection.execute(_ADD, {**values, **more})

    async def take_attempt(self, code_id: uuid.UUID, now: datetime) -> OneTimeCode | None:
        values = {"id": code_id, "now": now, "max": MAX_ERRORS}
        row = (await self._connection.execute(_ATTEMPT, values)).first()
        return _code(row) if row is not None else None

    async def consume(self, code_id: uuid.UUID, now: datetime) -> bool:
        row = await self._connection.execute(_CONSUME, {"id": code_id, "now": now})
        return row.first() is not None

    async def withdraw(self, code_id: uuid.UUID, now: datetime) -> None:
        await self._connection.execute(_WITHDRAW, {"id": code_id, "now": now})

    async def forgive(self, person_id: PersonId, now: datetime) -> None:
        await self._connection.execute(_FORGIVE, {"person": person_id, "now": now})


def _code(row: Row[Any]) -> OneTimeCode:
    return OneTimeCode(
        id=row.id,
        person_id=PersonId(row.person_id),
        code_hmac=bytes(row.code_hmac),
        tries=row.tries,
        create_time=row.create_time,
        expire_time=row.expire_time,
        consume_time=row.consume_time,
        replace_time=row.replace_time,
        purpose=Purpose(row.purpose),
    )
