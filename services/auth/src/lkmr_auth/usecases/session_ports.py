"""What sessions keep."""

import uuid
from datetime import datetime
from typing import Protocol

from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import EndReason, Session, SessionEnded


class Sessions(Protocol):
    """Sessions with their ESIA tokens."""

    async def add(self, session: Session) -> None: ...

    async def find(self, secret_hash: bytes, *, lock: bool = False) -> Session | None: ...

    async def get_own(self, session_id: uuid.UUID, owner: PersonId) -> Session | None: ...

    async def list_open(self, owner: PersonId, now: datetime, limit: int) -> tuple[Session, ...]:
        """ACTIVE sessions of a person that have not reached their absolute end, newest first."""
        ...

    async def list_beyond(
        self, owner: PersonId, keep: int, active_since: datetime
    ) -> tuple[uuid.UUID, ...]:
        """Families of ACTIVE sessions that are older than the newest `keep`."""
        ...

    async def list_bound(self, owner: PersonId) -> tuple[Session, ...]:
        """ACTIVE sessions of a person with a profile."""
        ...

    async def end_family(
        self, family_id: uuid.UUID, reason: EndReason, now: datetime
    ) -> tuple[SessionEnded, ...]:
        """End what is not ended of a family, and forget its ESIA tokens; gives what this ended."""
        ...

    async def end_all(
        self, owner: PersonId, reason: EndReason, now: datetime, *, keep: uuid.UUID | None = None
    ) -> tuple[SessionEnded, ...]:
        """End all families of a person but `keep`; gives what this ended."""
        ...

    async def rotate(self, session_id: uuid.UUID, now: datetime) -> bool:
        """Leave an ACTIVE session for a new id; False when it is none."""
        ...

    async def touch(self, session_id: uuid.UUID, active_time: datetime) -> None:
        """Move the last act forward, never back."""
        ...

    async def bind_device(self, session_id: uuid.UUID, device: bytes) -> None: ...

    async def take_closed(self, rotated_before: datetime, limit: int) -> tuple[SessionEnded, ...]:
        """End the rotated sessions whose grace is over, with PROFILE_SWITCHED."""
        ...


class EsiaSessions(Protocol):
    """ESIA tokens, one pair for each family of sessions."""

    async def add(self, family_id: uuid.UUID, owner: PersonId, tokens: EsiaTokens) -> None: ...

    async def find(self, family_id: uuid.UUID) -> EsiaTokens | None: ...

    async def lease(
        self, due: datetime, now: datetime, lease_until: datetime, limit: int
    ) -> tuple[tuple[uuid.UUID, EsiaTokens], ...]:
        """Take pairs whose access token ends before `due` and that nobody else renews now."""
        ...

    async def save(self, family_id: uuid.UUID, tokens: EsiaTokens) -> None:
        """Store a renewed pair, unless the family ended meanwhile; ends the lease."""
        ...
