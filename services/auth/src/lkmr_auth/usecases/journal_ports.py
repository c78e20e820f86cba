"""What the use cases need of the journal."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from lkmr_auth.domain.access_log import Dispute
from lkmr_auth.domain.audit import AuditEntry
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.sign_in_history import SignInNote
from lkmr_servicekit.personal import Personal


class Journal(Protocol):
    """The audit journal."""

    async def add(self, entry: AuditEntry, now: datetime) -> None: ...

    async def record(self, acts: Sequence[Reported], now: datetime) -> None:
        """Take acts of other programs; an id that came before is skipped."""
        ...

    async def list_sign_ins(self, person_id: PersonId, limit: int) -> tuple[SignInNote, ...]: ...


class Disputes(Protocol):
    """Requests to explain an access."""

    async def concerns(self, entry: uuid.UUID, subjects: Sequence[str]) -> bool:
        """Whether an entry of the journal is about the data of one of these."""
        ...

    async def add(self, dispute: Dispute, text: Personal[str]) -> Dispute:
        """Keep the first request about an entry and give it back."""
        ...
