"""What the use cases need to know and keep about people."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from lkmr_auth.domain.activation import Activation
from lkmr_auth.domain.legal import DecisionRecord
from lkmr_auth.domain.person import Contacts, Person, PersonId
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_servicekit.personal import Personal


class People(Protocol):
    """People, their accounts and bindings."""

    async def get(self, person_id: PersonId, *, lock: bool = False) -> Person:
        """Raises PersonNotFound."""
        ...

    async def find_by_snils(self, snils: Personal[str]) -> Person | None: ...

    async def find_by_worker(self, worker_id: str) -> Person | None: ...

    async def known_workers(self, worker_ids: Sequence[str]) -> frozenset[str]:
        """Those of them who have an account here."""
        ...

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
