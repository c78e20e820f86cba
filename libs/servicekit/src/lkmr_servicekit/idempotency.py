"""Repeated commands: the same id gives the same answer; only success is kept."""

import hashlib
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import Caller, claims_summary

KEEP = timedelta(hours=72)
_INSERT = sa.text(
    "INSERT INTO request_log (caller, method, request_id, body_hash, create_time, expire_time)"
    " VALUES (:caller, :method, :request_id, :body_hash, :now, :expire)"
    " ON CONFLICT DO NOTHING RETURNING 1"
)
_SELECT = sa.text(
    "SELECT body_hash, response FROM request_log"
    " WHERE caller = :caller AND method = :method AND request_id = :request_id"
)
_STORE = sa.text(
    "UPDATE request_log SET response = :response"
    " WHERE caller = :caller AND method = :method AND request_id = :request_id"
)


class Requests:
    """The record of commands inside a unit of work."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection, self._clock = connection, clock

    async def replay(
        self, caller: Caller, method: str, request_id: str, body: bytes
    ) -> bytes | None:
        """The stored answer of a repeat, or None when the work is still to be done.

        A second attempt beside a running first one waits for it (unique key), then gets its answer.
        Raises ServiceError REQUEST_ID_REUSED when the same id comes with another body.
        """
        if not request_id:
            return None
        key = _key(caller, method, request_id)
        digest = hashlib.sha256(body).digest()
        now = self._clock.now()
        row = await self._connection.execute(
            _INSERT, {**key, "body_hash": digest, "now": now, "expire": now + KEEP}
        )
        if row.first() is not None:
            return None
        found = (await self._connection.execute(_SELECT, key)).one()
        if bytes(found.body_hash) != digest:
            raise ServiceError("REQUEST_ID_REUSED", Category.INVALID_ARGUMENT)
        if found.response is None:
            raise ServiceError("REQUEST_RUNNING", Category.CONFLICT)
        return bytes(found.response)

    async def store(self, caller: Caller, method: str, request_id: str, response: bytes) -> None:
        """Keep the answer in the transaction of the work."""
        if request_id:
            key = _key(caller, method, request_id)
            await self._connection.execute(_STORE, {**key, "response": response})


def _key(caller: Caller, method: str, request_id: str) -> dict[str, str]:
    who = hashlib.sha256(claims_summary(caller)).hexdigest()
    return {"caller": who, "method": method, "request_id": request_id}
