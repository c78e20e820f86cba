"""Signing keys, each sealed under a data key of its own."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.keys import SigningKey
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.personal import Personal

_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('auth:signing_keys'))")
_LIST = sa.text(
    "SELECT key_id, data_key, private_key, public_key, activate_time FROM signing_key"
    " ORDER BY activate_time"
)
_ADD = sa.text(
    "INSERT INTO signing_key (key_id, data_key, private_key, public_key, activate_time)"
    " VALUES (:id, :data_key, :private, :public, :time)"
)
_REMOVE = sa.text("DELETE FROM signing_key WHERE key_id = :id")


class StoredKeys:
    """The port `Keys` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing) -> None:
        self._connection, self._keyring = connection, keyring

    async def lock(self) -> None:
        await self._connection.execute(_LOCK)

    async def list(self) -> tuple[SigningKey, ...]:
        rows = (await self._connection.execute(_LIST)).all()
        return tuple(
            SigningKey(
                key_id=row.key_id,
                private_key=Personal(
                    self._keyring.data_key(bytes(row.data_key)).open(
                        bytes(row.private_key), "signing_key", "private_key", row.key_id
                    )
                ),
                public_key=bytes(row.public_key),
                activate_time=row.activate_time,
            )
            for row in rows
        )

    async def add(self, key: SigningKey) -> None:
        data_key = self._keyring.new_data_key()
        sealed = data_key.seal(key.private_key.open(), "signing_key", "private_key", key.key_id)
        await self._connection.execute(
            _ADD,
            {
                "id": key.key_id,
                "data_key": data_key.wrapped,
                "private": sealed,
                "public": key.public_key,
                "time": key.activate_time,
            },
        )

    async def remove(self, key_id: str) -> None:
        await self._connection.execute(_REMOVE, {"id": key_id})
