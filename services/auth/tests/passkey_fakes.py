"""Passkeys and backup codes in memory."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from lkmr_auth.domain.passkey import Ceremony, Challenge, Passkey
from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.personal import Personal


@dataclass
class PasskeyTable:
    """Keys, open ceremonies, unused codes."""

    keys: dict[uuid.UUID, Passkey] = field(default_factory=dict)
    asked: dict[bytes, Challenge] = field(default_factory=dict)
    codes: dict[uuid.UUID, set[str]] = field(default_factory=dict)

    def copy(self) -> "PasskeyTable":
        codes = {person: set(held) for person, held in self.codes.items()}
        return PasskeyTable(dict(self.keys), dict(self.asked), codes)


class FakePasskeys:
    def __init__(self, store: Any) -> None:
        self.table: PasskeyTable = store.second

    async def list(self, person_id: PersonId) -> tuple[Passkey, ...]:
        return tuple(one for one in self.table.keys.values() if one.person_id == person_id)

    async def find_credential(self, person_id: PersonId, credential_id: bytes) -> Passkey | None:
        mine = await self.list(person_id)
        return next((one for one in mine if one.credential_id == credential_id), None)

    async def add(self, passkey: Passkey) -> bool:
        if any(one.credential_id == passkey.credential_id for one in self.table.keys.values()):
            return False
        self.table.keys[passkey.id] = passkey
        return True

    async def rename(self, person_id: PersonId, key_id: uuid.UUID, name: Personal[str]) -> bool:
        held = self.table.keys.get(key_id)
        if held is None or held.person_id != person_id:
            return False
        self.table.keys[key_id] = replace(held, name=name)
        return True

    async def remove(self, person_id: PersonId, key_id: uuid.UUID) -> bool:
        held = self.table.keys.get(key_id)
        if held is None or held.person_id != person_id:
            return False
        del self.table.keys[key_id]
        return True

    async def note_use(self, key_id: uuid.UUID, sign_count: int, now: datetime) -> None:
        held = self.table.keys[key_id]
        self.table.keys[key_id] = replace(held, sign_count=sign_count, use_time=now)

    async def ask(self, challenge: Challenge) -> None:
        self.table.asked[challenge.secret] = challenge

    async def take(
        self, person_id: PersonId, ceremony: Ceremony, secret: bytes, now: datetime
    ) -> Challenge | None:
        found = self.table.asked.get(secret)
        if found is None or (found.person_id, found.ceremony) != (person_id, ceremony):
            return None
        del self.table.asked[secret]
        return found if now < found.expire_time else None


class FakeBackupCodes:
    def __init__(self, store: Any) -> None:
        self.table: PasskeyTable = store.second

    async def replace(self, person_id: PersonId, codes: Sequence[str], now: datetime) -> None:
        self.table.codes[person_id] = set(codes)

    async def count_unused(self, person_id: PersonId) -> int:
        return len(self.table.codes.get(person_id, ()))

    async def consume(self, person_id: PersonId, code: str, now: datetime) -> bool:
        held = self.table.codes.get(person_id, set())
        if code not in held:
            return False
        held.remove(code)
        return True
