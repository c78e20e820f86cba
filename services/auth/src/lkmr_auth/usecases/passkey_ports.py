"""What passkeys and backup codes need from the world outside."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from lkmr_auth.domain.passkey import Ceremony, Challenge, NewKey, Passkey
from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.personal import Personal


class Passkeys(Protocol):
    """Keys of people and the ceremonies under way."""

    async def list(self, person_id: PersonId) -> tuple[Passkey, ...]:
        """Oldest first."""
        ...

    async def find_credential(self, person_id: PersonId, credential_id: bytes) -> Passkey | None:
        """The key of a person that answered; its row is locked."""
        ...

    async def add(self, passkey: Passkey) -> bool:
        """Keep a key; False when its credential is known already."""
        ...

    async def rename(self, person_id: PersonId, key_id: uuid.UUID, name: Personal[str]) -> bool:
        """False for no key of this person."""
        ...

    async def remove(self, person_id: PersonId, key_id: uuid.UUID) -> bool:
        """False for no key of this person."""
        ...

    async def note_use(self, key_id: uuid.UUID, sign_count: int, now: datetime) -> None: ...

    async def ask(self, challenge: Challenge) -> None:
        """Keep a challenge until it is answered or too old."""
        ...

    async def take(
        self, person_id: PersonId, ceremony: Ceremony, secret: bytes, now: datetime
    ) -> Challenge | None:
        """Use a challenge up; None when this person was not asked it, or too long ago."""
        ...


class BackupCodes(Protocol):
    """Backup codes, as their keyed hashes."""

    async def replace(self, person_id: PersonId, codes: Sequence[str], now: datetime) -> None:
        """Keep fresh codes; those before them stop working."""
        ...

    async def count_unused(self, person_id: PersonId) -> int: ...

    async def consume(self, person_id: PersonId, code: str, now: datetime) -> bool:
        """Use a code up; False when there is no such unused one."""
        ...


class KeyCeremonies(Protocol):
    """The checks of WebAuthn, which know nothing about who is who."""

    def new_challenge(self) -> bytes: ...

    def registration_options(
        self, challenge: Challenge, account_number: str, known: Sequence[Passkey]
    ) -> str:
        """What a browser is asked to make, as JSON; `known` keys are not made twice."""
        ...

    def proof_options(self, challenge: Challenge, known: Sequence[Passkey]) -> str:
        """What a browser is asked to sign, as JSON."""
        ...

    def challenge_in(self, credential: str) -> bytes:
        """The challenge that an answer claims to be for. Raises PasskeyRefused."""
        ...

    def credential_in(self, credential: str) -> bytes:
        """The id of the key that answered. Raises PasskeyRefused."""
        ...

    def check_registration(self, credential: str, challenge: Challenge) -> NewKey:
        """Raises PasskeyRefused."""
        ...

    def check_proof(self, credential: str, challenge: Challenge, passkey: Passkey) -> int:
        """The new count of signatures. Raises PasskeyRefused, also when the key seems copied."""
        ...
