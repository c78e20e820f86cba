"""The service over real PostgreSQL, NATS and SMTP."""

import asyncio
import re
import signal
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import orjson
import pytest
from lkmr.accreditation.v1.events_pb2 import AccreditationChanged
from lkmr.notify.v1 import notify_service_pb2 as pb
from lkmr.notify.v1 import notify_service_pb2_grpc as rpc
from lkmr.notify.v1.events_pb2 import DeliveryFailed, MessageCreated
from nats.aio.msg import Msg
from nats.js.api import DeliverPolicy
from nats.js.errors import NotFoundError

from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Announcement, Bus, headers_of, stream_of, subject_of
from lkmr_servicekit.grpc_client import Peer

from .conftest import Suite, token_of

pytestmark = pytest.mark.servers


@pytest.fixture
async def bus(suite: Suite) -> AsyncIterator[Bus]:
    secret = suite.infra.nats_password("bootstrap")
    async with Bus(suite.infra.nats_url("bootstrap"), secret, name="test") as opened:
        await opened.ensure_stream("accreditation")
        yield opened


@pytest.fixture
async def stub(suite: Suite) -> AsyncIterator[Callable[..., Any]]:
    async with suite.peer() as peer:
        yield caller_through(peer)


def caller_through(peer: Peer) -> Callable[..., Any]:
    made = rpc.NotifyServiceStub(peer.channel)

    async def call(method: str, request: Any, person: str) -> Any:
        return await peer.call(getattr(made, method), request, timeout=5, token=token_of(person))

    return call


async def tell(
    bus: Bus, worker: str, *, event_id: uuid.UUID | None = None, accreditation: str = ""
) -> None:
    name = f"workers/{worker}/accreditations/{accreditation or uuid.uuid4()}"
    fact = Announcement(name, AccreditationChanged(accreditation=name, version=2))
    headers = headers_of(fact, event_id or uuid.uuid4(), "accreditation", SystemClock().now())
    headers["Nats-Msg-Id"] = str(uuid.uuid4())  # a repeat that JetStream does not recognise
    await bus.stream.publish(fact.subject, fact.message.SerializeToString(), headers=headers)


async def until(check: Callable[[], Any], seconds: float = 15) -> Any:
    async with asyncio.timeout(seconds):
        while True:
            found = check()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.05)


async def page(stub: Callable[..., Any], person: str, **asked: Any) -> dict[str, Any]:
    answer = await stub("ListMessages", pb.ListMessagesRequest(**asked), person)
    body: dict[str, Any] = orjson.loads(answer.body)
    return body


async def rows(suite: Suite, statement: str, *values: object) -> list[Any]:
    connection = await asyncpg.connect(suite.database.superuser_url)
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


async def all_handled(suite: Suite, bus: Bus) -> None:
    async def nothing_waits() -> bool:
        stream = stream_of("accreditation")
        state = await bus.stream.consumer_info(stream, "notify-accreditation-changed")
        return state.num_pending == 0 and state.num_ack_pending == 0

    await until(nothing_waits)


@pytest.mark.proves("F-045")
async def test_a_change_reaches_inbox_and_mailbox_once_though_the_event_comes_twice(
    suite: Suite, bus: Bus, stub: Callable[..., Any]
) -> None:
    person, event = str(uuid.uuid4()), uuid.uuid4()

    await tell(bus, f"w-{person}", event_id=event)
    await tell(bus, f"w-{person}", event_id=event)
    (letter,) = await until(lambda: suite.relay.to(person))
    await all_handled(suite, bus)

    inbox = await page(stub, person)
    (item,) = inbox["items"]
    assert {"id", "kind", "title", "text", "create_time", "read_time", "link"} <= set(item)
    assert (item["group"], item["task"], item["done_time"]) == ("DOCUMENTS", False, None)
    assert [one["channel"] for one in item["deliveries"]] == ["EMAIL"]
    assert inbox["counts"]["all"] == 1
    assert (inbox["unread_count"], inbox["next_page_token"]) == (1, "")
    assert "«кардиология»" in item["text"]
    assert item["create_time"].endswith("Z")
    text = letter.get_body(("plain",)).get_content()
    assert f"http://localhost:8080/messages/{item['id']}" in text
    assert "кардиология" not in letter.as_string() + text
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert len(suite.relay.to(person)) == 1
    (state,) = await rows(suite, "SELECT * FROM delivery WHERE person_id = $1", person)
    assert (state["state"], state["attempts"]) == ("DELIVERED", 1)


async def test_a_burst_about_one_person_is_told_whole_in_order_and_at_once(
    suite: Suite, bus: Bus, stub: Callable[..., Any]
) -> None:
    person, postponed = str(uuid.uuid4()), suite.log().count("event.retry")
    names = [str(uuid.uuid4()) for _ in range(80)]

    for name in [*names, *names[:5]]:
        await tell(bus, f"w-{person}", accreditation=name, event_id=uuid.UUID(name))
    await all_handled(suite, bus)

    found = await rows(
        suite,
        "SELECT topic, create_time FROM message WHERE person_id = $1 ORDER BY create_time",
        person,
    )
    assert [one["topic"].rpartition("/")[2] for one in found] == names
    assert len({one["create_time"] for one in found}) == len(names)
    assert suite.log().count("event.retry") == postponed


async def test_who_never_signed_in_gets_nothing(suite: Suite, bus: Bus) -> None:
    before = await rows(suite, "SELECT count(*) AS n FROM message")
    await tell(bus, "nobody")
    await all_handled(suite, bus)

    assert await rows(suite, "SELECT count(*) AS n FROM message") == before
    assert not await rows(suite, "SELECT 1 FROM dead_event")


async def test_pages_follow_each_other_newest_first_without_gaps(
    suite: Suite, bus: Bus, stub: Callable[..., Any]
) -> None:
    person = str(uuid.uuid4())
    for _ in range(7):
        await tell(bus, f"w-{person}")
    await until(lambda: len(suite.relay.to(person)) == 7)

    seen: list[dict[str, Any]] = []
    token = ""
    while True:
        part = await page(stub, person, page_size=3, page_token=token)
        seen += part["items"]
        token = part["next_page_token"]
        if not token:
            break

    times = [item["create_time"] for item in seen]
    assert len({item["id"] for item in seen}) == 7
    assert times == sorted(times, reverse=True)
    last = f"persons/{person}/messages/{seen[3]['id']}"
    since = await stub("ListMessagesSince", pb.ListMessagesSinceRequest(last_name=last), person)
    later = [item["id"] for item in orjson.loads(since.body)["items"]]
    assert later == [item["id"] for item in reversed(seen[:3])]
    with pytest.raises(ServiceError, match="PAGE_TOKEN_INVALID"):
        await page(stub, person, page_token="bm9uc2Vuc2U")


async def test_reading_counts_once_and_a_repeat_gives_the_first_answer(
    suite: Suite, bus: Bus, stub: Callable[..., Any]
) -> None:
    person = str(uuid.uuid4())
    await tell(bus, f"w-{person}")
    await tell(bus, f"w-{person}")
    await until(lambda: len(suite.relay.to(person)) == 2)
    first, second = (await page(stub, person))["items"]
    name = f"persons/{person}/messages/{first['id']}"
    request = pb.MarkMessageReadRequest(name=name, request_id=str(uuid.uuid4()))

    marked = await stub("MarkMessageRead", request, person)
    again = await stub("MarkMessageRead", request, person)

    assert orjson.loads(marked.body)["read_time"]
    assert again == marked
    assert (await stub("GetInboxSummary", pb.GetInboxSummaryRequest(), person)).unread_count == 1
    unread = await page(stub, person, unread_only=True)
    assert [item["id"] for item in unread["items"]] == [second["id"]]
    read = await stub("ReadMessage", pb.ReadMessageRequest(name=name), person)
    assert read.body == marked.body
    assert read.etag


async def test_nobody_reads_what_is_not_theirs(stub: Callable[..., Any]) -> None:
    me, other = str(uuid.uuid4()), str(uuid.uuid4())
    for method, request in (
        ("ReadMessage", pb.ReadMessageRequest(name=f"persons/{other}/messages/{me}")),
        ("MarkMessageRead", pb.MarkMessageReadRequest(name=f"persons/{other}/messages/{me}")),
        ("ListMessagesSince", pb.ListMessagesSinceRequest(last_name=f"persons/{other}/messages/x")),
    ):
        with pytest.raises(ServiceError, match="MESSAGE_FOREIGN"):
            await stub(method, request, me)
    own = f"persons/{me}/messages/{other}"
    with pytest.raises(ServiceError, match="MESSAGE_NOT_FOUND"):
        await stub("ReadMessage", pb.ReadMessageRequest(name=own), me)
    with pytest.raises(ServiceError, match="MESSAGE_NOT_FOUND"):
        await stub("MarkMessageRead", pb.MarkMessageReadRequest(name=own), me)
    with pytest.raises(ServiceError, match="MESSAGE_NOT_FOUND"):
        await stub("ListMessagesSince", pb.ListMessagesSinceRequest(last_name=own), me)


async def test_only_the_gateway_is_let_in(suite: Suite) -> None:
    async with suite.peer("accreditation") as peer:
        with pytest.raises(ServiceError, match="PEER_NOT_ALLOWED"):
            await caller_through(peer)("GetInboxSummary", pb.GetInboxSummaryRequest(), "p")


async def heard(bus: Bus, kind: Any) -> asyncio.Queue[Any]:
    queue: asyncio.Queue[Any] = asyncio.Queue()

    async def note(message: Msg) -> None:
        queue.put_nowait(kind.FromString(message.data))

    async def stream_exists() -> bool:
        try:
            await bus.stream.stream_info(stream_of("notify"))
        except NotFoundError:
            return False
        return True

    await until(stream_exists)
    await bus.stream.subscribe(
        subject_of(kind), cb=note, ordered_consumer=True, deliver_policy=DeliverPolicy.NEW
    )
    return queue


async def test_a_delivery_that_cannot_succeed_ends_and_is_announced(suite: Suite, bus: Bus) -> None:
    person = str(uuid.uuid4())
    failed, created = await heard(bus, DeliveryFailed), await heard(bus, MessageCreated)
    async with asyncio.timeout(15):
        await tell(bus, f"w-{person}")
        message = (await created.get()).message
    assert message.startswith(f"persons/{person}/messages/")
    await until(lambda: suite.relay.to(person))

    connection = await asyncpg.connect(suite.database.superuser_url)
    await connection.execute(
        "UPDATE delivery SET state = 'CREATED', attempts = 0, next_try_time = $2,"
        " channel = 'SMS' WHERE person_id = $1",
        uuid.UUID(person),
        SystemClock().now(),
    )
    await connection.close()
    async with asyncio.timeout(15):
        fact = await failed.get()

    assert (fact.message, fact.channel, fact.reason) == (message, "SMS", "ADDRESS_UNKNOWN")


async def test_a_relay_that_is_busy_is_tried_again(suite: Suite, bus: Bus) -> None:
    person = str(uuid.uuid4())
    suite.relay.answers.append("451 later")

    await tell(bus, f"w-{person}")
    await until(lambda: suite.relay.to(person), seconds=30)

    (row,) = await until_rows(suite, person, "DELIVERED")
    assert row["attempts"] == 2


async def until_rows(suite: Suite, person: str, state: str) -> list[Any]:
    async def look() -> list[Any]:
        return await rows(
            suite,
            "SELECT attempts, reason FROM delivery WHERE person_id = $1 AND state = $2",
            uuid.UUID(person),
            state,
        )

    found: list[Any] = await until(look)
    return found


async def test_what_happens_while_the_service_is_dead_is_told_afterwards_once(
    suite: Suite, bus: Bus
) -> None:
    person = str(uuid.uuid4())
    suite.stop(how=signal.SIGKILL)
    await tell(bus, f"w-{person}")
    suite.start()

    await until(lambda: suite.relay.to(person), seconds=45)
    await all_handled(suite, bus)
    assert len(suite.relay.to(person)) == 1


async def test_two_instances_send_each_letter_once(suite: Suite, bus: Bus) -> None:
    people = [str(uuid.uuid4()) for _ in range(40)]
    suite.start(2)
    try:
        for person in people:
            await tell(bus, f"w-{person}")
        await until(lambda: all(suite.relay.to(person) for person in people), seconds=30)
        await all_handled(suite, bus)
    finally:
        assert suite.stop(2) == 0
    counts = [len(suite.relay.to(person)) for person in people]
    assert counts == [1] * 40


async def test_logs_hold_no_address(suite: Suite) -> None:
    assert "program.serves" in suite.log()
    assert not re.search("@demo|кардиология", suite.log())
