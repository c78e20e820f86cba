"""The ports of auth in memory: one store, one unit of work, one world around the use cases."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from access_fakes import (
    AccessTable,
    FakeDataRequests,
    FakeDelegations,
    FakeDrafts,
    FakeEmergencies,
    FakeIncidents,
    FakePolicyBook,
    FakeSendings,
)
from auth_journal_fakes import FakeCleaner, FakeDisputes, FakeJournal, FakeKeys
from auth_outside_fakes import (
    FakeAdmissions,
    FakeApprovals,
    FakeEsia,
    FakeHasher,
    FakeRegisters,
    FakeSender,
)
from auth_people_fakes import FakeActivations, FakePeople, FakeRegistry
from auth_samples import LEGAL, NOW, OPERATOR, SNILS
from auth_session_fakes import FakeEsiaSessions, FakeSessions
from auth_sign_in_fakes import FakeAttempts, FakeCodes, FakePasswords, FakeSignIns, FakeStarts
from passkey_fakes import FakeBackupCodes, FakePasskeys, PasskeyTable
from rights_fakes import (
    FakeActsByHand,
    FakeInbox,
    FakeRegisterOfPeople,
    FakeRequests,
    FakeRights,
    RightsTable,
)

from lkmr_auth.clients.webauthn_checks import WebAuthnChecks
from lkmr_auth.domain.access_log import Dispute
from lkmr_auth.domain.activation import Activation
from lkmr_auth.domain.audit import AuditEntry
from lkmr_auth.domain.code import OneTimeCode
from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.facts import Fact
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.keys import SigningKey
from lkmr_auth.domain.legal import DecisionRecord, Legal
from lkmr_auth.domain.password import CabinetPassword
from lkmr_auth.domain.person import AccountState, Person, PersonId, account_number_of
from lkmr_auth.domain.posts import Posts
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.domain.session import Limits, Session
from lkmr_auth.domain.sign_in import SignIn, WaitingSignIn
from lkmr_auth.storage import shipped
from lkmr_auth.usecases.parts import AccessParts, IdentityParts, PasskeyParts, SignInParts
from lkmr_auth.usecases.resolve_session import SessionParts
from lkmr_auth.usecases.signing_keys import SigningKeys
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.personal import Personal


@dataclass
class Store:
    """What is committed."""

    sign_ins: dict[uuid.UUID, SignIn] = field(default_factory=dict)
    waiting: dict[uuid.UUID, WaitingSignIn] = field(default_factory=dict)
    people: dict[uuid.UUID, Person] = field(default_factory=dict)
    bindings: dict[uuid.UUID, tuple[Binding, ...]] = field(default_factory=dict)
    sessions: dict[uuid.UUID, Session] = field(default_factory=dict)
    esia: dict[uuid.UUID, tuple[EsiaTokens, datetime | None]] = field(default_factory=dict)
    starts: dict[tuple[str, str], datetime] = field(default_factory=dict)
    codes: dict[uuid.UUID, OneTimeCode] = field(default_factory=dict)
    passwords: dict[uuid.UUID, CabinetPassword] = field(default_factory=dict)
    decisions: list[DecisionRecord] = field(default_factory=list)
    activations: dict[uuid.UUID, Activation] = field(default_factory=dict)
    claims: dict[str, uuid.UUID] = field(default_factory=dict)
    attempts: dict[tuple[str, str], tuple[int, datetime | None]] = field(default_factory=dict)
    journal: list[tuple[AuditEntry, datetime]] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    disputes: dict[uuid.UUID, Dispute] = field(default_factory=dict)
    keys: dict[str, SigningKey] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    rights: RightsTable = field(default_factory=RightsTable)
    second: PasskeyTable = field(default_factory=PasskeyTable)
    beyond: AccessTable = field(default_factory=AccessTable)

    @property
    def now(self) -> datetime:
        return NOW

    def copy(self) -> "Store":
        return Store(**{name: getattr(self, name).copy() for name in self.__dataclass_fields__})

    def __call__(self) -> "FakeUnitOfWork":
        return FakeUnitOfWork(self)

    def person(self, *bindings: Binding, **changes: Any) -> Person:
        values: dict[str, Any] = {
            "id": PersonId(uuid.uuid4()),
            "account_number": account_number_of(len(self.people) + 1),
            "state": AccountState.ACTIVE,
            "snils": Personal(SNILS),
        }
        made = Person(**(values | changes))
        self.people[made.id], self.bindings[made.id] = made, bindings
        return made

    @property
    def reasons(self) -> list[str]:
        return [entry.reason for entry, _ in self.journal]


class FakeUnitOfWork:
    """Works on a copy; `commit` makes it the truth."""

    def __init__(self, committed: Store) -> None:
        self._committed = committed

    async def __aenter__(self) -> Self:
        self.work = self._committed.copy()
        self.sign_ins, self.starts = FakeSignIns(self.work), FakeStarts(self.work)
        self.people = FakePeople(self.work)
        self.sessions, self.esia_sessions = FakeSessions(self.work), FakeEsiaSessions(self.work)
        self.codes, self.journal = FakeCodes(self.work), FakeJournal(self.work)
        self.disputes = FakeDisputes(self.work)
        self.passwords, self.registry = FakePasswords(self.work), FakeRegistry(self.work)
        self.passkeys, self.backup_codes = FakePasskeys(self.work), FakeBackupCodes(self.work)
        self.delegations, self.emergencies = FakeDelegations(self.work), FakeEmergencies(self.work)
        self.policies, self.incidents = FakePolicyBook(self.work), FakeIncidents(self.work)
        self.data_requests = FakeDataRequests(self.work)
        self.drafts, self.sendings = FakeDrafts(self.work), FakeSendings(self.work)
        self.activations = FakeActivations(self.work)
        self.attempts = FakeAttempts(self.work)
        self.keys, self.cleaner = FakeKeys(self.work), FakeCleaner()
        self.rights, self.register = FakeRights(self.work), FakeRegisterOfPeople(self.work)
        self.acts = FakeActsByHand(self.work)
        self.requests, self.inbox = FakeRequests(self.work), FakeInbox(self.work)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    async def announce(self, *facts: Fact) -> None:
        self.work.facts.extend(facts)

    async def commit(self) -> None:
        for name in Store.__dataclass_fields__:
            setattr(self._committed, name, getattr(self.work, name))
        self.work = self._committed


@dataclass
class World:
    """Everything around the use cases."""

    store: Store = field(default_factory=Store)
    esia: FakeEsia = field(default_factory=FakeEsia)
    registers: FakeRegisters = field(default_factory=FakeRegisters)
    admissions: FakeAdmissions = field(default_factory=FakeAdmissions)
    sender: FakeSender = field(default_factory=FakeSender)
    clock: FakeClock = field(default_factory=FakeClock)
    approvals: FakeApprovals = field(default_factory=FakeApprovals)
    limits: Limits = field(default_factory=Limits)
    sends_per_hour: int = 5
    sends_per_address: int = 20
    legal: Legal = field(default_factory=lambda: Legal(()))
    posts: Posts = field(default_factory=Posts)
    new_uow: Any = None

    @property
    def sign_in(self) -> SignInParts:
        return SignInParts(
            new_uow=self.new_uow or self.store,
            esia=self.esia,
            registers=self.registers,
            admissions=self.admissions,
            sender=self.sender,
            clock=self.clock,
            limits=self.limits,
            code_key=b"k" * 16,
            sends_per_hour=self.sends_per_hour,
            sends_per_address=self.sends_per_address,
            legal=self.legal,
            posts=self.posts,
            policies=shipped.policies(),
        )

    async def sessions(self) -> SessionParts:
        new_uow = self.new_uow or self.store
        keys = SigningKeys(new_uow, self.clock)
        await keys.refresh()
        return SessionParts(
            new_uow=new_uow,
            clock=self.clock,
            limits=self.limits,
            keys=keys,
            policies=shipped.policies(),
        )

    async def identity(self) -> IdentityParts:
        return IdentityParts(
            codes=self.sign_in,
            sessions=await self.sessions(),
            hasher=FakeHasher(),
            approvals=self.approvals,
            legal=LEGAL,
            terms=shipped.terms(),
        )

    @property
    def keeping(self) -> PasskeyParts:
        return PasskeyParts(
            new_uow=self.new_uow or self.store, ceremonies=WebAuthnChecks(), clock=self.clock
        )

    @property
    def access(self) -> AccessParts:
        return AccessParts(
            new_uow=self.new_uow or self.store,
            policies=shipped.policies(),
            terms=shipped.terms(),
            clock=self.clock,
            operator=OPERATOR.id,
        )
