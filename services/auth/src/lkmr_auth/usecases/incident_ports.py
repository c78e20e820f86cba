"""The port of incidents."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from lkmr_auth.domain.incident import Incident, LeakReport
from lkmr_auth.domain.rights import Reach
from lkmr_auth.domain.suspicion import WatchedAct


class Incidents(Protocol):
    """Incidents, leak reports, and what rules look at in the journal."""

    async def add(self, incident: Incident) -> None: ...

    async def is_known(self, session: str, kind: str) -> bool:
        """Whether this session has such an incident."""
        ...

    async def page(self, reach: Reach, state: str, limit: int) -> tuple[Incident, ...]:
        """Newest first; an empty state means all."""
        ...

    async def find(self, identity: uuid.UUID) -> Incident | None:
        """Locked until the transaction ends."""
        ...

    async def save(self, incident: Incident) -> None: ...

    async def add_leak(self, report: LeakReport) -> None: ...

    async def save_leak(self, report: LeakReport) -> None: ...

    async def find_leak(self, identity: uuid.UUID) -> LeakReport | None: ...

    async def journal_head(self) -> int:
        """Number of the last act of the chain."""
        ...

    async def first_act_since(self, since: datetime) -> int | None:
        """Number of the first act that was chained at a moment or later."""
        ...

    async def acts(
        self, after: int, head: int, operations: Iterable[str]
    ) -> tuple[WatchedAct, ...]:
        """Refused acts, sign-ins and these operations, in order."""
        ...
