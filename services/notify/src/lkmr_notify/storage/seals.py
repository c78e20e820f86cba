"""Texts of messages under the data key of their person (docs/decisions)."""

import uuid
from collections.abc import Mapping, Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit.clock import Clock
from lkmr_servicekit.encryption import DataKey, KeyRing, damaged
from lkmr_servicekit.idempotency import Requests
from lkmr_servicekit.identity import Caller

_FIND = sa.text(
    "SELECT person_id, data_key FROM person_key WHERE person_id = ANY(CAST(:people AS uuid[]))"
)
_MAKE = sa.text(
    "INSERT INTO person_key (person_id, data_key, create_time)"
    " SELECT p, k, :now FROM unnest(CAST(:people AS uuid[]), CAST(:keys AS bytea[])) AS made(p, k)"
    " ON CONFLICT DO NOTHING"
)
_SEALED = b"LK1"
KEY_OF_PERSON = "(SELECT data_key FROM person_key WHERE person_id = $1)"
# What is not sealed yet is read as it stands; `SealingOld` ends that.
CONTENT = (
    "coalesce(m.content, convert_to(json_build_array(m.title, m.text)::text, 'UTF8')) AS content"
)


class Seals:
    """Data keys of people inside one transaction."""

    def __init__(self, connection: AsyncConnection, ring: KeyRing, clock: Clock) -> None:
        self._connection, self._ring, self._clock = connection, ring, clock

    async def of(self, people: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, DataKey]:
        """The keys of people; made for those who have none."""
        found = await self._find(people)
        if missing := sorted(set(people) - set(found)):
            keys = [self._ring.new_data_key().wrapped for _ in missing]
            values = {"people": missing, "keys": keys, "now": self._clock.now()}
            await self._connection.execute(_MAKE, values)
            found.update(await self._find(missing))  # another process may have been first
        return found

    async def _find(self, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, DataKey]:
        rows = await self._connection.execute(_FIND, {"people": list(people)})
        return {row.person_id: self._ring.data_key(bytes(row.data_key)) for row in rows}


class SealedRequests:
    """The port `Requests`: an answer that is kept for a repeat says what the message says."""

    def __init__(self, requests: Requests, seals: Seals) -> None:
        self._requests, self._seals = requests, seals

    async def replay(
        self, caller: Caller, method: str, request_id: str, body: bytes
    ) -> bytes | None:
        """The stored answer of a repeat. Raises ServiceError REQUEST_ID_REUSED."""
        found = await self._requests.replay(caller, method, request_id, body)
        if found is None or not found.startswith(_SEALED):
            return found
        return (await self._key(caller)).open(found, "request_log", "response", request_id)

    async def store(self, caller: Caller, method: str, request_id: str, response: bytes) -> None:
        """Keep the answer."""
        if request_id:
            key = await self._key(caller)
            sealed = key.seal(response, "request_log", "response", request_id)
            await self._requests.store(caller, method, request_id, sealed)

    async def _key(self, caller: Caller) -> DataKey:
        person = uuid.UUID(caller.subject)
        return (await self._seals.of([person]))[person]


def seal_texts(key: DataKey, message: uuid.UUID, title: str, text: str) -> bytes:
    """Title and text as one value that opens for this message only."""
    return key.seal(orjson.dumps([title, text]), *_place(message))


def texts_of(ring: KeyRing, wrapped: bytes | None, message: uuid.UUID, content: bytes) -> list[str]:
    """Title and text. Raises ServiceError STORED_DATA_DAMAGED."""
    if not content.startswith(_SEALED):
        plain: list[str] = orjson.loads(content)
        return plain
    if wrapped is None:
        raise damaged()
    opened: list[str] = orjson.loads(ring.data_key(bytes(wrapped)).open(content, *_place(message)))
    return opened


def whole(
    ring: KeyRing, wrapped: bytes | None, message: uuid.UUID, item: bytes, content: bytes
) -> bytes:
    """The item of a message as JSON, with its texts. Raises ServiceError STORED_DATA_DAMAGED."""
    title, text = texts_of(ring, wrapped, message, content)
    texts = orjson.dumps({"title": title, "text": text})
    return texts[:-1] + b"," + item[1:]


def _place(message: uuid.UUID) -> tuple[str, str, str]:
    return "message", "content", str(message)
