"""Facts from others: at least once on the wire, exactly once in effect."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
import orjson
import sqlalchemy as sa
from google.protobuf.message import Message
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import FAULTS, Database
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.events import NATS_FAULTS, Bus, Event, event_of, stream_of, subject_of
from lkmr_servicekit.telemetry import continue_trace, counter, log

BACKOFF_SECONDS = (10, 30, 120, 600, 1800, 7200)
FIRST_RETRIES_SECONDS = (0.2, 0.5, 1, 2, 5)
MAX_DELIVER = len(FIRST_RETRIES_SECONDS) + len(BACKOFF_SECONDS) + 1
FETCH = 64
BATCH = 256
_PASSING = {Category.UNAVAILABLE, Category.TIMED_OUT, Category.RATE_LIMITED, Category.CONFLICT}

_handled = counter("lkmr_events_handled_total", "Events by outcome", ("consumer", "outcome"))

E = TypeVar("E", bound=Message)

_CLAIM = sa.text(
    "INSERT INTO inbox (consumer, event_id, receive_time) VALUES (:consumer, :event_id, :now)"
    " ON CONFLICT DO NOTHING RETURNING 1"
)
# Sorted, so that two instances with the same events wait for one another and never in a circle.
_CLAIM_MANY = sa.text(
    "INSERT INTO inbox (consumer, event_id, receive_time)"
    " SELECT :consumer, one, :now FROM unnest(CAST(:ids AS uuid[])) AS one ORDER BY one"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_BURY = """
INSERT INTO dead_event (consumer, event_id, subject, headers, body, reason, deliveries, create_time)
VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8)
ON CONFLICT (consumer, event_id) DO UPDATE SET reason = $6, deliveries = $7, resolve_time = NULL
"""
_ASKED = """
SELECT event_id, subject, headers::text AS headers, body, deliveries FROM dead_event
 WHERE consumer = $1 AND replay_time IS NOT NULL AND resolve_time IS NULL
 ORDER BY create_time LIMIT 20
"""
_REPLAYED = """
UPDATE dead_event SET resolve_time = $3, resolved_by = 'replay', replay_time = NULL
 WHERE consumer = $1 AND event_id = $2
"""
_STILL_DEAD = """
UPDATE dead_event SET reason = $3, replay_time = NULL WHERE consumer = $1 AND event_id = $2
"""
REPLAY_POLL_SECONDS = 2


class Inbox:
    """The inbox inside a unit of work."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection, self._clock = connection, clock

    async def first_time(self, consumer: str, event: Event[Any]) -> bool:
        """Whether this event is new to the consumer; noted in the transaction of the work."""
        row = await self._connection.execute(
            _CLAIM, {"consumer": consumer, "event_id": event.id, "now": self._clock.now()}
        )
        return row.first() is not None

    async def first_times(self, consumer: str, events: Sequence[Event[E]]) -> list[Event[E]]:
        """Those events that are new to the consumer, in their order, each once.

        Noted in one statement, in the transaction of the work.
        """
        ids = list({event.id: None for event in events})
        rows = await self._connection.execute(
            _CLAIM_MANY, {"consumer": consumer, "ids": ids, "now": self._clock.now()}
        )
        fresh = set(rows.scalars())
        by_id = {event.id: event for event in events}
        return [by_id[one] for one in ids if one in fresh]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A fact that a service listens to. `handler` claims the event id in its own transaction.

    `topic` is the subject of a message that every service may announce, as `Announcement.topic`.
    `batch`, where there is one, takes a whole portion in the order of the stream and claims it in
    one transaction (`Inbox.first_times`): many times cheaper where the work is rows in the own
    database. A portion that it cannot take goes to `handler` event by event, so that one bad event
    harms no other.
    """

    kind: type[Message]
    handler: Callable[[Event[Any]], Awaitable[None]]
    at_once: int = 32
    batch: Callable[[Sequence[Event[Any]]], Awaitable[None]] | None = None
    topic: str = ""

    @property
    def subject(self) -> str:
        """Where it is heard."""
        return self.topic or subject_of(self.kind)

    @property
    def producer(self) -> str:
        """The service that announces the fact, as the second word of its subject."""
        return self.subject.split(".")[1]

    def durable(self, service: str) -> str:
        """`notify` and `accreditation.recorded` → `notify-accreditation-recorded`."""
        words = self.subject.split(".")[-2:]
        if self.topic:
            words = [self.producer, *words]
        return "-".join([service.replace("_", "-"), *words]).replace("_", "-")


class Consumer:
    """Reads one subscription until cancelled."""

    def __init__(
        self,
        subscription: Subscription,
        *,
        service: str,
        bus: Bus,
        database: Database,
        clock: Clock,
    ) -> None:
        self._subscription, self._bus = subscription, bus
        self._database, self._clock = database, clock
        self.name = subscription.durable(service)
        self._gate = asyncio.Semaphore(subscription.at_once)

    async def run(self) -> None:
        """Work until cancelled; faults of NATS are waited out."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._replay())
            group.create_task(self._listen())

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                await self._pull()
            except NATS_FAULTS as fault:
                log.warning("consumer.interrupted", consumer=self.name, kind=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2)
            else:
                pause = 0.1

    async def _pull(self) -> None:
        subject = self._subscription.subject
        stream = stream_of(self._subscription.producer)
        config = ConsumerConfig(
            durable_name=self.name,
            filter_subject=subject,
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            ack_wait=30,
            max_deliver=MAX_DELIVER,
            max_ack_pending=256,
        )
        await self._bus.stream.add_consumer(stream, config)
        pull = await self._bus.stream.pull_subscribe_bind(self.name, stream=stream)
        log.info("consumer.listens", consumer=self.name)
        portion = FETCH if self._subscription.batch is None else BATCH
        try:
            while True:
                try:
                    messages = await pull.fetch(portion, timeout=2)
                except (NatsTimeout, TimeoutError):  # the client raises either when nothing came
                    continue
                await self._take(messages)
        finally:
            if self._bus.connected:
                await pull.unsubscribe()

    async def _replay(self) -> None:
        """Handle anew the dead events that an operator asked for (`dead-events replay`)."""
        while True:
            await asyncio.sleep(REPLAY_POLL_SECONDS)
            try:
                for row in await self._database.pool.fetch(_ASKED, self.name):
                    await self._replay_one(row)
            except FAULTS as fault:
                log.warning("replay.interrupted", consumer=self.name, kind=type(fault).__name__)

    async def _replay_one(self, row: asyncpg.Record) -> None:
        headers = orjson.loads(row["headers"])
        try:
            event = event_of(
                self._subscription.kind, row["subject"], headers, row["body"], row["deliveries"]
            )
            await self._subscription.handler(event)
        except Exception as fault:  # noqa: BLE001 - the row keeps the reason
            await self._database.pool.execute(
                _STILL_DEAD, self.name, row["event_id"], _reason_of(fault)
            )
            return
        now = self._clock.now()
        await self._database.pool.execute(_REPLAYED, self.name, row["event_id"], now)
        log.info("event.replayed", consumer=self.name, event_id=str(row["event_id"]))

    async def _take(self, messages: list[Msg]) -> None:
        """Events of one resource one after another, different resources side by side."""
        if self._subscription.batch is not None and await self._take_whole(messages):
            return
        by_resource: dict[str, list[Msg]] = defaultdict(list)
        for message in messages:
            by_resource[(message.headers or {}).get("ce-subject", "")].append(message)

        async def one_resource(mine: list[Msg]) -> None:
            async with self._gate:
                for message in mine:
                    await self._handle(message)

        await asyncio.gather(*(one_resource(mine) for mine in by_resource.values()))

    async def _take_whole(self, messages: list[Msg]) -> bool:
        """A portion in one transaction; False when it is to be taken event by event."""
        batch = self._subscription.batch
        if batch is None or len(messages) < 2:  # noqa: PLR2004 - one event needs no batch
            return False
        try:
            await batch([self._event_of(message) for message in messages])
        except Exception as fault:  # noqa: BLE001 - each event of the portion finds its own end
            log.warning(
                "batch.parted", consumer=self.name, kind=_reason_of(fault), events=len(messages)
            )
            return False
        _handled.labels(self.name, "done").inc(len(messages))
        for message in messages[:-1]:
            await _quietly(message.ack())
        # The server reads a connection in order: with the last answer all others are there.
        await _quietly(messages[-1].ack_sync(timeout=2))
        return True

    def _event_of(self, message: Msg) -> Event[Any]:
        """The event in a message. Raises ValueError when it cannot be read."""
        headers, deliveries = message.headers or {}, message.metadata.num_delivered
        kind = self._subscription.kind
        return event_of(kind, message.subject, headers, message.data, deliveries)

    async def _handle(self, message: Msg) -> None:
        headers = message.headers or {}
        deliveries = message.metadata.num_delivered
        with continue_trace(message.subject, headers.get("traceparent"), kind="CONSUMER"):
            try:
                await self._subscription.handler(self._event_of(message))
            except Exception as fault:  # noqa: BLE001 - whatever a handler raises must end in retry or dead_event
                await self._failed(message, fault, deliveries)
                return
            _handled.labels(self.name, "done").inc()
            await _quietly(message.ack_sync(timeout=2))

    async def _failed(self, message: Msg, fault: Exception, deliveries: int) -> None:
        refused = isinstance(fault, ServiceError) and fault.category not in _PASSING
        if refused or isinstance(fault, ValueError) or deliveries >= MAX_DELIVER:
            reason = _reason_of(fault)
            if await self._bury(message, reason, deliveries):
                _handled.labels(self.name, "dead").inc()
                log.error("event.dead", consumer=self.name, reason=reason, deliveries=deliveries)
                await _quietly(message.term())
                return
        delays = FIRST_RETRIES_SECONDS + BACKOFF_SECONDS
        delay = delays[min(deliveries - 1, len(delays) - 1)]
        _handled.labels(self.name, "retry").inc()
        log.warning(
            "event.retry",
            consumer=self.name,
            kind=_reason_of(fault),
            deliveries=deliveries,
        )
        await _quietly(message.nak(delay=delay))

    async def _bury(self, message: Msg, reason: str, deliveries: int) -> bool:
        headers = message.headers or {}
        try:
            await self._database.pool.execute(
                _BURY,
                self.name,
                headers.get("ce-id") or "00000000-0000-0000-0000-000000000000",
                message.subject,
                orjson.dumps(headers).decode(),
                message.data,
                reason,
                deliveries,
                self._clock.now(),
            )
        except Exception as fault:  # noqa: BLE001 - the database is away: the message stays in the stream
            log.warning("event.not_buried", consumer=self.name, kind=type(fault).__name__)
            return False
        return True


def _reason_of(fault: Exception) -> str:
    """The reason of a refusal, or the kind of a fault; never its text."""
    return fault.reason if isinstance(fault, ServiceError) else type(fault).__name__


async def _quietly(answer: Awaitable[object]) -> None:
    """An acknowledgement that is lost makes a repeat, and a repeat is harmless."""
    try:
        await answer
    except NATS_FAULTS as fault:
        log.info("event.ack_lost", kind=type(fault).__name__)
