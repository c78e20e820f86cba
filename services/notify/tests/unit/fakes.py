import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from lkmr_notify.domain.delivery import Channel, NextStep, Outcome, Result
from lkmr_notify.domain.message import Accreditation, Message
from lkmr_notify.usecases.ports import Contacts, Delivery, Dispatch
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.events import Event
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.personal import Personal

PERSON = uuid.UUID("11111111-1111-4111-8111-111111111111")
CONTACTS = Contacts(PERSON, Personal("ivanova@demo.example"), Personal("+79000000001"))
THERAPY = Accreditation("терапия", "2026-03-05", "2031-03-05")
HANDED_OVER = Result(Outcome.HANDED_OVER)
AWAY = ServiceError("PEER_UNAVAILABLE", Category.UNAVAILABLE)


@dataclass
class People:
    found: Contacts | None = CONTACTS
    fault: ServiceError | None = None

    async def behind_worker(self, worker: str) -> Contacts | None:
        return await self.contacts(PERSON)

    async def contacts(self, person: uuid.UUID) -> Contacts | None:
        if self.fault:
            raise self.fault
        return self.found


@dataclass
class Accreditations:
    found: Accreditation | None = THERAPY

    async def find(self, name: str) -> Accreditation | None:
        return self.found


@dataclass
class Sender:
    result: Result = HANDED_OVER
    sent: list[Dispatch] = field(default_factory=list)

    async def send(self, dispatch: Dispatch) -> Result:
        self.sent.append(dispatch)
        return self.result


@dataclass
class Store:
    """All parts of the unit of work in memory; what was not committed is dropped."""

    due: list[Delivery] = field(default_factory=list)
    seen: set[tuple[str, uuid.UUID]] = field(default_factory=set)
    kept: list[object] = field(default_factory=list)
    pending: list[object] = field(default_factory=list)
    faults: list[ServiceError] = field(default_factory=list)
    mine: bool = True

    @property
    def inbox(self) -> Self:
        return self

    messages = deliveries = requests = inbox

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

    async def add(self, message: Message) -> None:
        self.pending.append(message)

    async def mark_read(self, person: str, message: uuid.UUID, now: datetime) -> bytes | None:
        return None

    async def replay(self, caller: Caller, method: str, request_id: str, body: bytes) -> None:
        return None

    async def store(self, caller: Caller, method: str, request_id: str, response: bytes) -> None:
        raise AssertionError

    async def take(self, now: datetime, limit: int) -> list[Delivery]:
        taken, self.due = self.due[:limit], self.due[limit:]
        return taken

    async def finish(self, delivery: Delivery, step: NextStep, reason: str, now: datetime) -> bool:
        if self.faults:
            raise self.faults.pop(0)
        self.pending.append((step.state, reason))
        return self.mine

    async def announce_created(self, message: Message) -> None:
        self.pending.append("created")

    async def announce_failed(self, delivery: Delivery, reason: str) -> None:
        self.pending.append(f"failed {delivery.channel.value} {reason}")

    async def commit(self) -> None:
        self.kept += self.pending
        self.seen |= {one for one in self.pending if isinstance(one, tuple)}  # type: ignore[arg-type]


def a_delivery(channel: Channel = Channel.EMAIL, **changed: Any) -> Delivery:
    facts: dict[str, Any] = {
        "id": uuid.uuid4(),
        "create_time": datetime.fromisoformat("2026-11-23T11:32:00+00:00"),
        "person": PERSON,
        "message": uuid.uuid4(),
        "channel": channel,
        "kind": "ACCREDITATION_ANNULLED",
        "template_version": 1,
        "attempts": 1,
    }
    return Delivery(**{**facts, **changed})


def always(store: Store) -> Callable[[], Store]:
    return lambda: store
