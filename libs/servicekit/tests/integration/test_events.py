"""Facts go from one service to another through real PostgreSQL and NATS."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from lkmr.accreditation.v1.events_pb2 import AccreditationRecorded as Recorded

from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database, UnitOfWork, holding
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.events import Announcement, Bus, Event
from lkmr_servicekit.inbox import Consumer, Inbox, Subscription
from lkmr_servicekit.outbox import Outbox, Relay

pytestmark = pytest.mark.servers
CLOCK = FakeClock()


@pytest.fixture
async def store(database: Callable[[str], Any]) -> AsyncIterator[Database]:
    async with Database(database("accreditation").url) as opened:
        yield opened


@pytest.fixture
async def bus(infra: Any) -> AsyncIterator[Bus]:
    infra.clear_streams()
    url, password = infra.nats_url("accreditation"), infra.nats_password("accreditation")
    async with Bus(url, password, name="accreditation") as opened:
        yield opened


async def announce(store: Database, *names: str) -> None:
    facts = [
        Announcement(name, Recorded(accreditation=f"{name}-{number}"))
        for number, name in enumerate(names)
    ]
    async with UnitOfWork(store) as uow:
        await Outbox(uow.connection, source="accreditation", clock=CLOCK).add(facts)
        await uow.commit()


_WAITS = """
SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE query LIKE '%pg_advisory_lock%' AND pid <> pg_backend_pid()
                  AND state = 'active' AND clock_timestamp() - query_start > '3.5 s')
"""


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def working(*parts: Any) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(part.run()) for part in parts]


async def stopped(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def consumer_of(
    bus: Bus,
    store: Database,
    handler: Callable[[Event[Any]], Awaitable[None]],
    batch: Callable[[Sequence[Event[Any]]], Awaitable[None]] | None = None,
) -> Consumer:
    subscription = Subscription(Recorded, handler, batch=batch)
    return Consumer(subscription, service="accreditation", bus=bus, database=store, clock=CLOCK)


async def test_facts_of_one_resource_arrive_in_order_and_each_works_once(
    bus: Bus, store: Database
) -> None:
    seen: list[str] = []

    async def on_recorded(event: Event[Recorded]) -> None:
        async with UnitOfWork(store) as uow:
            if await Inbox(uow.connection, CLOCK).first_time("probe", event):
                seen.append(event.data.accreditation)
            await uow.commit()

    await announce(store, *["persons/a"] * 20, *["persons/b"] * 20)
    await store.pool.execute("UPDATE outbox SET publish_time = NULL")
    tasks = await working(
        Relay(store, bus, service="accreditation", clock=CLOCK),
        consumer_of(bus, store, on_recorded),
    )

    async def all_seen() -> bool:
        return len(seen) == 40

    await until(all_seen)
    await store.pool.execute("UPDATE outbox SET publish_time = NULL")
    await announce(store, "persons/c")
    await until(lambda: _published(store))
    await stopped(tasks)

    assert [name for name in seen if name.startswith("persons/a")] == [
        f"persons/a-{number}" for number in range(20)
    ]
    assert len(seen) == len(set(seen)) == 41


async def test_a_portion_in_one_transaction_works_each_event_once_and_in_order(
    bus: Bus, store: Database
) -> None:
    seen: list[str] = []
    portions: list[int] = []

    async def on_many(events: Sequence[Event[Recorded]]) -> None:
        async with UnitOfWork(store) as uow:
            fresh = await Inbox(uow.connection, CLOCK).first_times("many", events)
            await uow.commit()
        portions.append(len(events))
        seen.extend(event.data.accreditation for event in fresh)

    async def alone(event: Event[Recorded]) -> None:
        await on_many([event])

    await announce(store, *["persons/a", "persons/b"] * 60)
    relay = await working(Relay(store, bus, service="accreditation", clock=CLOCK))
    await until(lambda: _nothing_left(store))
    consumer = await working(consumer_of(bus, store, alone, on_many))

    async def all_seen() -> bool:
        return len(seen) == 120

    await until(all_seen)
    await stopped(relay + consumer)

    assert max(portions) > 1
    assert seen == [f"persons/{'ab'[number % 2]}-{number}" for number in range(120)]


async def test_a_bad_event_in_a_portion_harms_no_other(bus: Bus, store: Database) -> None:
    seen: list[str] = []

    async def on_many(events: Sequence[Event[Recorded]]) -> None:
        async with UnitOfWork(store) as uow:
            fresh = await Inbox(uow.connection, CLOCK).first_times("many", events)
            if any(event.resource == "persons/bad" for event in fresh):
                raise ServiceError("NEVER", Category.FAILED_PRECONDITION)
            await uow.commit()
        seen.extend(event.data.accreditation for event in fresh)

    async def alone(event: Event[Recorded]) -> None:
        await on_many([event])

    await announce(store, *["persons/a"] * 10, "persons/bad", *["persons/a"] * 10)
    relay = await working(Relay(store, bus, service="accreditation", clock=CLOCK))
    await until(lambda: _nothing_left(store))
    consumer = await working(consumer_of(bus, store, alone, on_many))

    async def buried() -> bool:
        return len(seen) == 20 and await store.pool.fetchval("SELECT count(*) FROM dead_event") == 1

    await until(buried)
    await stopped(relay + consumer)

    assert seen == [f"persons/a-{number}" for number in (*range(10), *range(11, 21))]


async def test_a_portion_that_comes_again_and_repeats_within_it_are_claimed_once(
    store: Database,
) -> None:
    one, two, three = (
        Event(uuid.uuid4(), "s", f"persons/{number}", Recorded()) for number in range(3)
    )
    claimed: list[list[str]] = []
    for portion in ([one, two, one], [two, three], []):
        async with UnitOfWork(store) as uow:
            fresh = await Inbox(uow.connection, CLOCK).first_times("again", portion)
            await uow.commit()
        claimed.append([event.resource for event in fresh])

    assert claimed == [["persons/0", "persons/1"], ["persons/2"], []]


async def _nothing_left(store: Database) -> bool:
    left = await store.pool.fetchval("SELECT count(*) FROM outbox WHERE publish_time IS NULL")
    return bool(left == 0)


async def _published(store: Database) -> bool:
    left = await store.pool.fetchval("SELECT count(*) FROM outbox WHERE publish_time IS NULL")
    inbox = await store.pool.fetchval("SELECT count(*) FROM inbox")
    return left == 0 and inbox >= 41


async def test_a_passing_fault_is_tried_again_and_a_refusal_is_buried_with_its_reason(
    bus: Bus, store: Database
) -> None:
    tries: dict[str, int] = {}

    async def on_recorded(event: Event[Recorded]) -> None:
        tries[event.resource] = tries.get(event.resource, 0) + 1
        if event.resource == "persons/refused":
            raise ServiceError("NEVER", Category.FAILED_PRECONDITION)
        if tries[event.resource] < 3:
            raise ServiceError("LATER", Category.UNAVAILABLE)

    await announce(store, "persons/refused", "persons/later")
    tasks = await working(
        Relay(store, bus, service="accreditation", clock=CLOCK),
        consumer_of(bus, store, on_recorded),
    )

    async def settled() -> bool:
        return tries.get("persons/later") == 3 and bool(
            await store.pool.fetchval("SELECT count(*) FROM dead_event")
        )

    await until(settled)
    await stopped(tasks)

    dead = await store.pool.fetch("SELECT consumer, reason, deliveries FROM dead_event")
    assert [tuple(row) for row in dead] == [("accreditation-accreditation-recorded", "NEVER", 1)]
    assert tries["persons/refused"] == 1


async def test_an_unreadable_event_is_buried_and_stops_nobody(bus: Bus, store: Database) -> None:
    seen: list[str] = []

    async def on_recorded(event: Event[Recorded]) -> None:
        seen.append(event.resource)

    await bus.ensure_stream("accreditation")
    headers = {"ce-id": str(uuid.uuid4()), "ce-type": "lkmr.accreditation.v1.AccreditationRecorded"}
    await bus.stream.publish(
        "lkmr.accreditation.v1.accreditation.recorded", b"\xff\xff", headers=headers
    )
    await announce(store, "persons/fine")
    tasks = await working(
        Relay(store, bus, service="accreditation", clock=CLOCK),
        consumer_of(bus, store, on_recorded),
    )

    async def done() -> bool:
        return seen == ["persons/fine"] and bool(
            await store.pool.fetchval("SELECT count(*) FROM dead_event")
        )

    await until(done)
    await stopped(tasks)

    assert await store.pool.fetchval("SELECT reason FROM dead_event") == "ValueError"


async def test_nothing_is_announced_by_work_that_was_not_committed(store: Database) -> None:
    async with UnitOfWork(store) as uow:
        outbox = Outbox(uow.connection, source="accreditation", clock=CLOCK)
        await outbox.add([Announcement("persons/a", Recorded())])

    assert await store.pool.fetchval("SELECT count(*) FROM outbox") == 0


async def test_background_work_is_held_by_one_at_a_time(store: Database) -> None:
    order: list[str] = []
    first_in = asyncio.Event()

    async def work(name: str) -> None:
        async with holding(store, "probe"):
            order.append(f"{name} in")
            first_in.set()
            await asyncio.sleep(0.05)
            order.append(f"{name} out")

    first = asyncio.create_task(work("first"))
    await first_in.wait()
    await asyncio.gather(first, work("second"))

    assert order == ["first in", "first out", "second in", "second out"]


async def test_who_waits_for_held_work_waits_longer_than_a_statement_may(store: Database) -> None:
    got = asyncio.Event()

    async def second() -> None:
        async with holding(store, "probe"):
            got.set()

    async with holding(store, "probe"):
        waiting = asyncio.create_task(second())
        await until(lambda: store.fetch_value(_WAITS), seconds=20)
        assert not got.is_set()
    await waiting

    assert got.is_set()


async def test_a_lost_connection_ends_held_work_with_a_refusal(store: Database) -> None:
    with pytest.raises(ServiceError) as refusal:
        async with holding(store, "probe"):
            await store.pool.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE '%pg_advisory_lock%' AND pid <> pg_backend_pid()"
            )
            await asyncio.sleep(5)

    assert refusal.value.reason == "DATABASE_UNAVAILABLE"


async def test_cancelled_work_gives_its_connection_back(store: Database) -> None:
    async def slow() -> None:
        async with UnitOfWork(store) as uow:
            await uow.connection.exec_driver_sql("SELECT pg_sleep(5)")

    tasks = [asyncio.create_task(slow()) for _ in range(8)]
    await asyncio.sleep(0.2)
    await stopped(tasks)

    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_dead_event_that_an_operator_replays_is_handled_and_resolved(
    bus: Bus, store: Database
) -> None:
    mended = asyncio.Event()
    seen: list[str] = []

    async def on_recorded(event: Event[Recorded]) -> None:
        if not mended.is_set():
            raise ServiceError("BROKEN", Category.FAILED_PRECONDITION)
        seen.append(event.resource)

    await announce(store, "persons/a")
    tasks = await working(
        Relay(store, bus, service="accreditation", clock=CLOCK),
        consumer_of(bus, store, on_recorded),
    )

    async def dead(count: int) -> bool:
        statement = "SELECT count(*) FROM dead_event WHERE resolve_time IS NULL"
        return bool(await store.pool.fetchval(statement) == count)

    await until(lambda: dead(1))
    mended.set()
    await store.pool.execute("UPDATE dead_event SET replay_time = create_time")
    await until(lambda: dead(0))
    await stopped(tasks)

    assert seen == ["persons/a"]
