"""Systems outside auth, in memory."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from auth_samples import CLINIC, NOW, a_check, an_esia_person, tokens

from lkmr_auth.domain.activation import ApprovalState
from lkmr_auth.domain.esia import EsiaPerson, EsiaSignIn, EsiaTokens
from lkmr_auth.domain.health import EsiaHealth
from lkmr_auth.domain.identity import IdentityCheck, WorkerCard
from lkmr_auth.domain.lapse import Lapse
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.personal import Personal


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
class FakeAdmissions:
    lapses: tuple[Lapse, ...] = ()
    fault: Exception | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def list_lapses(self, worker_id: str, *, min_version: int) -> tuple[Lapse, ...]:
        self.asked.append((worker_id, min_version))
        if self.fault:
            raise self.fault
        return self.lapses


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
