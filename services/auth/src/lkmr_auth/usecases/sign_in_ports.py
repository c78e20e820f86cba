"""What sign-ins and proofs keep: records, starts, codes, passwords, counted attempts."""

import uuid
from datetime import datetime, timedelta
from typing import Protocol

from lkmr_auth.domain.code import OneTimeCode
from lkmr_auth.domain.password import CabinetPassword
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.sign_in import SignIn, WaitingSignIn
from lkmr_servicekit.personal import Personal


class SignIns(Protocol):
    """Sign-in records."""

    async def add(self, record: SignIn) -> None: ...

    async def take(self, secret_hash: bytes, state: uuid.UUID | None) -> SignIn | None:
        """Destroy all records with this secret or state; give the one that has both."""
        ...

    async def add_waiting(self, record: WaitingSignIn) -> None: ...

    async def find_waiting(
        self, secret_hash: bytes, now: datetime, *, lock: bool = False
    ) -> WaitingSignIn | None: ...

    async def prolong(self, record_id: uuid.UUID, now: datetime) -> None:
        """Let a waiting record begin its life anew."""
        ...

    async def remove(self, record_id: uuid.UUID) -> None: ...


class Starts(Protocol):
    """Starts of sign-ins, counted over all instances."""

    async def take(
        self, kind: str, subject: Personal[str], per_minute: float, now: datetime
    ) -> timedelta | None:
        """Count one; how long to wait instead when there were as many within a minute."""
        ...


class Codes(Protocol):
    """One-time codes."""

    async def find_last(self, person_id: PersonId) -> OneTimeCode | None: ...

    async def list_recent(self, person_id: PersonId, since: datetime) -> tuple[OneTimeCode, ...]:
        """Newest first."""
        ...

    async def add(self, code: OneTimeCode) -> None:
        """Store a new code; the codes before it stop working."""
        ...

    async def take_attempt(self, code_id: uuid.UUID, now: datetime) -> OneTimeCode | None:
        """Count an attempt before any comparison; None when the code takes no more of them."""
        ...

    async def consume(self, code_id: uuid.UUID, now: datetime) -> bool:
        """Use the code up; False when it was used already."""
        ...

    async def withdraw(self, code_id: uuid.UUID, now: datetime) -> None:
        """Void a code that was not delivered."""
        ...

    async def forgive(self, person_id: PersonId, now: datetime) -> None:
        """Void all codes of a person and forget their errors."""
        ...


class Sendings(Protocol):
    """Sendings of codes, counted over all people."""

    async def take(
        self, kind: str, subject: Personal[str], limit: int, since: datetime, now: datetime
    ) -> datetime | None:
        """Count one; when there were `limit` since, the time of the oldest of these instead."""
        ...


class Passwords(Protocol):
    """Passwords of the cabinet, as their hashes."""

    async def find(self, person_id: PersonId) -> CabinetPassword | None: ...

    async def take_attempt(self, person_id: PersonId, now: datetime) -> CabinetPassword | None:
        """Count an attempt before any comparison; None while none is allowed."""
        ...

    async def forgive(self, person_id: PersonId) -> None:
        """Forget the wrong attempts."""
        ...

    async def save(self, person_id: PersonId, password_hash: str, now: datetime) -> None:
        """Set or replace."""
        ...


class Attempts(Protocol):
    """Attempts on something that is guarded, counted before they are looked at."""

    async def take(self, kind: str, subject: str, now: datetime) -> datetime | None:
        """Count one; gives the moment until which nothing is looked at, None when it may be."""
        ...

    async def forgive(self, kind: str, subject: str) -> None: ...
