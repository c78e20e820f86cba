"""The ports of administration in memory, over the bindings of `auth_fakes.Store`."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lkmr_auth.domain.administration import ActByHand, ActNote, SessionRow
from lkmr_auth.domain.audit import Result
from lkmr_auth.domain.errors import RoleHeldAlready, RoleRequestPending
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_auth.domain.rights import (
    BindingSource,
    HeldRole,
    Reach,
    RequestState,
    RoleRequest,
)


@dataclass
class RightsTable:
    """What the store of bindings does not hold: sources, ends, requests, organisations."""

    sources: dict[uuid.UUID, BindingSource] = field(default_factory=dict)
    ends: dict[tuple[uuid.UUID, str, str], tuple[str, datetime]] = field(default_factory=dict)
    requests: dict[uuid.UUID, RoleRequest] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    answers: dict[tuple[str, str], bytes] = field(default_factory=dict)
    acts: list[ActByHand] = field(default_factory=list)

    def copy(self) -> "RightsTable":
        return RightsTable(
            **{name: getattr(self, name).copy() for name in self.__dataclass_fields__}
        )


class FakeRights:
    def __init__(self, store: Any) -> None:
        self.store, self.table = store, store.rights

    async def list_roles(self, person_id: PersonId) -> tuple[HeldRole, ...]:
        return tuple(self._held(person_id, one) for one in self.store.bindings.get(person_id, ()))

    async def find_role(self, binding_id: uuid.UUID) -> tuple[PersonId, HeldRole] | None:
        for person_id in self.store.bindings:
            for held in await self.list_roles(person_id):
                if held.id == binding_id:
                    return person_id, held
        return None

    async def add_role(
        self, person_id: PersonId, binding: Binding, source: BindingSource, now: datetime
    ) -> uuid.UUID:
        held = self._held(person_id, binding)
        if any(one.key == held.key for one in await self.list_roles(person_id)):
            raise RoleHeldAlready
        self.store.bindings[person_id] = (*self.store.bindings.get(person_id, ()), binding)
        self.table.sources[held.id] = source
        return held.id

    async def end_role(self, binding_id: uuid.UUID, reason: str, now: datetime) -> bool:
        found = await self.find_role(binding_id)
        if found is None:
            return False
        person_id, held = found
        left = tuple(one for one in self.store.bindings[person_id] if one != held.binding)
        self.store.bindings[person_id] = left
        self.table.ends[(person_id, *held.key)] = (reason, now)
        return True

    async def last_end(
        self, person_id: PersonId, organization: str, role: str
    ) -> tuple[str, datetime] | None:
        return self.table.ends.get((person_id, organization, role))

    async def find_organization(self, identity: str) -> Organization | None:
        return self._organizations().get(identity)

    async def find_organization_by_oid(self, oid: str) -> Organization | None:
        found = (one for one in self._organizations().values() if one.oid == oid)
        return next(found, None)

    async def list_organizations(self, reach: Reach) -> tuple[Organization, ...]:
        return tuple(one for one in self._organizations().values() if reach.covers(one.id))

    async def add_request(self, request: RoleRequest) -> None:
        key = (request.person_id, request.organization_id, request.role)
        for one in self.table.requests.values():
            if one.state is RequestState.PENDING and key == (
                one.person_id,
                one.organization_id,
                one.role,
            ):
                raise RoleRequestPending
        self.table.requests[request.id] = request

    async def get_request(self, identity: uuid.UUID) -> RoleRequest | None:
        return self.table.requests.get(identity)

    async def list_requests(self, reach: Reach, state: str, limit: int) -> tuple[RoleRequest, ...]:
        found = self.table.requests.values()
        return tuple(one for one in found if state in ("", one.state.value))[:limit]

    async def decide_request(
        self, identity: uuid.UUID, state: RequestState, decider: PersonId, now: datetime
    ) -> None:
        from dataclasses import replace

        found = self.table.requests[identity]
        self.table.requests[identity] = replace(found, state=state, decider_id=decider)

    def _organizations(self) -> dict[str, Organization]:
        bound = {
            one.organization.id: one.organization
            for held in self.store.bindings.values()
            for one in held
        }
        return bound | self.table.organizations

    def _held(self, person_id: PersonId, binding: Binding) -> HeldRole:
        name = f"{binding.organization.id}/{binding.role}"
        identity = uuid.uuid5(person_id, name)
        source = self.table.sources.get(identity, BindingSource.IMPORT)
        start = self.store.now
        return HeldRole(id=identity, binding=binding, source=source, start_time=start)


class FakeRegisterOfPeople:
    def __init__(self, store: Any) -> None:
        self.store = store

    async def page(self, reach: Reach, *, after: int, limit: int) -> tuple[PersonId, ...]:
        people = sorted(self.store.people.values(), key=lambda one: one.account_number)
        found = [one.id for one in people if await self.in_reach(one.id, reach)]
        return tuple(found[after : after + limit])

    async def in_reach(self, person_id: PersonId, reach: Reach) -> bool:
        held = self.store.bindings.get(person_id, ())
        return reach.covers_any(one.organization.id for one in held)

    async def last_faults(self, person_id: PersonId, limit: int) -> tuple[ActNote, ...]:
        return tuple(
            ActNote(
                time=time,
                operation=entry.operation,
                object=entry.object,
                result=entry.result,
                reason=entry.reason,
                trace_id=entry.trace_id,
            )
            for entry, time in self.store.journal
            if entry.actor == person_id and entry.result is not Result.ALLOWED
        )[:limit]

    async def open_sessions(
        self, reach: Reach, *, now: datetime, active_since: datetime, limit: int
    ) -> tuple[SessionRow, ...]:
        found = [one for one in self.store.sessions.values() if reach.covers(one.organization_id)]
        return tuple(SessionRow(one.id, one.person_id) for one in found)[:limit]


class FakeActsByHand:
    def __init__(self, store: Any) -> None:
        self.table = store.rights

    async def add(self, act: ActByHand) -> None:
        self.table.acts.append(act)

    async def of_person(self, person_id: PersonId, limit: int) -> tuple[ActByHand, ...]:
        found = [one for one in reversed(self.table.acts) if one.person_id == person_id]
        return tuple(found[:limit])


class FakeRequests:
    def __init__(self, store: Any) -> None:
        self.table = store.rights

    async def replay(self, caller: Any, method: str, request_id: str, body: bytes) -> bytes | None:
        return self.table.answers.get((method, request_id)) if request_id else None

    async def store(self, caller: Any, method: str, request_id: str, response: bytes) -> None:
        self.table.answers[method, request_id] = response


class FakeInbox:
    def __init__(self, store: Any) -> None:
        self.table = store.rights

    async def first_time(self, consumer: str, event: Any) -> bool:
        new = event.id not in self.table.seen
        self.table.seen.add(event.id)
        return new

    async def first_times(self, consumer: str, events: Sequence[Any]) -> list[Any]:
        return [one for one in events if await self.first_time(consumer, one)]
