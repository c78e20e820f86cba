"""Events to open pages (server-sent events): one task for each stream, bounded and resumable.

Facts are heard as they pass on the bus, without any promise. What was missed, because the bus or a
service was away, is fetched again from `notify`, so that a page gets each message once.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import orjson

from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Header, Receive, Refused, Scope, Send
from lkmr_gateway.problems import problem
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.telemetry import log

HEARTBEAT_SECONDS = 15.0
PER_SESSION = 5
QUEUE = 64
_MAX_ID = 64
_SLOW_SECONDS = 20.0
_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 2.0, 5.0)
_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
)
_HEARTBEAT = b": \n\n"

Items = list[dict[str, Any]]


def frame(event: str, data: bytes, event_id: str = "") -> bytes:
    """One event; data is a single line of JSON."""
    head = f"id: {event_id}\n" if event_id else ""
    lines = b"".join(b"data: " + line + b"\n" for line in data.splitlines() or [b""])
    return head.encode() + b"event: " + event.encode() + b"\n" + lines + b"\n"


class Stream:
    """One open page."""

    __slots__ = ("behind", "entry", "gone", "key", "last_id", "queue", "sent", "started", "wake")

    def __init__(self, entry: Entry, started: datetime) -> None:
        self.entry = entry
        self.key = entry.key
        self.started = started
        self.behind = False
        self.last_id = ""
        self.sent: deque[str] = deque(maxlen=256)
        self.queue: deque[bytes] = deque()
        self.wake = asyncio.Event()
        self.gone = False

    def push(self, data: bytes) -> None:
        """Queue bytes; a client that does not read is dropped."""
        if self.gone:
            return
        if len(self.queue) >= QUEUE:
            self.gone = True
        else:
            self.queue.append(data)
        self.wake.set()

    def push_message(self, item: dict[str, Any]) -> None:
        """A message of the inbox, once."""
        identity = str(item["id"])
        if identity not in self.sent:
            self.sent.append(identity)
            self.last_id = identity
            self.push(frame("message", orjson.dumps(item), identity))

    def end(self, *data: bytes) -> None:
        """Say a last word and close."""
        for one in data:
            self.push(one)
        self.gone = True
        self.wake.set()


class Inbox:
    """What streams ask of `notify`; the caller token of the session goes along."""

    def __init__(
        self,
        read: Callable[[Entry, str], Awaitable[bytes]],
        since: Callable[[Entry, str], Awaitable[bytes]],
        newest: Callable[[Entry], Awaitable[bytes]],
    ) -> None:
        self._read, self._since, self._newest = read, since, newest

    async def one(self, entry: Entry, message: str) -> dict[str, Any]:
        """One message by its name. Raises ServiceError."""
        item: dict[str, Any] = orjson.loads(await self._read(entry, message))
        return item

    async def after(self, entry: Entry, identity: str) -> Items:
        """All messages after one, oldest first. Raises ServiceError."""
        found: Items = []
        while True:
            page = orjson.loads(await self._since(entry, identity))["items"]
            found += page
            if not page or len(found) > QUEUE:
                return found
            identity = str(page[-1]["id"])

    async def newer(self, entry: Entry, moment: datetime) -> Items:
        """Messages made since a moment, oldest first. Raises ServiceError."""
        page = orjson.loads(await self._newest(entry))["items"]
        fresh = [one for one in page if datetime.fromisoformat(one["create_time"]) >= moment]
        return fresh[::-1]


class Streams:
    """All open streams of this gateway, found by person, worker and session."""

    def __init__(
        self,
        inbox: Inbox,
        clock: Clock,
        renew: Callable[[Entry], Awaitable[Entry]],
        *,
        per_session: int = PER_SESSION,
        total: int = 10_000,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._inbox, self._clock, self._renew = inbox, clock, renew
        self._per_session, self._total = per_session, total
        self._heartbeat = heartbeat_seconds
        self._by_person: defaultdict[str, set[Stream]] = defaultdict(set)
        self._by_worker: defaultdict[str, set[Stream]] = defaultdict(set)
        self._by_session: defaultdict[bytes, set[Stream]] = defaultdict(set)
        self._behind: set[Stream] = set()
        self._behind_wake = asyncio.Event()
        self._draining = False
        self.count = 0

    async def serve(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for events. Raises Refused before the stream begins."""
        entry = exchange.session
        if entry is None:
            raise Refused(problem("SESSION_MISSING"))
        if self._draining:
            raise Refused(problem("DRAINING", seconds=2))
        open_now = len(self._by_session.get(entry.key, ()))
        if open_now >= self._per_session or self.count >= self._total:
            raise Refused(problem("TOO_MANY_STREAMS", seconds=10))
        stream = Stream(entry, self._clock.now())
        watch = _watch_connection(scope, receive, stream)
        self._add(stream)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            await _write(send, b"retry: 2000\n\n")
            last = exchange.header(b"last-event-id")
            if last.isascii() and 0 < len(last) <= _MAX_ID and "/" not in last:
                stream.last_id = last
                stream.sent.append(last)
                self.fall_behind(stream)
            await self._pump(stream, send)
            if not stream.queue:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("stream.slow")
        finally:
            self._remove(stream)
            if watch is not None:
                watch.cancel()

    async def _pump(self, stream: Stream, send: Send) -> None:
        """Write what comes until the stream ends."""
        while True:
            while stream.queue:
                parts = list(stream.queue)
                stream.queue.clear()
                await _write(send, b"".join(parts))
            if stream.gone:
                return
            stream.wake.clear()
            try:
                async with asyncio.timeout(
                    self._heartbeat
                ):  # wait_for would be a task for each wait
                    await stream.wake.wait()
            except TimeoutError:
                if not await self._still_open(stream):
                    return
                await _write(send, _HEARTBEAT)

    async def _still_open(self, stream: Stream) -> bool:
        """Ask whether the session lives; being unable to ask is no reason to close."""
        try:
            stream.entry = await self._renew(stream.entry)
        except Refused as refusal:
            if refusal.problem.status != 503:  # noqa: PLR2004 - the status of a service that is away
                stream.end(_ended(refusal.problem.code))
        return True

    def end_session(self, key: bytes, code: str = "LKMR-AUTH-021") -> None:
        """The session is over: its pages are told, then closed."""
        for stream in tuple(self._by_session.get(key, ())):
            stream.end(_ended(code))

    def replaced(self, key: bytes) -> None:
        """The session goes on under a new id: its pages connect anew with the new cookie."""
        for stream in tuple(self._by_session.get(key, ())):
            stream.end(frame("reconnect", b'{"delay_milliseconds":0}'))

    def changed(self, worker: str, name: str) -> None:
        """Something that the pages of a worker show has changed."""
        data = frame("changed", orjson.dumps({"name": name}))
        for stream in tuple(self._by_worker.get(worker, ())):
            stream.push(data)

    async def message_created(self, person: str, name: str) -> None:
        """A message lies in the inbox of a person: fetched once, given to all open pages."""
        streams = tuple(self._by_person.get(person, ()))
        if not streams:
            return
        try:
            entry = await self._renew(streams[0].entry)
            item = await self._inbox.one(entry, name)
        except (ServiceError, Refused) as fault:
            log.info("stream.behind", kind=type(fault).__name__)
            self.person_behind(person)
            return
        for stream in streams:
            if stream.behind:  # what it missed comes first, so that a page can resume after any id
                self.fall_behind(stream)
            else:
                stream.push_message(item)

    def has_pages(self, person: str) -> bool:
        """Whether a person has a page open here."""
        return person in self._by_person

    def person_behind(self, person: str) -> None:
        """The pages of a person may have missed something."""
        for stream in tuple(self._by_person.get(person, ())):
            self.fall_behind(stream)

    def fall_behind(self, stream: Stream) -> None:
        """This page may have missed something: fetch it."""
        stream.behind = True
        self._behind.add(stream)
        self._behind_wake.set()

    def all_behind(self) -> None:
        """Facts may have been missed: pages look again at what they show."""
        for streams in tuple(self._by_session.values()):
            for stream in streams:
                self.fall_behind(stream)
                if stream.entry.worker:
                    name = f"workers/{stream.entry.worker}/accreditations"
                    stream.push(frame("changed", orjson.dumps({"name": name})))

    async def catch_up(self) -> None:
        """Fetch what pages have missed, until cancelled."""
        tries = 0
        while True:
            await self._behind_wake.wait()
            self._behind_wake.clear()
            late, self._behind = self._behind, set()
            done = await asyncio.gather(*(self._catch_up_one(stream) for stream in late))
            if all(done):
                tries = 0
                continue
            pause = _RETRY_SECONDS[min(tries, len(_RETRY_SECONDS) - 1)]
            tries += 1
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - spreads the load
            self._behind_wake.set()

    async def _catch_up_one(self, stream: Stream) -> bool:
        """Whether this page now has everything."""
        if stream.gone:
            return True
        try:
            stream.entry = await self._renew(stream.entry)
            try:
                items = (
                    await self._inbox.after(stream.entry, stream.last_id)
                    if stream.last_id
                    else await self._inbox.newer(stream.entry, stream.started)
                )
            except ServiceError as fault:
                if fault.category is not Category.NOT_FOUND:
                    raise
                stream.last_id = ""  # not a message of this person, or long gone
                items = await self._inbox.newer(stream.entry, stream.started)
        except Refused:
            return True
        except ServiceError:
            self._behind.add(stream)
            return False
        except Exception as fault:  # noqa: BLE001 - an odd answer must not end the loop for all pages
            log.error("stream.not_caught_up", kind=type(fault).__name__)
            items = []
        for item in items:
            stream.push_message(item)
        stream.behind = stream in self._behind
        return True

    def drain(self) -> None:
        """The process stops: pages connect again elsewhere, spread over 5 s."""
        self._draining = True
        for streams in tuple(self._by_session.values()):
            for stream in tuple(streams):
                delay = random.randint(0, 5000)  # noqa: S311 - spreads reconnects
                stream.end(frame("reconnect", b'{"delay_milliseconds":%d}' % delay))

    def _add(self, stream: Stream) -> None:
        self.count += 1
        self._by_person[stream.entry.person].add(stream)
        self._by_session[stream.key].add(stream)
        if stream.entry.worker:
            self._by_worker[stream.entry.worker].add(stream)

    def _remove(self, stream: Stream) -> None:
        stream.gone = True
        self.count -= 1
        self._behind.discard(stream)
        _discard(self._by_person, stream.entry.person, stream)
        _discard(self._by_session, stream.key, stream)
        _discard(self._by_worker, stream.entry.worker, stream)


def _discard(index: "defaultdict[Any, set[Stream]]", key: object, stream: Stream) -> None:
    found = index.get(key)
    if found is not None:
        found.discard(stream)
        if not found:
            del index[key]


def _ended(code: str) -> bytes:
    return frame("session_ended", orjson.dumps({"code": code}))


async def _write(send: Send, data: bytes) -> None:
    """Write, unless the client stopped reading. Raises TimeoutError."""
    async with asyncio.timeout(_SLOW_SECONDS):
        await send({"type": "http.response.body", "body": data, "more_body": True})


def _watch_connection(
    scope: Scope, receive: Receive, stream: Stream
) -> "asyncio.Task[None] | None":
    """Learn that the page is gone: from our own protocol, elsewhere by a task."""
    connection = scope.get("extensions", {}).get("lkmr.connection")
    if connection is not None:
        connection["protocol"].on_lost = stream.end
        return None

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        stream.end()

    return asyncio.create_task(watch())
