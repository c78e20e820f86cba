"""Delegations, emergency accesses, policies and incidents in memory."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from lkmr_auth.domain.data_request import DataRequest
from lkmr_auth.domain.delegation import Delegation
from lkmr_auth.domain.draft import Draft
from lkmr_auth.domain.emergency import EmergencyAccess
from lkmr_auth.domain.incident import Incident
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.policy import PolicyDecision
from lkmr_auth.domain.rights import Reach
from lkmr_servicekit.personal import Personal


@dataclass
class AccessTable:
    """What is committed."""

    delegations: dict[uuid.UUID, Delegation] = field(default_factory=dict)
    emergencies: dict[uuid.UUID, EmergencyAccess] = field(default_factory=dict)
    policies: list[PolicyDecision] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    drafts: dict[tuple[PersonId, str], Draft] = field(default_factory=dict)
    data_requests: dict[uuid.UUID, DataRequest] = field(default_factory=dict)
    sendings: list[tuple[str, str, datetime]] = field(default_factory=list)

    def copy(self) -> "AccessTable":
        return AccessTable(
            **{name: getattr(self, name).copy() for name in self.__dataclass_fields__}
        )


class FakeDelegations:
    def __init__(self, store: Any) -> None:
        self.rows: dict[uuid.UUID, Delegation] = store.beyond.delegations

    async def given_to(self, delegate: PersonId, day: date) -> tuple[Delegation, ...]:
        mine = (one for one in self.rows.values() if one.delegate_id == delegate)
        return tuple(one for one in mine if one.counts_on(day))

    async def list_of(self, person: PersonId, since: date) -> tuple[Delegation, ...]:
        rows = (one for one in self.rows.values() if one.end_date >= since)
        return tuple(one for one in rows if person in (one.person_id, one.delegate_id))

    async def overlapping(self, wanted: Delegation) -> bool:
        return any(
            one.revoke_time is None
            and (one.delegate_id, one.organization_id, one.role)
            == (wanted.delegate_id, wanted.organization_id, wanted.role)
            and one.start_date <= wanted.end_date
            and one.end_date >= wanted.start_date
            for one in self.rows.values()
        )

    async def add(self, delegation: Delegation) -> None:
        self.rows[delegation.id] = delegation

    async def find(self, identity: uuid.UUID) -> Delegation | None:
        return self.rows.get(identity)

    async def revoke(self, identity: uuid.UUID, now: datetime) -> None:
        self.rows[identity] = replace(self.rows[identity], revoke_time=now)


class FakeEmergencies:
    def __init__(self, store: Any) -> None:
        self.rows: dict[uuid.UUID, EmergencyAccess] = store.beyond.emergencies

    async def add(self, access: EmergencyAccess) -> None:
        self.rows[access.id] = access

    async def find(self, identity: uuid.UUID) -> EmergencyAccess | None:
        return self.rows.get(identity)

    async def save(self, access: EmergencyAccess) -> None:
        self.rows[access.id] = access

    async def open_of(self, person: PersonId, now: datetime) -> tuple[EmergencyAccess, ...]:
        return tuple(one for one in await self.list_of(person, 100) if one.lasts(now))

    async def list_of(self, person: PersonId, limit: int) -> tuple[EmergencyAccess, ...]:
        return tuple(one for one in self.rows.values() if one.person_id == person)

    async def page(self, reach: Reach, limit: int) -> tuple[EmergencyAccess, ...]:
        return tuple(one for one in self.rows.values() if reach.covers(one.organization_id))


class FakePolicyBook:
    def __init__(self, store: Any) -> None:
        self.rows: list[PolicyDecision] = store.beyond.policies

    async def list(self) -> tuple[PolicyDecision, ...]:
        return tuple(reversed(self.rows))

    async def add(self, decision: PolicyDecision) -> None:
        self.rows.append(decision)


class FakeIncidents:
    def __init__(self, store: Any) -> None:
        self.rows: list[Incident] = store.beyond.incidents

    async def add(self, incident: Incident) -> None:
        self.rows.append(incident)

    async def is_known(self, session: str, kind: str) -> bool:
        return any((one.session, one.kind) == (session, kind) for one in self.rows)


class FakeDataRequests:
    def __init__(self, store: Any) -> None:
        self.rows: dict[uuid.UUID, DataRequest] = store.beyond.data_requests

    async def add(self, request: DataRequest) -> None:
        same = (request.person_id, request.event_id)
        if request.event_id and any(
            (one.person_id, one.event_id) == same for one in self.rows.values()
        ):
            return
        self.rows[request.id] = replace(request, number=len(self.rows) + 1)

    async def find(self, identity: uuid.UUID) -> DataRequest | None:
        return self.rows.get(identity)

    async def save(self, request: DataRequest) -> None:
        self.rows[request.id] = request

    async def list_of(self, person: PersonId) -> tuple[DataRequest, ...]:
        return tuple(one for one in self.rows.values() if one.person_id == person)

    async def page(self, reach: Reach, limit: int) -> tuple[DataRequest, ...]:
        found = [one for one in self.rows.values() if reach.covers(one.organization_id)]
        return tuple(sorted(found, key=lambda one: one.due_date))


class FakeSendings:
    def __init__(self, store: Any) -> None:
        self.rows: list[tuple[str, str, datetime]] = store.beyond.sendings

    async def take(
        self, kind: str, subject: Personal[str], limit: int, since: datetime, now: datetime
    ) -> datetime | None:
        key = (kind, subject.open())
        recent = [time for *one, time in self.rows if tuple(one) == key and time > since]
        if len(recent) >= limit:
            return recent[-limit]
        self.rows.append((*key, now))
        return None


class FakeDrafts:
    def __init__(self, store: Any) -> None:
        self.rows: dict[tuple[PersonId, str], Draft] = store.beyond.drafts

    async def list(self, owner: PersonId, since: datetime) -> tuple[Draft, ...]:
        mine = [
            one for one in self.rows.values() if one.person_id == owner and one.update_time > since
        ]
        return tuple(sorted(mine, key=lambda one: one.update_time, reverse=True))

    async def save(self, draft: Draft, *, keep: int) -> None:
        self.rows[draft.person_id, draft.form] = draft
        mine = [one for (owner, _), one in self.rows.items() if owner == draft.person_id]
        for one in sorted(mine, key=lambda one: one.update_time, reverse=True)[keep:]:
            del self.rows[one.person_id, one.form]

    async def drop(self, owner: PersonId, form: str) -> None:
        self.rows.pop((owner, form), None)
