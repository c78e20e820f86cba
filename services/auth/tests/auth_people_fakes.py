"""People, their decisions and activations in memory."""

from collections.abc import Sequence
from datetime import datetime

from auth_table import Table

from lkmr_auth.domain.activation import Activation
from lkmr_auth.domain.errors import PersonNotFound
from lkmr_auth.domain.legal import DecisionRecord
from lkmr_auth.domain.person import AccountState, Contacts, Person, PersonId
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_servicekit.personal import Personal


class FakePeople(Table):
    async def get(self, person_id: PersonId, *, lock: bool = False) -> Person:
        if person_id not in self.store.people:
            raise PersonNotFound
        return self.store.people[person_id]

    async def find_by_snils(self, snils: Personal[str]) -> Person | None:
        return next((one for one in self.store.people.values() if one.snils == snils), None)

    async def find_by_worker(self, worker_id: str) -> Person | None:
        people = self.store.people.values()
        return next((one for one in people if one.worker_id == worker_id), None)

    async def known_workers(self, worker_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(one.worker_id for one in self.store.people.values()) & {*worker_ids}

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


class FakeRegistry(Table):
    async def add(self, record: DecisionRecord) -> None:
        self.store.decisions.append(record)

    async def latest(self, person_id: PersonId) -> dict[str, DecisionRecord]:
        mine = [one for one in self.store.decisions if one.person_id == person_id]
        return {one.document: one for one in mine}

    async def list(self, person_id: PersonId) -> tuple[DecisionRecord, ...]:
        return tuple(one for one in reversed(self.store.decisions) if one.person_id == person_id)


class FakeActivations(Table):
    async def find(self, person_id: PersonId) -> Activation:
        return self.store.activations.get(person_id, Activation(person_id=person_id))

    async def save(self, activation: Activation) -> None:
        self.store.activations[activation.person_id] = activation

    async def find_holder(self, number: Personal[str]) -> PersonId | None:
        holder = self.store.claims.get(number.open())
        return PersonId(holder) if holder else None

    async def claim(self, person_id: PersonId, number: Personal[str], now: datetime) -> bool:
        return self.store.claims.setdefault(number.open(), person_id) == person_id
