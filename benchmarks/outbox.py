"""4: events from commit to consumer, against raw JetStream on the same server.

Ours is the outbox, relay and consumer of servicekit; raw is `publish` and a pull consumer of
nats-py with the same headers, the same stream (`sync_interval: always`), the same number in flight
and the same portions. Relay and consumer share one process, as publisher and consumer of raw do.
"""

import asyncio
import os
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from lkmr.accreditation.v1.events_pb2 import (
    AccreditationAnnulled,
    AccreditationChanged,
    AccreditationRecorded,
)
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig

from benchmarks.measure import Failed, cpu_seconds, memory_of, ratio
from benchmarks.report import Aim, Report, Table, memory_rows
from lkmr_rig import Suite, postgres
from lkmr_rig.credentials import password
from lkmr_rig.guard import free_base
from lkmr_rig.layout import CHECKOUT
from lkmr_rig.nats import url as nats_url
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.events import Announcement, Bus, Event, headers_of, stream_of, subject_of
from lkmr_servicekit.inbox import BATCH, FETCH, Consumer, Inbox, Subscription
from lkmr_servicekit.outbox import IN_FLIGHT, Outbox, Relay

_CLOCK = SystemClock()
_SERVICE = "accreditation"
_RAW = "benchmark-raw"
_PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Arrivals:
    """Events by number, with the moment when a consumer had them."""

    wanted: int = 0
    at: dict[str, float] = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def expect(self, wanted: int) -> None:
        self.wanted, self.at = wanted, {}
        self.done.clear()

    def note(self, name: str) -> None:
        self.at[name] = time.perf_counter()
        if len(self.at) == self.wanted:
            self.done.set()

    async def all(self) -> None:
        """Raises Failed when some never come."""
        try:
            await asyncio.wait_for(self.done.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            raise Failed(f"{len(self.at)} of {self.wanted} events arrived") from None


@dataclass(slots=True)
class Rig:
    """PostgreSQL and NATS with both ways over them."""

    suite: Suite
    store: Database
    bus: Bus
    outside: Bus
    ours: Arrivals = field(default_factory=Arrivals)
    raw: Arrivals = field(default_factory=Arrivals)
    in_transaction: bool = False

    async def on_batch(self, events: Sequence[Event[AccreditationAnnulled]]) -> None:
        """Note the arrivals after the whole portion was claimed in one transaction."""
        async with UnitOfWork(self.store) as uow:
            fresh = await Inbox(uow.connection, _CLOCK).first_times("benchmark", events)
            await uow.commit()
        for event in fresh:
            self.ours.note(event.data.accreditation)

    async def on_annulled(self, event: Event[AccreditationAnnulled]) -> None:
        """What a portion of one is."""
        await self.on_batch([event])

    async def on_recorded(self, event: Event[AccreditationRecorded]) -> None:
        """Note the arrival; with `in_transaction` after the inbox was committed, as services do."""
        if self.in_transaction:
            async with UnitOfWork(self.store) as uow:
                fresh = await Inbox(uow.connection, _CLOCK).first_time("benchmark", event)
                await uow.commit()
            if not fresh:
                return
        self.ours.note(event.data.accreditation)

    async def commit(
        self, names: list[str], kind: type[AccreditationRecorded] | type[AccreditationAnnulled]
    ) -> float:
        """Write events into the outbox in one transaction; the moment after the commit."""
        facts = [Announcement(one, kind(accreditation=one)) for one in names]
        async with UnitOfWork(self.store) as uow:
            await Outbox(uow.connection, source=_SERVICE, clock=_CLOCK).add(facts)
            await uow.commit()
        return time.perf_counter()

    async def publish(self, name: str) -> float:
        """Publish to JetStream at once; the moment before."""
        fact = Announcement(name, AccreditationChanged(accreditation=name))
        headers = headers_of(fact, uuid.uuid4(), _SERVICE, _CLOCK.now())
        started = time.perf_counter()
        body = fact.message.SerializeToString()
        await self.bus.stream.publish(fact.subject, body, timeout=5, headers=headers)
        return started

    async def consume_raw(self) -> None:
        """What the manual of nats-py shows: fetch, use, ack."""
        config = ConsumerConfig(
            durable_name=_RAW,
            filter_subject=subject_of(AccreditationChanged),
            ack_policy=AckPolicy.EXPLICIT,
            max_ack_pending=256,
        )
        stream = stream_of(_SERVICE)
        await self.outside.stream.add_consumer(stream, config)
        pull = await self.outside.stream.pull_subscribe_bind(_RAW, stream=stream)
        while True:
            try:
                messages = await pull.fetch(FETCH, timeout=2)
            except (NatsTimeout, TimeoutError):
                continue
            for message in messages:
                self.raw.note(AccreditationChanged.FromString(message.data).accreditation)
                await message.ack()


async def run_outbox(
    home: Path, *, rounds: int = 5, events: int = 3000, rate: int = 100, seconds: float = 3.0
) -> Report:
    """Throughput of a burst, then latency at a steady rate, in turn."""
    async with rig(home) as one:
        await _drain_ours(one, 64, AccreditationRecorded)
        await _drain_ours(one, 64, AccreditationAnnulled)
        await _drain_raw(one, 64)
        found: dict[str, list[_Burst]] = {
            name: [] for name in ("raw", "ours", "in_transaction", "in_batches")
        }
        for _ in range(rounds):
            found["raw"].append(await _burst(one, lambda: _drain_raw(one, events), events))
            for name in ("ours", "in_transaction", "in_batches"):
                one.in_transaction = name == "in_transaction"
                kind = AccreditationAnnulled if name == "in_batches" else AccreditationRecorded
                drain = partial(_drain_ours, one, events, kind)
                found[name].append(await _burst(one, drain, events))
        one.in_transaction = False
        steady: dict[str, list[float]] = {"raw": [], "ours": []}
        for _ in range(rounds):
            steady["raw"] += await _steady(one.raw, one.publish, rate, seconds)
            steady["ours"] += await _steady(
                one.ours, lambda name: one.commit([name], AccreditationRecorded), rate, seconds
            )
        memory = {role: memory_of(one.suite.pid(role) or 0) for role in ("postgres", "nats")}
        memory["relay and consumer (with the harness)"] = memory_of(os.getpid())
    return _report(found, steady, memory, rate)


def _report(
    found: dict[str, list["_Burst"]], steady: dict[str, list[float]], memory: Any, rate: int
) -> Report:
    speed = {name: [one.per_second for one in bursts] for name, bursts in found.items()}
    names = {
        "raw": "raw JetStream: publish to consumer",
        "ours": "outbox, relay, consumer: commit to handler",
        "in_transaction": "the same, and the inbox committed event by event",
        "in_batches": "the same, and the inbox committed portion by portion",
    }
    table = Table(
        ["a burst", "events/s", "CPU µs/event", "of it Python", "of it postgres", "of it nats"]
    )
    for name, bursts in found.items():
        parts = [statistics.median(one.cpu[role] for one in bursts) for role in _Burst.ROLES]
        cells = [f"{statistics.median(speed[name]):.0f}", f"{sum(parts):.0f}"]
        table.rows.append([names[name], *cells, *(f"{part:.0f}" for part in parts)])
    times = Table([f"{rate} events/s", "p50 ms", "p99 ms"])
    for name, values in steady.items():
        times.rows.append([names[name], f"{_at(values, 0.5):.1f}", f"{_at(values, 0.99):.1f}"])
    report = Report("outbox", "Events from commit to consumer")
    report.aims = [
        Aim.at_least("events/s against raw JetStream", 0.5, ratio(speed["ours"], speed["raw"]))
    ]
    report.tables = [table, times, memory_rows(memory)]
    each = ratio(speed["in_transaction"], speed["raw"])
    many = ratio(speed["in_batches"], speed["raw"])
    gain = ratio(speed["in_batches"], speed["in_transaction"])
    report.notes = [
        f"`sync_interval: always` for both; {IN_FLIGHT} publishes in flight, portions of {FETCH}.",
        f"With the inbox (each effect once, and on disk): {each} of raw, which promises neither.",
        f"With the inbox in portions of {BATCH}: {many} of raw, {gain} of event by event.",
        "A burst is one transaction with all its events; each event is about another resource.",
    ]
    return report


@dataclass(frozen=True, slots=True)
class _Burst:
    per_second: float
    cpu: dict[str, float]

    ROLES = ("python", "postgres", "nats")


async def _burst(one: Rig, drain: Callable[[], Any], events: int) -> _Burst:
    pids = {
        "python": os.getpid(),
        "postgres": one.suite.pid("postgres") or 0,
        "nats": one.suite.pid("nats") or 0,
    }
    before = {
        role: _own_cpu() if role == "python" else cpu_seconds(pid) for role, pid in pids.items()
    }
    seconds = await drain()
    after = {
        role: _own_cpu() if role == "python" else cpu_seconds(pid) for role, pid in pids.items()
    }
    return _Burst(
        events / seconds, {role: (after[role] - before[role]) / events * 1e6 for role in pids}
    )


def _own_cpu() -> float:
    """This process without its children: the suite is one of them."""
    return time.process_time()


async def _drain_ours(
    one: Rig, events: int, kind: type[AccreditationRecorded] | type[AccreditationAnnulled]
) -> float:
    one.ours.expect(events)
    started = await one.commit([f"workers/{uuid.uuid4()}" for _ in range(events)], kind)
    await one.ours.all()
    return max(one.ours.at.values()) - started


async def _drain_raw(one: Rig, events: int) -> float:
    one.raw.expect(events)
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def publish(name: str) -> None:
        async with gate:
            await one.publish(name)

    started = time.perf_counter()
    await asyncio.gather(*(publish(f"workers/{uuid.uuid4()}") for _ in range(events)))
    await one.raw.all()
    return max(one.raw.at.values()) - started


async def _steady(
    arrivals: Arrivals, send: Callable[[str], Any], rate: int, seconds: float
) -> list[float]:
    """Milliseconds from the send (or commit) of each event to its arrival."""
    count = max(int(rate * seconds), 1)
    arrivals.expect(count)
    sent: dict[str, float] = {}

    async def one(name: str) -> None:
        sent[name] = await send(name)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            group.create_task(one(f"workers/{uuid.uuid4()}"))
    await arrivals.all()
    return [(arrivals.at[name] - moment) * 1000 for name, moment in sent.items()]


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@asynccontextmanager
async def rig(home: Path) -> AsyncIterator[Rig]:
    """PostgreSQL and NATS of their own, relay and both consumers at work."""
    suite = Suite(home, free_base(), only={"postgres", "nats"})
    async with suite:
        await migrate(suite)
        secret = password(suite.home, _SERVICE, "database_password")
        dsn = postgres.url(suite.ports, _SERVICE).replace("@", f":{secret}@", 1)
        inside = password(suite.home, _SERVICE, "nats_password")
        outside = password(suite.home, "nats", "bootstrap_password")
        async with (
            Database(dsn) as store,
            Bus(nats_url(suite.ports, _SERVICE), inside, name=_SERVICE) as bus,
            Bus(nats_url(suite.ports, "bootstrap"), outside, name="benchmark") as listener,
        ):
            one = Rig(suite, store, bus, listener)
            await bus.ensure_stream(_SERVICE)
            consumers = [
                Consumer(one_kind, service="notify", bus=listener, database=store, clock=_CLOCK)
                for one_kind in (
                    Subscription(AccreditationRecorded, one.on_recorded),
                    Subscription(AccreditationAnnulled, one.on_annulled, batch=one.on_batch),
                )
            ]
            relay = Relay(store, bus, service=_SERVICE, clock=_CLOCK)
            work = [relay.run(), one.consume_raw(), *(each.run() for each in consumers)]
            tasks = [asyncio.create_task(each) for each in work]
            try:
                yield one
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


async def migrate(suite: Suite) -> None:
    """Bring the database of accreditation to its present form. Raises Failed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "lkmr_servicekit.migrate",
        f"services/{_SERVICE}",
        cwd=CHECKOUT,
        env={
            **os.environ,
            "PGSSLMODE": "disable",
            "ACCREDITATION_MIGRATION_URL": postgres.owner_url(suite.home, suite.ports, _SERVICE),
        },
    )
    if await process.wait():
        raise Failed("the migrations of accreditation failed")
