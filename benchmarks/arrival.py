"""From a fact on the bus to the row in the inbox and to the open page, against raw JetStream.

The whole suite at work: notify asks auth and accreditation, keeps message, delivery and event in
one transaction, and sends a letter; the gateway reads the message and pushes it to the page. Raw is
a pull consumer of nats-py that hears the same events at the same time.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg
from lkmr.accreditation.v1.events_pb2 import AccreditationChanged
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from benchmarks.measure import Failed
from benchmarks.place import USER_AGENT, Place
from benchmarks.report import Aim, Report, Table
from lkmr_rig import postgres
from lkmr_rig.credentials import password
from lkmr_rig.nats import url as nats_url
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.events import Announcement, Bus, headers_of, stream_of, subject_of

_SERVICE, _RAW = "accreditation", "benchmark-arrival"
_TO_PAGE = "to the open page"
_CLOCK = SystemClock()
_PATIENCE_SECONDS = 60.0
_ROWS = "SELECT topic, id, create_time FROM message WHERE topic = ANY($1::text[])"


@dataclass(slots=True)
class Heard:
    """Moments (seconds since 1970) by event: when it was sent, and where it was then seen."""

    sent: dict[str, float] = field(default_factory=dict)
    raw: dict[str, float] = field(default_factory=dict)
    page: dict[str, float] = field(default_factory=dict)  # by message

    def after(self, seen: dict[str, float]) -> list[float]:
        """Milliseconds from sending, in order of size."""
        return sorted((seen[name] - moment) * 1000 for name, moment in self.sent.items())


async def run_arrival(place: Place, *, rates: Sequence[int] = (5, 20), facts: int = 300) -> Report:
    """Facts about one person at steady rates while a page of that person is open.

    As many at each rate: of few facts the last hundredth would be a single one.
    """
    secret = password(place.home, "nats", "bootstrap_password")
    seen = {}
    async with Bus(nats_url(place.ports, "bootstrap"), secret, name="benchmark") as bus:
        for rate in rates:
            heard = Heard()
            async with _raw(bus, heard), _page(place, heard):
                await _facts(place, bus, Heard(), rate, 1.0)  # the way is warm
                await _facts(place, bus, heard, rate, facts / rate)
                rows, pages = await _seen(place, heard)
            seen[rate] = {
                "raw JetStream: to a pull consumer": heard.after(heard.raw),
                "to the moment of the row in the inbox": heard.after(rows),
                _TO_PAGE: heard.after(pages),
            }
    return _report(seen)


async def _facts(place: Place, bus: Bus, heard: Heard, rate: int, seconds: float) -> None:
    began = time.perf_counter()
    for number in range(max(1, int(rate * seconds))):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        name = f"workers/{place.worker}/accreditations/{uuid.uuid4()}"
        fact = Announcement(name, AccreditationChanged(accreditation=name, version=1))
        headers = headers_of(fact, uuid.uuid4(), _SERVICE, _CLOCK.now())
        heard.sent[name] = time.time()
        body = fact.message.SerializeToString()
        await bus.stream.publish(fact.subject, body, timeout=5, headers=headers)


async def _seen(place: Place, heard: Heard) -> tuple[dict[str, float], dict[str, float]]:
    """By event: the moment of its row, and when the page had it. Raises Failed."""
    dsn = postgres.dsn(place.home, place.ports, "notify")
    connection = await asyncpg.connect(dsn, ssl=False)
    end = time.monotonic() + _PATIENCE_SECONDS
    try:
        while True:
            found = await connection.fetch(_ROWS, list(heard.sent))
            here = {row["topic"]: str(row["id"]) for row in found}
            complete = len(here) == len(heard.sent) == len(heard.raw.keys() & heard.sent.keys())
            if complete and all(one in heard.page for one in here.values()):
                break
            if time.monotonic() > end:
                raise Failed(f"{len(here)} rows, {len(heard.page)} on the page")
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    rows = {row["topic"]: row["create_time"].timestamp() for row in found}
    return rows, {topic: heard.page[one] for topic, one in here.items()}


@asynccontextmanager
async def _raw(bus: Bus, heard: Heard) -> AsyncIterator[None]:
    config = ConsumerConfig(
        durable_name=_RAW,
        filter_subject=subject_of(AccreditationChanged),
        ack_policy=AckPolicy.EXPLICIT,
        deliver_policy=DeliverPolicy.NEW,
    )
    stream = stream_of(_SERVICE)
    await bus.stream.add_consumer(stream, config)
    pull = await bus.stream.pull_subscribe_bind(_RAW, stream=stream)

    async def hear() -> None:
        while True:
            with suppress(NatsTimeout, TimeoutError):
                for message in await pull.fetch(32, timeout=2):
                    fact = AccreditationChanged.FromString(message.data)
                    heard.raw[fact.accreditation] = time.time()
                    await message.ack()

    async with _beside(hear()):
        yield
    await bus.stream.delete_consumer(stream, _RAW)


@asynccontextmanager
async def _page(place: Place, heard: Heard) -> AsyncIterator[None]:
    port = place.ports.gateway_http(1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        "GET /api/v1/events HTTP/1.1",
        f"Host: localhost:{port}",
        f"User-Agent: {USER_AGENT}",
        f"Cookie: __Host-lkmr={place.cookie}",
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    if b" 200 " not in head:
        raise Failed(f"no stream of events: {head[:60]!r}")

    async def read() -> None:
        while line := await reader.readline():
            if line.startswith(b"id: "):
                heard.page[line[4:].strip().decode()] = time.time()

    async with _beside(read()):
        yield
    writer.close()


@asynccontextmanager
async def _beside(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _report(seen: Mapping[int, Mapping[str, Sequence[float]]]) -> Report:
    report = Report("arrival", "From a fact to the inbox and the open page")
    for rate, ways in seen.items():
        table = Table([f"{rate} facts/s about one person", "p50 ms", "p99 ms", "slowest ms"])
        table.rows = [
            [name, f"{_at(values, 0.5):.1f}", f"{_at(values, 0.99):.1f}", f"{values[-1]:.1f}"]
            for name, values in ways.items()
        ]
        report.tables.append(table)
        slow = _at(ways[_TO_PAGE], 0.99)
        report.aims.append(
            Aim.at_most(f"fact to open page at {rate} facts/s, p99", 1000, slow, " ms")
        )
    report.notes = [
        "`sync_interval: always` for both; the raw consumer hears the same events.",
        "The moment of a row is taken in its transaction, before the commit.",
        "Each fact also costs two calls to other services, a letter, and a read by the gateway.",
    ]
    return report
