"""The port of roles, for sign-in and administration alike."""

import uuid
from datetime import datetime
from typing import Protocol

from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_auth.domain.rights import BindingSource, HeldRole, Reach, RequestState, RoleRequest


class Rights(Protocol):
    """Roles of people and requests for them."""

    async def list_roles(self, person_id: PersonId) -> tuple[HeldRole, ...]: ...

    async def find_role(self, binding_id: uuid.UUID) -> tuple[PersonId, HeldRole] | None: ...

    async def add_role(
        self, person_id: PersonId, binding: Binding, source: BindingSource, now: datetime
    ) -> uuid.UUID:
        """Raises RoleHeldAlready."""
        ...

    async def end_role(self, binding_id: uuid.UUID, reason: str, now: datetime) -> bool:
        """End an open binding; False when it was over."""
        ...

    async def last_end(
        self, person_id: PersonId, organization: str, role: str
    ) -> tuple[str, datetime] | None:
        """Why and when such a role ended last."""
        ...

    async def find_organization(self, identity: str) -> Organization | None: ...

    async def find_organization_by_oid(self, oid: str) -> Organization | None: ...

    async def list_organizations(self, reach: Reach) -> tuple[Organization, ...]: ...

    async def add_request(self, request: RoleRequest) -> None:
        """Raises RoleRequestPending."""
        ...

    async def get_request(self, identity: uuid.UUID) -> RoleRequest | None: ...

    async def list_requests(self, reach: Reach, state: str, limit: int) -> tuple[RoleRequest, ...]:
        """Newest first; an empty state means all."""
        ...

    async def decide_request(
        self, identity: uuid.UUID, state: RequestState, decider: PersonId, now: datetime
    ) -> None: ...
