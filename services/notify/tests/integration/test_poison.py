"""Events that cannot be handled end apart from the others, and are handled anew when asked for."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from lkmr.accreditation.v1.events_pb2 import DocumentTermChanged
from lkmr.notify.v1 import notify_administration_service_pb2 as pb
from lkmr.notify.v1 import notify_administration_service_pb2_grpc as rpc

from lkmr_servicekit.clock import MOSCOW, SystemClock, day_in
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Announcement, Bus, headers_of
from lkmr_servicekit.identity import Caller, CallerKind

from .conftest import REFUSED, SIGNER, Suite
from .test_service import bus, rows, tell, until

__all__ = ["bus"]  # the fixture
pytestmark = pytest.mark.servers
CLOCK = SystemClock()
END = day_in(MOSCOW, CLOCK.now()) + timedelta(days=400)


class Operator:
    """Calls of an administrator."""

    def __init__(self, peer: Any) -> None:
        self._peer, self._stub = peer, rpc.NotifyAdministrationServiceStub(peer.channel)

    async def call(self, method: str, request: Any) -> Any:
        caller = Caller(
            CallerKind.PERSON, str(uuid.UUID(int=7)), 0, session="s", roles=("IT_ADMIN",)
        )
        token = SIGNER.caller_token(caller, CLOCK.now())[0]
        return await self._peer.call(getattr(self._stub, method), request, timeout=5, token=token)

    async def dead(self, resource: str) -> dict[str, Any] | None:
        answer = await self.call("ListDeadEvents", pb.ListDeadEventsRequest())
        items: list[dict[str, Any]] = orjson.loads(answer.body)["items"]
        return next((one for one in items if one["resource"] == resource), None)


@pytest.fixture
async def operator(suite: Suite) -> AsyncIterator[Operator]:
    async with suite.peer() as peer:
        yield Operator(peer)


async def announce_term(bus: Bus, resource: str, profile: str = "MED_EXAM") -> None:
    worker = "/".join(resource.split("/")[:2])
    fact = Announcement(
        resource,
        DocumentTermChanged(
            resource=resource, worker=worker, profile=profile, expire_date=END.isoformat()
        ),
    )
    headers = headers_of(fact, uuid.uuid4(), "accreditation", CLOCK.now())
    await bus.stream.publish(fact.subject, fact.message.SerializeToString(), headers=headers)


async def test_a_term_that_cannot_be_read_ends_alone_and_the_others_are_planned(
    suite: Suite, bus: Bus, operator: Operator
) -> None:
    names = [f"workers/{uuid.uuid4()}/documents/{uuid.uuid4()}" for _ in range(40)]
    poison = names[17]

    for name in names:
        await announce_term(bus, name, "NO_SUCH" if name == poison else "MED_EXAM")

    sound = set(names) - {poison}

    async def all_planned() -> bool:
        planned = await rows(suite, "SELECT topic FROM term WHERE topic = ANY($1)", names)
        return {one["topic"] for one in planned} == sound

    await until(all_planned, seconds=30)
    dead = await until(lambda: operator.dead(poison), seconds=30)
    assert (dead["reason"], dead["replay_asked"]) == ("ValueError", False)


async def test_what_was_refused_is_told_when_an_operator_has_it_handled_anew(
    suite: Suite, bus: Bus, operator: Operator
) -> None:
    person, entry = str(uuid.uuid4()), str(uuid.uuid4())
    resource = f"workers/w-{person}/accreditations/{entry}"
    REFUSED.add(f"workers/w-{person}")
    await tell(bus, f"w-{person}", accreditation=entry)
    dead = await until(lambda: operator.dead(resource), seconds=30)
    event = pb.ReplayDeadEventRequest(event_id=dead["event_id"])

    await operator.call("ReplayDeadEvent", event)

    async def still_dead() -> bool:
        found = await operator.dead(resource)
        return found is not None and not found["replay_asked"]

    await until(still_dead, seconds=30)
    assert suite.relay.to(person) == []
    REFUSED.clear()
    await operator.call("ReplayDeadEvent", event)
    await until(lambda: suite.relay.to(person), seconds=30)
    assert await operator.dead(resource) is None
    with pytest.raises(ServiceError, match="DEAD_EVENT_NOT_FOUND"):
        await operator.call("ReplayDeadEvent", event)
    assert len(suite.relay.to(person)) == 1
