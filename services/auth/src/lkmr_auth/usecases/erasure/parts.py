"""What a destruction needs."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from lkmr_access.erasure import Destroyer
from lkmr_auth.domain.erasure import Erasure, Fate, Part
from lkmr_auth.domain.erasure_act import JournalLine, Operator
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.administration.ports import AdministrationUnitOfWork
from lkmr_auth.usecases.parts import AccessParts


class Erasures(Protocol):
    """Ordered destructions inside a transaction."""

    async def add(self, erasure: Erasure) -> None: ...

    async def report(self, identity: uuid.UUID, part: Part) -> bool:
        """Keep the first report of a service; False for a later one, and for an unknown order."""
        ...

    async def find(self, identity: uuid.UUID) -> Erasure | None: ...

    async def of_requests(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Erasure]:
        """Those that were ordered on these requests."""
        ...

    async def take_reported(self, limit: int) -> Sequence[Erasure]:
        """Those of which every service has reported and that have no act; their rows are locked."""
        ...

    async def take_silent(self, before: datetime, limit: int) -> Sequence[Erasure]:
        """Those that wait for a service and were last asked before; their rows are locked."""
        ...

    async def asked(self, identity: uuid.UUID, now: datetime) -> None: ...

    async def save_act(self, erasure: Erasure, until: date) -> None: ...

    async def journal_lines(self, erasure: Erasure) -> Sequence[JournalLine]:
        """Rows of the chained journal that tell of the reports."""
        ...

    async def sweep(self, today: date) -> int:
        """Remove acts whose term is over; how many."""
        ...

    async def has_open_incident(self, person_id: PersonId) -> bool: ...


class ErasureUnitOfWork(AdministrationUnitOfWork, Protocol):
    """One transaction over destructions too."""

    @property
    def erasures(self) -> Erasures: ...

    @property
    def destroyer(self) -> Destroyer: ...


class OpenApplications(Protocol):
    """Applications for accreditation that are on their way."""

    async def any_of(self, worker_id: str) -> bool:
        """Raises ServiceError while accreditation is away."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureParts:
    """Ports and data. `sign` gives the signature of the cabinet over the text of an act."""

    access: AccessParts
    new_uow: Callable[[], ErasureUnitOfWork]
    applications: OpenApplications
    fate: Fate
    operator: Operator
    sign: Callable[[bytes], bytes]
