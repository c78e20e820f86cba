"""What delegations, emergency access and policies need from the world outside."""

import uuid
from datetime import date, datetime
from typing import Protocol

from lkmr_auth.domain.data_request import DataRequest
from lkmr_auth.domain.delegation import Delegation
from lkmr_auth.domain.draft import Draft
from lkmr_auth.domain.emergency import EmergencyAccess
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.policy import PolicyDecision
from lkmr_auth.domain.rights import Reach


class Delegations(Protocol):
    """Who acts for whom."""

    async def given_to(self, delegate: PersonId, day: date) -> tuple[Delegation, ...]:
        """Those that let a person act on a day."""
        ...

    async def list_of(self, person: PersonId, since: date) -> tuple[Delegation, ...]:
        """Given and got ones that end on or after a day, newest first."""
        ...

    async def overlapping(self, wanted: Delegation) -> bool:
        """Whether the delegate acts in this role there on one of these days already."""
        ...

    async def add(self, delegation: Delegation) -> None: ...

    async def find(self, identity: uuid.UUID) -> Delegation | None:
        """Its row is locked."""
        ...

    async def revoke(self, identity: uuid.UUID, now: datetime) -> None: ...


class Emergencies(Protocol):
    """Emergency accesses."""

    async def add(self, access: EmergencyAccess) -> None: ...

    async def find(self, identity: uuid.UUID) -> EmergencyAccess | None:
        """Its row is locked."""
        ...

    async def save(self, access: EmergencyAccess) -> None:
        """Its end and its review."""
        ...

    async def open_of(self, person: PersonId, now: datetime) -> tuple[EmergencyAccess, ...]: ...

    async def list_of(self, person: PersonId, limit: int) -> tuple[EmergencyAccess, ...]:
        """Newest first."""
        ...

    async def page(self, reach: Reach, limit: int) -> tuple[EmergencyAccess, ...]:
        """Those of the organisations in reach: what waits for a review first."""
        ...


class Drafts(Protocol):
    """What people typed and did not send."""

    async def list(self, owner: PersonId, since: datetime) -> tuple[Draft, ...]:
        """Newest first."""
        ...

    async def save(self, draft: Draft, *, keep: int) -> None:
        """Replace the draft of a form; only the newest `keep` of the person stay."""
        ...

    async def drop(self, owner: PersonId, form: str) -> None: ...


class DataRequests(Protocol):
    """Requests about personal data."""

    async def add(self, request: DataRequest) -> None:
        """Keep a new one; a dispute of the same entry stands as it is."""
        ...

    async def find(self, identity: uuid.UUID) -> DataRequest | None:
        """Its row is locked."""
        ...

    async def save(self, request: DataRequest) -> None:
        """Its state, term and answer."""
        ...

    async def list_of(self, person: PersonId) -> tuple[DataRequest, ...]:
        """Newest first."""
        ...

    async def page(self, reach: Reach, limit: int) -> tuple[DataRequest, ...]:
        """Those of the organisations in reach: open ones first, by the day they are due."""
        ...


class PolicyBook(Protocol):
    """Decisions about policies; rows are added and read, never changed."""

    async def list(self) -> tuple[PolicyDecision, ...]:
        """All, newest first."""
        ...

    async def add(self, decision: PolicyDecision) -> None: ...
