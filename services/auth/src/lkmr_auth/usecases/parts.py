"""What the steps of a sign-in share."""

from dataclasses import dataclass, field

from lkmr_auth.domain.code import SENDS_PER_ADDRESS
from lkmr_auth.domain.data_request import Terms
from lkmr_auth.domain.legal import Legal
from lkmr_auth.domain.policy import Policies
from lkmr_auth.domain.posts import Posts
from lkmr_auth.domain.rights import Actor, Reach, reach_of
from lkmr_auth.domain.session import Limits
from lkmr_auth.usecases.administration.ports import NewAdministrationUnitOfWork
from lkmr_auth.usecases.outside_ports import (
    Admissions,
    Approvals,
    CodeSender,
    Esia,
    PasswordHasher,
    Registers,
)
from lkmr_auth.usecases.passkey_ports import KeyCeremonies
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_auth.usecases.resolve_session import SessionParts
from lkmr_servicekit.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInParts:
    """Ports and settings of sign-in. `code_key` keys the HMAC of one-time codes."""

    new_uow: NewUnitOfWork
    esia: Esia
    registers: Registers
    admissions: Admissions
    sender: CodeSender
    clock: Clock
    limits: Limits
    code_key: bytes
    sends_per_hour: int
    sends_per_address: int = SENDS_PER_ADDRESS
    posts: Posts = field(default_factory=Posts)
    legal: Legal = field(default_factory=lambda: Legal(()))
    policies: Policies = field(default_factory=lambda: Policies({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityParts:
    """What proofs of identity need: codes and passwords of people, and their sessions."""

    codes: SignInParts
    sessions: SessionParts
    hasher: PasswordHasher
    approvals: Approvals
    legal: Legal
    terms: Terms

    @property
    def clock(self) -> Clock:
        """That of the codes."""
        return self.codes.clock


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyParts:
    """What passkeys and backup codes need."""

    new_uow: NewUnitOfWork
    ceremonies: KeyCeremonies
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessParts:
    """What rights beyond the matrix need. `operator` runs the cabinet, may be empty."""

    new_uow: NewAdministrationUnitOfWork
    policies: Policies
    terms: Terms
    clock: Clock
    operator: str = ""

    def reach(self, actor: Actor) -> Reach:
        """Whose data the rights of a head or an administrator cover."""
        return reach_of(actor, self.operator)
