"""What the use cases need from the world outside."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from lkmr_auth.domain.access_log import Dispute
from lkmr_auth.domain.activation import Activation, ApprovalState
from lkmr_auth.domain.audit import AuditEntry
from lkmr_auth.domain.code import OneTimeCode
from lkmr_auth.domain.esia import EsiaPerson, EsiaSignIn, EsiaTokens
from lkmr_auth.domain.facts import Fact
from lkmr_auth.domain.health import EsiaHealth
from lkmr_auth.domain.identity import IdentityCheck, WorkerCard
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.keys import SigningKey
from lkmr_auth.domain.legal import DecisionRecord
from lkmr_auth.domain.password import CabinetPassword
from lkmr_auth.domain.person import Contacts, Person, PersonId
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_auth.domain.session import EndReason, Session, SessionEnded
from lkmr_auth.domain.sign_in import SignIn, WaitingSignIn
from lkmr_auth.domain.sign_in_history import SignInNote
from lkmr_auth.usecases.access_ports import (
    DataRequests,
    Delegations,
    Drafts,
    Emergencies,
    PolicyBook,
)
from lkmr_auth.usecases.passkey_ports import BackupCodes, Passkeys
from lkmr_auth.usecases.rights_ports import Rights
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.personal import Personal


class Esia(Protocol):
    """ESIA (ЕСИА): directly, or through a certified gateway."""

    async def probe(self) -> None:
        """Raises EsiaUnavailable, EsiaMaintenance, EsiaOverloaded."""
        ...

    async def authorization_url(self, state: str, redirect_uri: str) -> str:
        """Where the browser goes, with the signed request."""
        ...

    async def exchange(self, code: str, redirect_uri: str) -> EsiaSignIn:
        """Exchange the code of a callback and check what came.

        Raises EsiaCodeRefused, EsiaRequestRefused, EsiaAnswerRefused, EsiaDenied, EsiaUnavailable,
        EsiaMaintenance, EsiaOverloaded, AccountNotConfirmed, SecondFactorRefused.
        """
        ...

    async def fetch_person(self, oid: str, tokens: EsiaTokens) -> tuple[EsiaPerson, EsiaTokens]:
        """The data of a person who has just signed in, and the tokens to go on with.

        Raises as `exchange` does.
        """
        ...

    async def refresh(self, tokens: EsiaTokens) -> EsiaTokens:
        """Renew the tokens of a session. Raises as `exchange` does; EsiaCodeRefused is final."""
        ...

    def refusal(self, error: str, description: str) -> Refusal:
        """The refusal behind an error that came by the browser."""
        ...

    def logout_url(self, return_url: str) -> str:
        """Where the browser ends the session of ESIA."""
        ...

    def health(self) -> EsiaHealth:
        """What was seen last."""
        ...


class Registers(Protocol):
    """The state registers behind egisz-bridge."""

    async def check_identity(self, person: EsiaPerson, *, by_binding: bool) -> IdentityCheck:
        """Compare a person with the registers; the worker register is not asked `by_binding`.

        Raises IdentityCheckUnavailable.
        """
        ...

    async def find_card(self, worker_id: str, *, min_version: int) -> WorkerCard | None:
        """The present card; None when the register has none. Raises IdentityCheckUnavailable."""
        ...


class CodeSender(Protocol):
    """The sender of text messages (SMS)."""

    async def send(self, phone: Personal[str], text: Personal[str]) -> None:
        """Raises CodeNotDelivered."""
        ...


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


class People(Protocol):
    """People, their accounts and bindings."""

    async def get(self, person_id: PersonId, *, lock: bool = False) -> Person:
        """Raises PersonNotFound."""
        ...

    async def find_by_snils(self, snils: Personal[str]) -> Person | None: ...

    async def find_by_worker(self, worker_id: str) -> Person | None: ...

    async def find_by_account_number(self, number: str) -> Person | None: ...

    async def contacts_of(self, people: Sequence[PersonId]) -> Mapping[PersonId, Contacts]:
        """Contacts of those who are known."""
        ...

    async def create(self, snils: Personal[str], *, active: bool, now: datetime) -> Person:
        """A new account; when two create it at once both get the same one."""
        ...

    async def save(self, person: Person, now: datetime) -> None: ...

    async def bindings(self, person_id: PersonId) -> tuple[Binding, ...]: ...

    async def bind(self, person_id: PersonId, bindings: Sequence[Binding], now: datetime) -> None:
        """Make these the bindings of a person; the others end."""
        ...

    async def save_organization(self, organization: Organization) -> None: ...


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom to tell: empty parts do not narrow; `colleague` is a worker of the organisations.

    Who stands in for a head on `day` (delegation) is told what the head is told.
    """

    day: date
    roles: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    colleague: str = ""
    person: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person to be told and where that person works; `oid` is that of one organisation.

    `deputy`: only because the person stands in for a head.
    """

    person: uuid.UUID
    organizations: tuple[str, ...]
    oid: str
    deputy: bool = False


class Recipients(Protocol):
    """People by role and organisation."""

    async def page(self, audience: Audience, after: uuid.UUID, limit: int) -> list[Recipient]:
        """In the order of ids, those after an id."""
        ...

    async def find(self, person: uuid.UUID) -> Recipient | None: ...

    async def find_by_worker(self, worker: str) -> Recipient | None: ...


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


class Registry(Protocol):
    """The registry of decisions on terms and consents."""

    async def add(self, record: DecisionRecord) -> None: ...

    async def latest(self, person_id: PersonId) -> dict[str, DecisionRecord]:
        """The last decision on each document."""
        ...

    async def list(self, person_id: PersonId) -> tuple[DecisionRecord, ...]:
        """All decisions, newest first."""
        ...


class Activations(Protocol):
    """How far people have come in their activation."""

    async def find(self, person_id: PersonId) -> Activation: ...

    async def save(self, activation: Activation) -> None: ...

    async def find_holder(self, number: Personal[str]) -> PersonId | None:
        """Who has bound this employee identifier."""
        ...

    async def claim(self, person_id: PersonId, number: Personal[str], now: datetime) -> bool:
        """Bind an employee identifier to one person for good; False when another one has it."""
        ...


class Attempts(Protocol):
    """Attempts on something that is guarded, counted before they are looked at."""

    async def take(self, kind: str, subject: str, now: datetime) -> datetime | None:
        """Count one; gives the moment until which nothing is looked at, None when it may be."""
        ...

    async def forgive(self, kind: str, subject: str) -> None: ...


class Approvals(Protocol):
    """Questions to a person in the mobile application of Gosuslugi."""

    @property
    def offered(self) -> bool:
        """Whether the application can be asked at all."""
        ...

    async def ask(self, tokens: EsiaTokens, text: str, seconds: int) -> str:
        """Put a question; gives its id. Raises ApprovalUnavailable."""
        ...

    async def state(self, tokens: EsiaTokens, approval_id: str) -> ApprovalState:
        """Raises ApprovalUnavailable."""
        ...


class PasswordHasher(Protocol):
    """Slow one-way hashing of passwords."""

    async def hash(self, password: Personal[str]) -> str: ...

    async def fits(self, password_hash: str, password: Personal[str]) -> bool: ...


class Journal(Protocol):
    """The audit journal."""

    async def add(self, entry: AuditEntry, now: datetime) -> None: ...

    async def record(self, acts: Sequence[Reported], now: datetime) -> None:
        """Take acts of other programs; an id that came before is skipped."""
        ...

    async def list_sign_ins(self, person_id: PersonId, limit: int) -> tuple[SignInNote, ...]: ...


class Keys(Protocol):
    """The keys that sign caller tokens."""

    async def lock(self) -> None:
        """Nobody else rotates until this transaction ends."""
        ...

    async def list(self) -> tuple[SigningKey, ...]: ...

    async def add(self, key: SigningKey) -> None: ...

    async def remove(self, key_id: str) -> None: ...


class Cleaner(Protocol):
    """Removal of what is long over."""

    async def sweep(self, now: datetime, idle: timedelta) -> None:
        """Also marks as ended the sessions that were idle for longer than `idle`."""
        ...


class Disputes(Protocol):
    """Requests to explain an access."""

    async def concerns(self, entry: uuid.UUID, subjects: Sequence[str]) -> bool:
        """Whether an entry of the journal is about the data of one of these."""
        ...

    async def add(self, dispute: Dispute, text: Personal[str]) -> Dispute:
        """Keep the first request about an entry and give it back."""
        ...


class UnitOfWork(Protocol):
    """One transaction over everything that auth stores."""

    @property
    def sign_ins(self) -> SignIns: ...

    @property
    def people(self) -> People: ...

    @property
    def recipients(self) -> Recipients: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def esia_sessions(self) -> EsiaSessions: ...

    @property
    def codes(self) -> Codes: ...

    @property
    def sendings(self) -> Sendings: ...

    @property
    def passwords(self) -> Passwords: ...

    @property
    def passkeys(self) -> Passkeys: ...

    @property
    def backup_codes(self) -> BackupCodes: ...

    @property
    def delegations(self) -> Delegations: ...

    @property
    def emergencies(self) -> Emergencies: ...

    @property
    def policies(self) -> PolicyBook: ...

    @property
    def drafts(self) -> Drafts: ...

    @property
    def data_requests(self) -> DataRequests: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def activations(self) -> Activations: ...

    @property
    def attempts(self) -> Attempts: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def disputes(self) -> Disputes: ...

    @property
    def keys(self) -> Keys: ...

    @property
    def rights(self) -> Rights: ...

    @property
    def cleaner(self) -> Cleaner: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def announce(self, *facts: Fact) -> None:
        """Tell the other services, in this transaction."""
        ...

    async def commit(self) -> None: ...


class NewUnitOfWork(Protocol):
    """Opens transactions."""

    def __call__(self) -> UnitOfWork: ...
