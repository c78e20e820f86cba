"""Passkeys, their open ceremonies, and backup codes."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.passkey import Ceremony, Challenge, Passkey
from lkmr_auth.domain.person import PersonId
from lkmr_auth.storage.seal import Seals, open_text, seal_text
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.personal import Personal

_NAMES = (
    "id, person_id, credential_id, public_key, sign_count, relying_party, name, create_time,"
    " use_time FROM passkey WHERE person_id = :person"
)
_LIST = sa.text(f"SELECT {_NAMES} ORDER BY create_time, id")
_FIND = sa.text(f"SELECT {_NAMES} AND credential_id = :credential FOR UPDATE")
_ADD = sa.text(
    "INSERT INTO passkey (id, person_id, credential_id, public_key, sign_count, relying_party,"
    " name, create_time) VALUES (:id, :person, :credential, :key, :count, :party, :name, :now)"
    " ON CONFLICT (credential_id) DO NOTHING RETURNING id"
)
_RENAME = sa.text(
    "UPDATE passkey SET name = :name WHERE person_id = :person AND id = :id RETURNING id"
)
_REMOVE = sa.text("DELETE FROM passkey WHERE person_id = :person AND id = :id RETURNING id")
_USE = sa.text("UPDATE passkey SET sign_count = :count, use_time = :now WHERE id = :id")
_ASK = sa.text(
    "INSERT INTO passkey_challenge (challenge, person_id, ceremony, origin, expire_time)"
    " VALUES (:challenge, :person, :ceremony, :origin, :expire)"
)
_TAKE = sa.text(
    "DELETE FROM passkey_challenge WHERE challenge = :challenge AND person_id = :person"
    " AND ceremony = :ceremony RETURNING origin, expire_time"
)
_FORGET = sa.text("DELETE FROM backup_code WHERE person_id = :person")
_KEEP = sa.text(
    "INSERT INTO backup_code (person_id, code_hmac, create_time) VALUES (:person, :hmac, :now)"
)
_UNUSED = sa.text("SELECT count(*) FROM backup_code WHERE person_id = :person AND use_time IS NULL")
_CONSUME = sa.text(
    "UPDATE backup_code SET use_time = :now WHERE person_id = :person AND code_hmac = :hmac"
    " AND use_time IS NULL RETURNING use_time"
)


class StoredPasskeys:
    """The port `Passkeys` over PostgreSQL; the name that a person gave is sealed."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def list(self, person_id: PersonId) -> tuple[Passkey, ...]:
        rows = (await self._connection.execute(_LIST, {"person": person_id})).all()
        return tuple([await self._passkey(row) for row in rows])

    async def find_credential(self, person_id: PersonId, credential_id: bytes) -> Passkey | None:
        values = {"person": person_id, "credential": credential_id}
        row = (await self._connection.execute(_FIND, values)).first()
        return await self._passkey(row) if row is not None else None

    async def add(self, passkey: Passkey) -> bool:
        values = {
            "id": passkey.id,
            "person": passkey.person_id,
            "credential": passkey.credential_id,
            "key": passkey.public_key,
            "count": passkey.sign_count,
            "party": passkey.relying_party,
            "name": await self._sealed(passkey.person_id, passkey.id, passkey.name),
            "now": passkey.create_time,
        }
        return (await self._connection.execute(_ADD, values)).first() is not None

    async def rename(self, person_id: PersonId, key_id: uuid.UUID, name: Personal[str]) -> bool:
        sealed = await self._sealed(person_id, key_id, name)
        values = {"person": person_id, "id": key_id, "name": sealed}
        return (await self._connection.execute(_RENAME, values)).first() is not None

    async def remove(self, person_id: PersonId, key_id: uuid.UUID) -> bool:
        values = {"person": person_id, "id": key_id}
        return (await self._connection.execute(_REMOVE, values)).first() is not None

    async def note_use(self, key_id: uuid.UUID, sign_count: int, now: datetime) -> None:
        values = {"id": key_id, "count": sign_count, "now": now}
        await self._connection.execute(_USE, values)

    async def ask(self, challenge: Challenge) -> None:
        values = {
            "challenge": challenge.secret,
            "person": challenge.person_id,
            "ceremony": challenge.ceremony.value,
            "origin": challenge.origin,
            "expire": challenge.expire_time,
        }
        await self._connection.execute(_ASK, values)

    async def take(
        self, person_id: PersonId, ceremony: Ceremony, secret: bytes, now: datetime
    ) -> Challenge | None:
        values = {"challenge": secret, "person": person_id, "ceremony": ceremony.value}
        row = (await self._connection.execute(_TAKE, values)).first()
        if row is None or row.expire_time <= now:
            return None
        return Challenge(
            secret=secret,
            person_id=person_id,
            ceremony=ceremony,
            origin=row.origin,
            expire_time=row.expire_time,
        )

    async def _sealed(self, person_id: PersonId, key_id: uuid.UUID, name: Personal[str]) -> bytes:
        key = await self._seals.of_person(person_id)
        return seal_text(key, name, "passkey", "name", str(key_id))

    async def _passkey(self, row: Row[Any]) -> Passkey:
        key = await self._seals.of_person(row.person_id)
        return Passkey(
            id=row.id,
            person_id=PersonId(row.person_id),
            credential_id=bytes(row.credential_id),
            public_key=bytes(row.public_key),
            sign_count=row.sign_count,
            relying_party=row.relying_party,
            name=open_text(key, row.name, "passkey", "name", str(row.id)),
            create_time=row.create_time,
            use_time=row.use_time,
        )


class StoredBackupCodes:
    """The port `BackupCodes` over PostgreSQL; a code is kept as its keyed hash."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing) -> None:
        self._connection, self._keyring = connection, keyring

    async def replace(self, person_id: PersonId, codes: Sequence[str], now: datetime) -> None:
        await self._connection.execute(_FORGET, {"person": person_id})
        rows = [
            {"person": person_id, "hmac": self._hmac(person_id, one), "now": now} for one in codes
        ]
        await self._connection.execute(_KEEP, rows)

    async def count_unused(self, person_id: PersonId) -> int:
        found = await self._connection.execute(_UNUSED, {"person": person_id})
        return int(found.scalar_one())

    async def consume(self, person_id: PersonId, code: str, now: datetime) -> bool:
        values = {"person": person_id, "hmac": self._hmac(person_id, code), "now": now}
        return (await self._connection.execute(_CONSUME, values)).first() is not None

    def _hmac(self, person_id: PersonId, code: str) -> bytes:
        return self._keyring.index("backup_code.code_hmac", f"{person_id} {code}")
