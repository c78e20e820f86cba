import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from lkmr_notify.domain.channel import Channel
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.domain.message import Message
from lkmr_notify.domain.preferences import Cell, Mode, Preferences
from lkmr_notify.domain.rules import Whom
from lkmr_notify.domain.words import Value
from lkmr_notify.usecases.ports import (
    Contacts,
    Delivery,
    Dispatch,
    Ending,
    Handing,
    Handover,
    Recipient,
)
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.events import Event
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.personal import Personal

PERSON = uuid.UUID("11111111-1111-4111-8111-111111111111")
HEAD = uuid.UUID("22222222-2222-4222-8222-222222222222")
CONTACTS = Contacts(PERSON, Personal("ivanova@demo.example"), Personal("+79000000001"))
HANDED_OVER = Result(Outcome.HANDED_OVER)
AWAY = ServiceError("PEER_UNAVAILABLE", Category.UNAVAILABLE)


@dataclass
class People:
    found: Contacts | None = CONTACTS
    fault: ServiceError | None = None
    oid: str = "1.2.643.5.1.13.13.12.2.77.90001"
    deputies: list[Recipient] = field(default_factory=list)

    async def behind_worker(self, worker: str) -> Recipient | None:
        return await self.recipient(PERSON)

    async def contacts(self, person: uuid.UUID) -> Contacts | None:
        if self.fault:
            raise self.fault
        return replace(self.found, person=person) if self.found else None

    async def recipient(self, person: uuid.UUID) -> Recipient | None:
        if self.fault:
            raise self.fault
        return Recipient(person, ("org-gp1",), self.oid) if self.found else None

    async def colleagues(self, worker: str, roles: Sequence[Whom]) -> list[Recipient]:
        return [Recipient(HEAD, ("org-gp1",), self.oid), *self.deputies]

    async def holders(self, roles: Sequence[Whom]) -> list[Recipient]:
        return [Recipient(HEAD, ("org-lkmr",), self.oid)]

    async def audience(
        self, roles: Sequence[str], organizations: Sequence[str], *, after: str, size: int
    ) -> tuple[list[Recipient], str]:
        return [Recipient(PERSON, (), ""), Recipient(HEAD, (), "")], ""


@dataclass
class Told:
    """The port `Facts`."""

    found: Mapping[str, Value] = field(default_factory=lambda: {"specialty": "терапия"})

    async def values(self, name: str) -> Mapping[str, Value]:
        return self.found


@dataclass
class Sender:
    result: Result = HANDED_OVER
    repeats_known: bool = False
    sent: list[Dispatch] = field(default_factory=list)
    fault: Exception | None = None

    async def send(self, dispatch: Dispatch, handover: Handover) -> Result:
        if self.fault:
            raise self.fault
        await handover("one")
        self.sent.append(dispatch)
        return self.result


@dataclass
class Store:
    """All parts of the unit of work in memory; what was not committed is dropped."""

    due: list[Delivery] = field(default_factory=list)
    seen: set[tuple[str, uuid.UUID]] = field(default_factory=set)
    kept: list[object] = field(default_factory=list)
    pending: list[object] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    mine: bool = True
    used: set[Channel] = field(default_factory=set)
    wanted: dict[uuid.UUID, Preferences] = field(default_factory=dict)
    ruled: dict[str, dict[Cell, Mode]] = field(default_factory=dict)

    @property
    def inbox(self) -> Self:
        return self

    messages = deliveries = requests = wishes = browsers = digests = inbox

    async def __aenter__(self) -> Self:
        self.pending = []
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def first_time(self, consumer: str, event: Event[Any]) -> bool:
        if (consumer, event.id) in self.seen:
            return False
        self.pending.append((consumer, event.id))
        return True

    async def first_times(self, consumer: str, events: Sequence[Event[Any]]) -> list[Event[Any]]:
        each = {one.id: one for one in events}
        return [one for one in each.values() if await self.first_time(consumer, one)]

    async def add_all(self, messages: Sequence[Message]) -> None:
        self.pending += messages

    async def settle(
        self, topics: Sequence[str], now: datetime
    ) -> list[tuple[uuid.UUID, uuid.UUID]]:
        return []

    async def cancel(self, messages: Sequence[uuid.UUID], reason: str, now: datetime) -> None: ...

    async def of(self, people: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Preferences]:
        return self.wanted

    async def with_browser(self, people: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
        return frozenset()

    async def of_organizations(
        self, organizations: Sequence[str]
    ) -> Mapping[str, Mapping[Cell, Mode]]:
        return self.ruled

    async def save(self, person: uuid.UUID, wishes: Preferences, now: datetime) -> None:
        self.pending.append([person, wishes])

    async def replay(self, caller: Caller, method: str, request_id: str, body: bytes) -> None:
        return None

    async def store(self, caller: Caller, method: str, request_id: str, response: bytes) -> None:
        raise AssertionError

    async def take(self, now: datetime, limit: int, priority: int) -> list[Delivery]:
        taken = [one for one in self.due if one.priority == priority][:limit]
        self.due = [one for one in self.due if one not in taken]
        return taken

    async def begin_handover(self, rows: Sequence[Handing], now: datetime) -> set[uuid.UUID]:
        return self._mine(rows)

    async def finish(self, rows: Sequence[Ending], now: datetime) -> set[uuid.UUID]:
        if self.faults:
            raise self.faults.pop(0)
        self.pending += [(one.step.state, one.result.reason) for one in rows]
        return self._mine(rows)

    def _mine(self, rows: Sequence[Handing] | Sequence[Ending]) -> set[uuid.UUID]:
        return {one.delivery.id for one in rows} if self.mine else set()

    async def used_channels(self, message: uuid.UUID, since: datetime) -> set[Channel]:
        return self.used

    async def stand_in(self, failed: Delivery, channel: Channel, now: datetime) -> None:
        self.pending.append(f"instead {channel.value}")

    async def stop(
        self,
        person: uuid.UUID,
        channel: Channel,
        kinds: Sequence[str],
        reason: str,
        now: datetime,
    ) -> None:
        self.pending.append(("stopped", channel, tuple(kinds)))

    async def drop(self, person: uuid.UUID) -> None:
        self.pending.append("dropped")

    async def announce_created(self, *messages: Message) -> None:
        self.pending += ["created"] * len(messages)

    async def announce_failed(self, delivery: Delivery, reason: str) -> None:
        self.pending.append(f"failed {delivery.channel.value} {reason}")

    async def commit(self) -> None:
        self.kept += self.pending
        self.seen |= {one for one in self.pending if isinstance(one, tuple)}  # type: ignore[arg-type]


def a_delivery(channel: Channel = Channel.EMAIL, **changed: Any) -> Delivery:
    moment = datetime.fromisoformat("2026-11-23T11:32:00+00:00")
    facts: dict[str, Any] = {
        "id": uuid.uuid4(),
        "create_time": moment,
        "due_time": moment,
        "person": PERSON,
        "message": uuid.uuid4(),
        "channel": channel,
        "kind": "ACCREDITATION_CHANGED",
        "template_version": 1,
        "attempts": 1,
    }
    return Delivery(**{**facts, **changed})


def always(store: Store) -> Callable[[], Store]:
    return lambda: store
