"""The ports of auth in memory, and builders that hide what a test does not care about."""

import hashlib
import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
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
from passkey_fakes import FakeBackupCodes, FakePasskeys, PasskeyTable
from rights_fakes import (
    FakeInbox,
    FakeRegisterOfPeople,
    FakeRequests,
    FakeRights,
    RightsTable,
)

from lkmr_auth.clients.webauthn_checks import WebAuthnChecks
from lkmr_auth.domain.access_log import Dispute
from lkmr_auth.domain.activation import Activation, ApprovalState
from lkmr_auth.domain.audit import SIGN_IN, AuditEntry
from lkmr_auth.domain.code import MAX_ERRORS, OneTimeCode
from lkmr_auth.domain.errors import PersonNotFound
from lkmr_auth.domain.esia import EsiaPerson, EsiaSignIn, EsiaTokens
from lkmr_auth.domain.facts import Fact
from lkmr_auth.domain.health import EsiaHealth
from lkmr_auth.domain.identity import IdentityCheck, Match, RegisterCard, WorkerCard
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.keys import SigningKey
from lkmr_auth.domain.legal import DecisionRecord, Legal
from lkmr_auth.domain.password import CabinetPassword, wait_after
from lkmr_auth.domain.person import (
    AccountState,
    Contacts,
    Person,
    PersonalNames,
    PersonId,
    RegisterJob,
    account_number_of,
)
from lkmr_auth.domain.posts import Posts
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_auth.domain.session import (
    EndReason,
    Limits,
    Session,
    SessionEnded,
    State,
)
from lkmr_auth.domain.sign_in import LIFE, SignIn, WaitingSignIn
from lkmr_auth.domain.sign_in_history import SignInNote
from lkmr_auth.storage import shipped
from lkmr_auth.usecases.parts import AccessParts, IdentityParts, PasskeyParts, SignInParts
from lkmr_auth.usecases.resolve_session import SessionParts
from lkmr_auth.usecases.signing_keys import SigningKeys
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.personal import Personal

LEGAL = Legal.from_data(
    tomllib.loads(files("lkmr_auth").joinpath("legal.toml").read_text(encoding="utf-8"))
)
ORIGIN = "https://cabinet.example"
SNILS = "90000103798"
NOW = datetime(2026, 11, 23, 11, 32, tzinfo=UTC)
CLINIC = Organization(id="org-gp1", oid="1.2.77.90001", name="Поликлиника", short_name="ГП")
HOSPITAL = Organization(id="org-kb2", oid="1.2.77.90002", name="Больница", short_name="КБ")
OPERATOR = Organization(id="org-lkmr", oid="1.2.77.90004", name="Оператор", short_name="Оп")
DOCTOR = Binding(organization=CLINIC, role="DOCTOR", position="врач")
HOSPITAL_DOCTOR = Binding(organization=HOSPITAL, role="DOCTOR", position="врач")
AUDITOR = Binding(organization=OPERATOR, role="AUDITOR", position="аудитор")


def tokens(name: str = "first", expire_time: datetime = NOW + timedelta(hours=1)) -> EsiaTokens:
    return EsiaTokens(
        access_token=Personal(f"access-{name}"),
        refresh_token=Personal(f"refresh-{name}"),
        expire_time=expire_time,
    )


def an_esia_person(**changes: Any) -> EsiaPerson:
    values: dict[str, Any] = {
        "names": PersonalNames(
            family_name=Personal("Образцова"),
            given_name=Personal("Проба"),
            patronymic=Personal("Тестовна"),
        ),
        "birth_date": Personal("1984-03-12"),
        "snils": Personal("900-001-037 98"),
        "trusted": True,
        "policy_number": Personal("7756510887007010"),
        "contacts": Contacts(email=Personal("p@demo.example"), phone=Personal("+79000000001")),
    }
    return EsiaPerson(**(values | changes))


def a_check(*organizations: Organization, **changes: Any) -> IdentityCheck:
    jobs = tuple(
        RegisterJob(organization_oid=one.oid, start_date=date(2020, 1, 1)) for one in organizations
    )
    values: dict[str, Any] = {
        "name": Match.EQUAL,
        "birth_date": Match.EQUAL,
        "policy_number": Match.EQUAL,
        "card": RegisterCard(worker_id="worker-1", version="7", jobs=jobs),
        "check_time": NOW,
    }
    return IdentityCheck(**(values | changes))


@dataclass
class FakeEsia:
    person: EsiaPerson = field(default_factory=an_esia_person)
    confirmed: bool = True
    second_factor: bool = True
    fault: Exception | None = None
    probe_fault: Exception | None = None
    refreshed: list[str] = field(default_factory=list)
    used_codes: set[str] = field(default_factory=set)

    async def probe(self) -> None:
        if self.probe_fault:
            raise self.probe_fault

    async def authorization_url(self, state: str, redirect_uri: str) -> str:
        return f"https://esia.example/ac?state={state}&redirect_uri={redirect_uri}"

    async def exchange(self, code: str, redirect_uri: str) -> EsiaSignIn:
        if self.fault:
            raise self.fault
        self.used_codes.add(code)
        return EsiaSignIn(
            oid="1000299001",
            confirmed=self.confirmed,
            second_factor=self.second_factor,
            tokens=tokens(),
        )

    async def fetch_person(self, oid: str, held: EsiaTokens) -> tuple[EsiaPerson, EsiaTokens]:
        return self.person, held

    async def refresh(self, held: EsiaTokens) -> EsiaTokens:
        if self.fault:
            raise self.fault
        self.refreshed.append(held.refresh_token.open())
        return tokens("renewed", NOW + timedelta(hours=2))

    def refusal(self, error: str, description: str) -> Refusal:
        from lkmr_auth.clients.esia.response import refusal_of_error
        from lkmr_esia import parse_esia_code

        return refusal_of_error(error, parse_esia_code(description) or "")

    def logout_url(self, return_url: str) -> str:
        return f"https://esia.example/logout?redirect_url={return_url}"

    def health(self) -> EsiaHealth:
        return EsiaHealth()


@dataclass
class FakeRegisters:
    check: IdentityCheck = field(default_factory=lambda: a_check(CLINIC))
    fault: Exception | None = None
    asked: list[EsiaPerson] = field(default_factory=list)
    cards: dict[str, WorkerCard] = field(default_factory=dict)

    async def check_identity(self, person: EsiaPerson, *, by_binding: bool) -> IdentityCheck:
        self.asked.append(person)
        if self.fault:
            raise self.fault
        return self.check

    async def find_card(self, worker_id: str, *, min_version: int) -> WorkerCard | None:
        if self.fault:
            raise self.fault
        return self.cards.get(worker_id)


@dataclass
class FakeSender:
    fault: Exception | None = None
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, phone: Personal[str], text: Personal[str]) -> None:
        if self.fault:
            raise self.fault
        self.sent.append((phone.open(), text.open()))

    @property
    def last_digits(self) -> str:
        return self.sent[-1][1].split(": ")[1][:6]


Facts = Fact


@dataclass
class Store:
    """What is committed."""

    sign_ins: dict[uuid.UUID, SignIn] = field(default_factory=dict)
    waiting: dict[uuid.UUID, WaitingSignIn] = field(default_factory=dict)
    people: dict[uuid.UUID, Person] = field(default_factory=dict)
    bindings: dict[uuid.UUID, tuple[Binding, ...]] = field(default_factory=dict)
    sessions: dict[uuid.UUID, Session] = field(default_factory=dict)
    esia: dict[uuid.UUID, tuple[EsiaTokens, datetime | None]] = field(default_factory=dict)
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
    facts: list[Facts] = field(default_factory=list)
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
        self.sign_ins, self.people = FakeSignIns(self.work), FakePeople(self.work)
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
        self.requests, self.inbox = FakeRequests(self.work), FakeInbox(self.work)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    async def announce(self, *facts: Facts) -> None:
        self.work.facts.extend(facts)

    async def commit(self) -> None:
        for name in Store.__dataclass_fields__:
            setattr(self._committed, name, getattr(self.work, name))
        self.work = self._committed


class _Table:
    def __init__(self, store: Store) -> None:
        self.store = store


class FakeSignIns(_Table):
    async def add(self, record: SignIn) -> None:
        self.store.sign_ins[record.id] = record

    async def take(self, secret_hash: bytes, state: uuid.UUID | None) -> SignIn | None:
        touched = [
            one
            for one in self.store.sign_ins.values()
            if one.secret_hash == secret_hash or one.state == str(state)
        ]
        for one in touched:
            del self.store.sign_ins[one.id]
        both = (
            one for one in touched if one.secret_hash == secret_hash and one.state == str(state)
        )
        return next(both, None)

    async def add_waiting(self, record: WaitingSignIn) -> None:
        self.store.waiting[record.id] = record

    async def find_waiting(
        self, secret_hash: bytes, now: datetime, *, lock: bool = False
    ) -> WaitingSignIn | None:
        for one in self.store.waiting.values():
            if one.secret_hash == secret_hash and now < one.create_time + LIFE:
                return one
        return None

    async def prolong(self, record_id: uuid.UUID, now: datetime) -> None:
        self.store.waiting[record_id] = replace(self.store.waiting[record_id], create_time=now)

    async def remove(self, record_id: uuid.UUID) -> None:
        self.store.waiting.pop(record_id, None)


class FakePeople(_Table):
    async def get(self, person_id: PersonId, *, lock: bool = False) -> Person:
        if person_id not in self.store.people:
            raise PersonNotFound
        return self.store.people[person_id]

    async def find_by_snils(self, snils: Personal[str]) -> Person | None:
        return next((one for one in self.store.people.values() if one.snils == snils), None)

    async def find_by_worker(self, worker_id: str) -> Person | None:
        people = self.store.people.values()
        return next((one for one in people if one.worker_id == worker_id), None)

    async def find_by_account_number(self, number: str) -> Person | None:
        people = self.store.people.values()
        return next((one for one in people if one.account_number == number), None)

    async def contacts_of(self, people: Sequence[PersonId]) -> dict[PersonId, Contacts]:
        known = self.store.people
        return {one: known[one].contacts for one in people if one in known}

    async def create(self, snils: Personal[str], *, active: bool, now: datetime) -> Person:
        state = AccountState.ACTIVE if active else AccountState.NOT_ACTIVATED
        return self.store.person(snils=snils, state=state)

    async def save(self, person: Person, now: datetime) -> None:
        self.store.people[person.id] = person

    async def bindings(self, person_id: PersonId) -> tuple[Binding, ...]:
        return self.store.bindings.get(person_id, ())

    async def bind(self, person_id: PersonId, bindings: Sequence[Binding], now: datetime) -> None:
        self.store.bindings[person_id] = tuple(bindings)

    async def save_organization(self, organization: Organization) -> None:
        self.store.rights.organizations[organization.id] = organization


class FakeSessions(_Table):
    async def add(self, session: Session) -> None:
        self.store.sessions[session.id] = session

    async def find(self, secret_hash: bytes, *, lock: bool = False) -> Session | None:
        sessions = self.store.sessions.values()
        return next((one for one in sessions if one.secret_hash == secret_hash), None)

    async def get_own(self, session_id: uuid.UUID, owner: PersonId) -> Session | None:
        found = self.store.sessions.get(session_id)
        return found if found and found.person_id == owner else None

    def _active(self, owner: PersonId) -> list[Session]:
        mine = [
            one
            for one in self.store.sessions.values()
            if one.person_id == owner and one.state is State.ACTIVE
        ]
        return sorted(mine, key=lambda one: one.start_time, reverse=True)

    async def list_open(self, owner: PersonId, now: datetime, limit: int) -> tuple[Session, ...]:
        return tuple(one for one in self._active(owner) if now < one.expire_time)[:limit]

    async def list_beyond(
        self, owner: PersonId, keep: int, active_since: datetime
    ) -> tuple[uuid.UUID, ...]:
        mine = [one for one in self._active(owner) if one.active_time > active_since]
        return tuple(one.family_id for one in mine[keep:])

    async def list_bound(self, owner: PersonId) -> tuple[Session, ...]:
        return tuple(one for one in self._active(owner) if one.role)

    async def end_family(
        self, family_id: uuid.UUID, reason: EndReason, now: datetime
    ) -> tuple[SessionEnded, ...]:
        ended = []
        for one in list(self.store.sessions.values()):
            if one.family_id == family_id and one.state is not State.ENDED:
                self.store.sessions[one.id] = replace(one, state=State.ENDED, end_reason=reason)
                ended.append(
                    SessionEnded(session=one.name, secret_hash=one.secret_hash, reason=reason)
                )
        self.store.esia.pop(family_id, None)
        return tuple(ended)

    async def end_all(
        self, owner: PersonId, reason: EndReason, now: datetime, *, keep: uuid.UUID | None = None
    ) -> tuple[SessionEnded, ...]:
        families = {one.family_id for one in self.store.sessions.values() if one.person_id == owner}
        ended = [await self.end_family(one, reason, now) for one in families if one != keep]
        return tuple(one for some in ended for one in some)

    async def rotate(self, session_id: uuid.UUID, now: datetime) -> bool:
        one = self.store.sessions[session_id]
        if one.state is not State.ACTIVE:
            return False
        self.store.sessions[session_id] = replace(one, state=State.ROTATED, rotate_time=now)
        return True

    async def touch(self, session_id: uuid.UUID, active_time: datetime) -> None:
        one = self.store.sessions[session_id]
        latest = max(one.active_time, active_time)
        self.store.sessions[session_id] = replace(one, active_time=latest)

    async def bind_device(self, session_id: uuid.UUID, device: bytes) -> None:
        one = self.store.sessions[session_id]
        self.store.sessions[session_id] = replace(one, device=device)

    async def take_closed(self, rotated_before: datetime, limit: int) -> tuple[SessionEnded, ...]:
        reason, ended = EndReason.PROFILE_SWITCHED, []
        for one in list(self.store.sessions.values()):
            if one.state is State.ROTATED and one.rotate_time and one.rotate_time < rotated_before:
                self.store.sessions[one.id] = replace(one, state=State.ENDED, end_reason=reason)
                ended.append(
                    SessionEnded(session=one.name, secret_hash=one.secret_hash, reason=reason)
                )
        return tuple(ended)


class FakeEsiaSessions(_Table):
    async def add(self, family_id: uuid.UUID, owner: PersonId, held: EsiaTokens) -> None:
        self.store.esia[family_id] = (held, None)

    async def find(self, family_id: uuid.UUID) -> EsiaTokens | None:
        return self.store.esia.get(family_id, (None, None))[0]

    async def lease(
        self, due: datetime, now: datetime, lease_until: datetime, limit: int
    ) -> tuple[tuple[uuid.UUID, EsiaTokens], ...]:
        taken = []
        for family_id, (held, lease) in list(self.store.esia.items()):
            if held.expire_time < due and (lease is None or lease < now):
                self.store.esia[family_id] = (held, lease_until)
                taken.append((family_id, held))
        return tuple(taken)

    async def save(self, family_id: uuid.UUID, held: EsiaTokens) -> None:
        if family_id in self.store.esia:
            self.store.esia[family_id] = (held, None)


class FakeCodes(_Table):
    def _of(self, person_id: PersonId) -> list[OneTimeCode]:
        mine = [one for one in self.store.codes.values() if one.person_id == person_id]
        return sorted(
            mine, key=lambda one: (one.create_time, one.replace_time is None), reverse=True
        )

    async def find_last(self, person_id: PersonId) -> OneTimeCode | None:
        return next(iter(self._of(person_id)), None)

    async def list_recent(self, person_id: PersonId, since: datetime) -> tuple[OneTimeCode, ...]:
        return tuple(one for one in self._of(person_id) if one.create_time > since)

    async def add(self, code: OneTimeCode) -> None:
        for one in self._of(code.person_id):
            if one.consume_time is None and one.replace_time is None:
                self.store.codes[one.id] = replace(one, replace_time=code.create_time)
        self.store.codes[code.id] = code

    async def take_attempt(self, code_id: uuid.UUID, now: datetime) -> OneTimeCode | None:
        code = self.store.codes[code_id]
        if not code.lives(now) or code.tries >= MAX_ERRORS:
            return None
        self.store.codes[code_id] = replace(code, tries=code.tries + 1)
        return self.store.codes[code_id]

    async def consume(self, code_id: uuid.UUID, now: datetime) -> bool:
        code = self.store.codes[code_id]
        if code.consume_time is not None or code.replace_time is not None:
            return False
        self.store.codes[code_id] = replace(code, consume_time=now)
        return True

    async def withdraw(self, code_id: uuid.UUID, now: datetime) -> None:
        self.store.codes[code_id] = replace(self.store.codes[code_id], replace_time=now)

    async def forgive(self, person_id: PersonId, now: datetime) -> None:
        for one in self._of(person_id):
            self.store.codes[one.id] = replace(one, tries=0, replace_time=now)


class FakePasswords(_Table):
    async def find(self, person_id: PersonId) -> CabinetPassword | None:
        return self.store.passwords.get(person_id)

    async def take_attempt(self, person_id: PersonId, now: datetime) -> CabinetPassword | None:
        held = self.store.passwords[person_id]
        if held.wait_time is not None and now < held.wait_time:
            return None
        tries = held.tries + 1
        wait = wait_after(tries)
        taken = replace(held, tries=tries, wait_time=now + wait if wait else None)
        self.store.passwords[person_id] = taken
        return taken

    async def forgive(self, person_id: PersonId) -> None:
        held = self.store.passwords[person_id]
        self.store.passwords[person_id] = replace(held, tries=0, wait_time=None)

    async def save(self, person_id: PersonId, password_hash: str, now: datetime) -> None:
        self.store.passwords[person_id] = CabinetPassword(
            person_id=person_id, password_hash=password_hash, tries=0, wait_time=None, set_time=now
        )


class FakeRegistry(_Table):
    async def add(self, record: DecisionRecord) -> None:
        self.store.decisions.append(record)

    async def latest(self, person_id: PersonId) -> dict[str, DecisionRecord]:
        mine = [one for one in self.store.decisions if one.person_id == person_id]
        return {one.document: one for one in mine}

    async def list(self, person_id: PersonId) -> tuple[DecisionRecord, ...]:
        return tuple(one for one in reversed(self.store.decisions) if one.person_id == person_id)


class FakeActivations(_Table):
    async def find(self, person_id: PersonId) -> Activation:
        return self.store.activations.get(person_id, Activation(person_id=person_id))

    async def save(self, activation: Activation) -> None:
        self.store.activations[activation.person_id] = activation

    async def find_holder(self, number: Personal[str]) -> PersonId | None:
        holder = self.store.claims.get(number.open())
        return PersonId(holder) if holder else None

    async def claim(self, person_id: PersonId, number: Personal[str], now: datetime) -> bool:
        return self.store.claims.setdefault(number.open(), person_id) == person_id


class FakeAttempts(_Table):
    async def take(self, kind: str, subject: str, now: datetime) -> datetime | None:
        tries, wait = self.store.attempts.get((kind, subject), (0, None))
        if wait is not None and now < wait:
            return wait
        pause = wait_after(tries + 1)
        self.store.attempts[(kind, subject)] = (tries + 1, now + pause if pause else None)
        return None

    async def forgive(self, kind: str, subject: str) -> None:
        self.store.attempts.pop((kind, subject), None)


@dataclass
class FakeApprovals:
    """The mobile application; `answer` is what the person pressed."""

    answer: ApprovalState = ApprovalState.PENDING
    asked: list[str] = field(default_factory=list)
    offered: bool = True

    async def ask(self, tokens: EsiaTokens, text: str, seconds: int) -> str:
        self.asked.append(text)
        return f"question-{len(self.asked)}"

    async def state(self, tokens: EsiaTokens, approval_id: str) -> ApprovalState:
        return self.answer


class FakeHasher:
    """Tells a hash from a password without the price of a real one."""

    async def hash(self, password: Personal[str]) -> str:
        return hashlib.sha256(password.open().encode()).hexdigest()

    async def fits(self, password_hash: str, password: Personal[str]) -> bool:
        return password_hash == await self.hash(password)


class FakeJournal(_Table):
    async def add(self, entry: AuditEntry, now: datetime) -> None:
        self.store.journal.append((entry, now))

    async def record(self, acts: Sequence[Reported], now: datetime) -> None:
        known = {one.event_id for one in self.store.reported}
        self.store.reported += [one for one in acts if one.event_id not in known]

    async def list_sign_ins(self, person_id: PersonId, limit: int) -> tuple[SignInNote, ...]:
        mine = [
            SignInNote(
                time=time,
                result=entry.result,
                reason=entry.reason,
                device=entry.device,
                address=entry.address or Personal(""),
            )
            for entry, time in self.store.journal
            if entry.actor == person_id and entry.operation == SIGN_IN
        ]
        return tuple(reversed(mine))[:limit]


class FakeDisputes(_Table):
    async def concerns(self, entry: uuid.UUID, subjects: Sequence[str]) -> bool:
        return any(
            one.event_id == entry and one.act.subject in subjects for one in self.store.reported
        )

    async def add(self, dispute: Dispute, text: Personal[str]) -> Dispute:
        return self.store.disputes.setdefault(dispute.event_id, dispute)


class FakeKeys(_Table):
    async def lock(self) -> None:
        return None

    async def list(self) -> tuple[SigningKey, ...]:
        return tuple(self.store.keys.values())

    async def add(self, key: SigningKey) -> None:
        self.store.keys[key.key_id] = key

    async def remove(self, key_id: str) -> None:
        del self.store.keys[key_id]


class FakeCleaner:
    async def sweep(self, now: datetime, idle: timedelta) -> None:
        return None


@dataclass
class World:
    """Everything around the use cases."""

    store: Store = field(default_factory=Store)
    esia: FakeEsia = field(default_factory=FakeEsia)
    registers: FakeRegisters = field(default_factory=FakeRegisters)
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
            sender=self.sender,
            clock=self.clock,
            limits=self.limits,
            code_key=b"k" * 16,
            sends_per_hour=self.sends_per_hour,
            sends_per_address=self.sends_per_address,
            legal=self.legal,
            posts=self.posts,
        )

    async def sessions(self) -> SessionParts:
        new_uow = self.new_uow or self.store
        keys = SigningKeys(new_uow, self.clock)
        await keys.refresh()
        return SessionParts(new_uow=new_uow, clock=self.clock, limits=self.limits, keys=keys)

    async def identity(self) -> IdentityParts:
        return IdentityParts(
            codes=self.sign_in,
            sessions=await self.sessions(),
            hasher=FakeHasher(),
            approvals=self.approvals,
            legal=LEGAL,
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
