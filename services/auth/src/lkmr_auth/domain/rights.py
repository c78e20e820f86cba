"""Who may give and take roles, beyond the matrix of rights (docs/security.md)."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from lkmr_auth.domain.errors import (
    AccountActClosed,
    PersonNotFound,
    RoleHeldAlready,
    RoleUnknown,
    SeparationOfDuties,
)
from lkmr_auth.domain.person import PersonId, RegisterJob
from lkmr_auth.domain.profiles import NON_MEDICAL_ROLES, ROLES, Binding

# Roles that open other people's data or rights: one person asks, another one approves.
APPROVED_ROLES = frozenset({"IT_ADMIN", "SEC_ADMIN", "AUDITOR", "SUPPORT", "REGULATOR", "HEAD_ORG"})


class BindingSource(Enum):
    """Who made a binding; each source changes its own only."""

    IMPORT = "IMPORT"
    ADMIN = "ADMIN"
    REGISTER = "REGISTER"


class RequestState(Enum):
    """Where a request for a role stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class AccountAct(Enum):
    """What administrators do with an account."""

    BLOCK = "BLOCK"
    UNBLOCK = "UNBLOCK"
    LIFT_CODE_LOCK = "LIFT_CODE_LOCK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who administers: a person under the profile of the present session."""

    person_id: PersonId
    organization: str
    role: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose data an administrator's rights cover.

    One organisation, or all of them for a profile at the operator of the cabinet.
    """

    organization: str
    everywhere: bool

    def covers(self, organization: str) -> bool:
        """Whether an organisation lies within."""
        return self.everywhere or (bool(organization) and organization == self.organization)

    def covers_any(self, organizations: Iterable[str]) -> bool:
        """Whether one of them lies within."""
        return self.everywhere or any(self.covers(one) for one in organizations)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A binding as administrators see it."""

    id: uuid.UUID
    binding: Binding
    source: BindingSource
    start_time: datetime
    effective: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Organisation and role."""
        return self.binding.organization.id, self.binding.role


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRequest:
    """A role that waits for its second person (запрос роли)."""

    id: uuid.UUID
    person_id: PersonId
    organization_id: str
    role: str
    position: str
    department: str
    reason: str
    state: RequestState
    requester_id: PersonId
    create_time: datetime
    decider_id: PersonId | None = None
    decide_time: datetime | None = None

    def require_decider(self, actor: Actor) -> None:
        """Nobody decides about an own request or an own role. Raises SeparationOfDuties."""
        if actor.person_id in (self.requester_id, self.person_id):
            raise SeparationOfDuties


def reach_of(actor: Actor, operator: str) -> Reach:
    """`operator` is the organisation that runs the cabinet; empty when there is none."""
    everywhere = bool(operator) and actor.organization == operator
    return Reach(organization=actor.organization, everywhere=everywhere)


def require_grantable(
    actor: Actor, subject: PersonId, organization: str, role: str, reach: Reach
) -> None:
    """Whether an administrator may ask for or give this role.

    Nobody gives a role to himself (medical or not), and none outside the own organisation.
    Raises RoleUnknown, PersonNotFound (an organisation out of reach is like an unknown one),
    SeparationOfDuties.
    """
    if role not in ROLES:
        raise RoleUnknown(field="role")
    if not reach.covers(organization):
        raise PersonNotFound
    if subject == actor.person_id:
        raise SeparationOfDuties


def needs_approval(role: str, requester_role: str) -> bool:
    """Whether a second person must agree.

    The personnel department (HR) only asks; an IT administrator gives ordinary roles at once.
    """
    return requester_role != "IT_ADMIN" or role in APPROVED_ROLES


def require_account_act(role: str, act: AccountAct) -> None:
    """Support lifts locks of codes only (by procedure). Raises AccountActClosed."""
    if role == "SUPPORT" and act is not AccountAct.LIFT_CODE_LOCK:
        raise AccountActClosed


def require_new(held: Sequence[HeldRole], organization: str, role: str) -> None:
    """Raises RoleHeldAlready."""
    if any(one.key == (organization, role) for one in held):
        raise RoleHeldAlready


def is_effective(binding: Binding, jobs: Iterable[RegisterJob], day: date) -> bool:
    """Whether a role counts on a day: a medical post needs its job in the register (ФРМР)."""
    if binding.role in NON_MEDICAL_ROLES:
        return True
    return any(
        job.organization_oid == binding.organization.oid and job.lasts_on(day) for job in jobs
    )
