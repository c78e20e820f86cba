"""State and event in one transaction; a relay brings the event to JetStream.

The algorithm stands in docs/flows/register-change.md: rows are taken by `publish_time IS NULL`,
never by "id above the last one", because ids become visible out of order.
"""

import asyncio
import random
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import FAULTS, Database, listening
from lkmr_servicekit.events import NATS_FAULTS, Announcement, Bus, headers_of
from lkmr_servicekit.telemetry import counter, log

CHANNEL = "outbox"
BATCH = 500
IN_FLIGHT = 64
PUBLISH_TIMEOUT_SECONDS = 2
KEEP = timedelta(days=7)

_published = counter("lkmr_outbox_published_total", "Events brought to JetStream")
_failed = counter("lkmr_outbox_publish_failures_total", "Events that JetStream did not take")

_INSERT = sa.text(
    """INSERT INTO outbox (event_id, resource_name, subject, headers, body, create_time)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:subjects AS text[]),
                         CAST(:headers AS jsonb[]), CAST(:bodies AS bytea[]),
                         CAST(:times AS timestamptz[]))"""
).bindparams(sa.bindparam("headers", type_=sa.ARRAY(JSONB)))
_NOTIFY = sa.text(f"NOTIFY {CHANNEL}")
_TODO = (
    "SELECT id, resource_name, subject, headers, body FROM outbox"
    " WHERE publish_time IS NULL ORDER BY id LIMIT $1"
)


class Outbox:
    """The outbox inside a unit of work."""

    def __init__(self, connection: AsyncConnection, *, source: str, clock: Clock) -> None:
        self._connection, self._source, self._clock = connection, source, clock

    async def add(self, announcements: Iterable[Announcement]) -> None:
        """Write facts in the transaction of the work; the relay is woken by its commit."""
        now = self._clock.now()
        rows = [(one, one.event_id or uuid.uuid4()) for one in announcements]
        if not rows:
            return
        await self._connection.execute(
            _INSERT,
            {
                "ids": [event_id for _, event_id in rows],
                "names": [one.resource for one, _ in rows],
                "subjects": [one.subject for one, _ in rows],
                "headers": [headers_of(one, event_id, self._source, now) for one, event_id in rows],
                "bodies": [one.message.SerializeToString() for one, _ in rows],
                "times": [now for _ in rows],
            },
        )
        await self._connection.execute(_NOTIFY)


class Relay:
    """Publishes what lies in the outbox: in order for one resource, many resources at once.

    One relay of a service works at a time (advisory lock); a second instance waits to take over.
    """

    def __init__(self, database: Database, bus: Bus, *, service: str, clock: Clock) -> None:
        self._database, self._bus, self._service, self._clock = database, bus, service, clock
        self._wake = asyncio.Event()
        self._flying = asyncio.Semaphore(IN_FLIGHT)

    async def run(self) -> None:
        """Work until cancelled; faults of PostgreSQL or NATS are waited out."""
        pause = 0.2
        while True:
            try:
                await self._lead()
                pause = 0.2
            except (*NATS_FAULTS, *FAULTS) as fault:
                log.warning("relay.interrupted", kind=type(fault).__name__)
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
                pause = min(pause * 2, 5)

    async def _lead(self) -> None:
        async with listening(self._database.dsn, CHANNEL, self._wake) as connection:
            while not await connection.fetchval(  # noqa: ASYNC110 - another instance leads
                "SELECT pg_try_advisory_lock(hashtext($1))", f"relay:{self._service}"
            ):
                await asyncio.sleep(1)
            await self._bus.ensure_stream(self._service)
            log.info("relay.leads")
            pause, swept = 0.2, self._clock.now()
            while not connection.is_closed():
                self._wake.clear()
                rows = await connection.fetch(_TODO, BATCH)
                done = await self._publish(rows)
                if done:
                    await connection.execute(
                        "UPDATE outbox SET publish_time = $2 WHERE id = ANY($1)",
                        done,
                        self._clock.now(),
                    )
                    _published.inc(len(done))
                if len(done) < len(rows):
                    await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
                    pause = min(pause * 2, 5)
                    continue
                pause = 0.2
                if not rows:
                    if self._clock.now() - swept > timedelta(minutes=10):
                        swept = self._clock.now()
                        await self._sweep(connection)
                    await _wait(self._wake, 1)

    async def _publish(self, rows: list[asyncpg.Record]) -> list[int]:
        """Ids that JetStream has acknowledged; after a fault the rest of that resource waits."""
        by_resource: dict[str, list[asyncpg.Record]] = defaultdict(list)
        for row in rows:
            by_resource[row["resource_name"]].append(row)

        async def one_resource(mine: list[asyncpg.Record]) -> list[int]:
            acknowledged: list[int] = []
            for row in mine:
                try:
                    async with self._flying:
                        await self._bus.stream.publish(
                            row["subject"],
                            row["body"],
                            timeout=PUBLISH_TIMEOUT_SECONDS,
                            headers=orjson.loads(row["headers"]),
                        )
                except NATS_FAULTS as fault:
                    _failed.inc()
                    log.warning("relay.not_published", id=row["id"], kind=type(fault).__name__)
                    break
                acknowledged.append(row["id"])
            return acknowledged

        done = await asyncio.gather(*(one_resource(mine) for mine in by_resource.values()))
        return [row_id for ids in done for row_id in ids]

    async def _sweep(self, connection: asyncpg.Connection) -> None:
        """Drop what was published long ago, in small portions."""
        await connection.execute(
            "DELETE FROM outbox WHERE id IN"
            " (SELECT id FROM outbox WHERE publish_time < $1 LIMIT 5000)",
            self._clock.now() - KEEP,
        )


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
