"""Opening and sealing of personal columns under the data key of their person."""

import uuid

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit.encryption import DataKey, KeyRing, damaged
from lkmr_servicekit.personal import Personal

_KEY = sa.text("SELECT data_key FROM person WHERE id = :id")
_JOURNAL_KEY = sa.text("SELECT data_key FROM journal_key")
_MAKE_JOURNAL_KEY = sa.text(
    "INSERT INTO journal_key (data_key) VALUES (:key) ON CONFLICT DO NOTHING"
)


class Seals:
    """Data keys inside one transaction, read once each."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing) -> None:
        self._connection, self._keyring = connection, keyring
        self._held: dict[uuid.UUID, DataKey] = {}

    def fresh(self, person_id: uuid.UUID) -> DataKey:
        """A new key for a new person."""
        key = self._held[person_id] = self._keyring.new_data_key()
        return key

    def remember(self, person_id: uuid.UUID, wrapped: bytes) -> DataKey:
        """The key of a row that was just read."""
        key = self._held[person_id] = self._keyring.data_key(wrapped)
        return key

    async def of_person(self, person_id: uuid.UUID) -> DataKey:
        """The key of a person."""
        held = self._held.get(person_id)
        if held is None:
            wrapped = (await self._connection.execute(_KEY, {"id": person_id})).scalar_one()
            held = self.remember(person_id, bytes(wrapped))
        return held

    async def of_journal(self) -> DataKey:
        """The key of entries without a known person."""
        wrapped = (await self._connection.execute(_JOURNAL_KEY)).scalar_one_or_none()
        if wrapped is None:
            fresh = self._keyring.new_data_key().wrapped
            await self._connection.execute(_MAKE_JOURNAL_KEY, {"key": fresh})
            wrapped = (await self._connection.execute(_JOURNAL_KEY)).scalar_one()
        return self._keyring.data_key(bytes(wrapped))

    def index(self, column: str, value: Personal[str]) -> bytes:
        """A blind index for equality search."""
        return self._keyring.index(column, value.open())


def seal_text(key: DataKey, value: Personal[str], *place: str) -> bytes:
    """Seal a text for a table, column and record."""
    return key.seal(value.open().encode("utf-8", "surrogatepass"), *place)


def open_text(key: DataKey, envelope: bytes | None, *place: str) -> Personal[str]:
    """Open a text; empty when nothing was stored. Raises ServiceError STORED_DATA_DAMAGED."""
    if envelope is None:
        return Personal("")
    return Personal(key.open(bytes(envelope), *place).decode("utf-8", "surrogatepass"))


def sealed_by(key: DataKey, envelope: bytes | None) -> bool:
    """Whether this key sealed it; another one may be gone with a destruction."""
    return envelope is not None and bytes(envelope[3:19]) == key.id.bytes


def seal_fields(key: DataKey, fields: dict[str, str], *place: str) -> bytes:
    """Seal several texts as one value."""
    return key.seal(orjson.dumps(fields), *place)


def open_fields(key: DataKey, envelope: bytes | None, *place: str) -> dict[str, str]:
    """Open several texts; empty when nothing was stored. Raises STORED_DATA_DAMAGED."""
    if envelope is None:
        return {}
    value = orjson.loads(key.open(bytes(envelope), *place))
    if not isinstance(value, dict):
        raise damaged()
    return value
