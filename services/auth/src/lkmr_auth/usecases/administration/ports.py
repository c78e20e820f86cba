"""What administration needs beyond the ports of sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from lkmr_auth.domain.administration import ActByHand, ActNote, SessionRow
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.rights import Actor, Reach, reach_of
from lkmr_auth.domain.session import Limits
from lkmr_auth.usecases.incident_ports import Incidents
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_auth.usecases.redirect_ports import Redirects
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Event
from lkmr_servicekit.identity import Caller


class RegisterOfPeople(Protocol):
    """People as administrators look for them."""

    async def page(self, reach: Reach, *, after: int, limit: int) -> tuple[PersonId, ...]:
        """In the order of account numbers, after one of them."""
        ...

    async def in_reach(self, person_id: PersonId, reach: Reach) -> bool:
        """Whether the person is, or was, bound to an organisation in reach."""
        ...

    async def last_faults(self, person_id: PersonId, limit: int) -> tuple[ActNote, ...]: ...

    async def open_sessions(
        self, reach: Reach, *, now: datetime, active_since: datetime, limit: int
    ) -> tuple[SessionRow, ...]: ...


class ActsByHand(Protocol):
    """What administrators did to people, with their reasons."""

    async def add(self, act: ActByHand) -> None: ...

    async def of_person(self, person_id: PersonId, limit: int) -> tuple[ActByHand, ...]:
        """The last ones, newest first."""
        ...


class Requests(Protocol):
    """Repeats of commands."""

    async def replay(
        self, caller: Caller, method: str, request_id: str, body: bytes
    ) -> bytes | None: ...

    async def store(
        self, caller: Caller, method: str, request_id: str, response: bytes
    ) -> None: ...


class Inbox(Protocol):
    """Events that were seen."""

    async def first_time(self, consumer: str, event: Event[Any]) -> bool: ...

    async def first_times(
        self, consumer: str, events: Sequence[Event[Any]]
    ) -> Sequence[Event[Any]]: ...


class AdministrationUnitOfWork(UnitOfWork, Protocol):
    """One transaction over what sign-in and administration store."""

    @property
    def register(self) -> RegisterOfPeople: ...

    @property
    def acts(self) -> ActsByHand: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def redirects(self) -> Redirects: ...

    @property
    def requests(self) -> Requests: ...

    @property
    def inbox(self) -> Inbox: ...


class NewAdministrationUnitOfWork(Protocol):
    """Opens transactions."""

    def __call__(self) -> AdministrationUnitOfWork: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationParts:
    """Ports and settings. `operator` is the organisation that runs the cabinet, may be empty."""

    new_uow: NewAdministrationUnitOfWork
    clock: Clock
    limits: Limits
    operator: str

    def reach(self, actor: Actor) -> Reach:
        """Whose data this administrator's rights cover."""
        return reach_of(actor, self.operator)
