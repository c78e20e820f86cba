"""Acts that the gateway decides by itself, on their way to the journal of `auth`.

A refusal is told before its answer. While `auth` is away the act waits in memory, and in a file of
its own when there is a folder for it, and is told later under the same id; nothing is dropped
before 50 000 acts wait.
"""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_servicekit.audit import Act
from lkmr_servicekit.audit_wire import act_to_proto
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.telemetry import counter, log

MOST = 50_000
BATCH = 100
RETRY_SECONDS = 1.0
_LENGTH = 4

_told = counter("lkmr_gateway_acts_total", "Acts told to the journal", ("when",))
_lost = counter("lkmr_gateway_acts_lost_total", "Acts that could not be kept until auth answered")

Entry = pb.RecordActsRequest.Entry
Tell = Callable[[Sequence[Entry]], Awaitable[None]]


class Spool:
    """Waiting acts in a file, so that they outlive this process: length, then the message."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Entry]:
        """What a process before this one left; a record that was cut off ends the file."""
        raw = self._path.read_bytes() if self._path.is_file() else b""
        found, at = [], 0
        while at + _LENGTH <= len(raw):
            end = at + _LENGTH + int.from_bytes(raw[at : at + _LENGTH], "big")
            if end > len(raw):
                break
            found.append(Entry.FromString(raw[at + _LENGTH : end]))
            at = end
        return found

    def add(self, entry: Entry) -> None:
        """Append one."""
        body = entry.SerializeToString()
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.open("ab") as file:
            file.write(len(body).to_bytes(_LENGTH, "big") + body)

    def clear(self) -> None:
        """Everything was told."""
        self._path.unlink(missing_ok=True)


class Acts:
    """Tells acts to the journal, at once or later."""

    def __init__(self, tell: Tell, spool: Spool | None = None) -> None:
        self._tell, self._spool = tell, spool
        self._waiting: OrderedDict[str, Entry] = OrderedDict()
        for entry in spool.read() if spool else ():
            self._waiting[entry.event_id] = entry

    @property
    def waiting(self) -> int:
        """Acts that `auth` has not taken yet."""
        return len(self._waiting)

    async def report(self, act: Act) -> None:
        """Tell an act whose time is known; when `auth` is away, keep it for later."""
        entry = Entry(event_id=str(uuid.uuid4()), act=act_to_proto(act))
        try:
            await self._tell([entry])
        except ServiceError as fault:
            self._keep(entry, fault)
        else:
            _told.labels("at_once").inc()

    async def run(self) -> None:
        """Tell what waits as soon as `auth` answers; until cancelled."""
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            await self.tell_waiting()

    async def tell_waiting(self) -> None:
        """Tell all that waits, oldest first; stops at the first fault that may pass."""
        while self._waiting:
            batch = list(self._waiting.values())[:BATCH]
            try:
                await self._tell(batch)
            except ServiceError as fault:
                if fault.category is not Category.INVALID_ARGUMENT:
                    return
                batch = await self._one_by_one(batch)
            for entry in batch:
                self._waiting.pop(entry.event_id, None)
            _told.labels("later").inc(len(batch))
        if self._spool:
            self._spool.clear()

    async def _one_by_one(self, batch: list[Entry]) -> list[Entry]:
        """A batch with an act that `auth` cannot read: the others still get through."""
        done = []
        for entry in batch:
            try:
                await self._tell([entry])
            except ServiceError as fault:
                if fault.category is not Category.INVALID_ARGUMENT:
                    break
                _lost.inc()
                log.error("act.refused", operation=entry.act.operation, reason=fault.reason)
            done.append(entry)
        return done

    def _keep(self, entry: Entry, fault: ServiceError) -> None:
        if fault.category is Category.INVALID_ARGUMENT or len(self._waiting) >= MOST:
            _lost.inc()
            log.error("act.lost", operation=entry.act.operation, reason=fault.reason)
            return
        log.warning("act.waits", operation=entry.act.operation, reason=fault.reason)
        self._waiting[entry.event_id] = entry
        if self._spool:
            try:
                self._spool.add(entry)
            except OSError as disk:
                log.error("act.not_spooled", kind=type(disk).__name__)
