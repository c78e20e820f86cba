"""Stores the record of calls in portions, beside the work that they belong to."""

import asyncio
import uuid
from collections import deque
from datetime import datetime, timedelta
from typing import Protocol

import asyncpg

from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import FAULTS, Database
from lkmr_servicekit.partitions import ensure_months
from lkmr_servicekit.telemetry import counter, log

FLUSH_SECONDS = 0.5
PORTION = 500
HELD_AT_MOST = 50_000
_COLUMNS = ("time", "id", "system", "operation", "result", "code", "duration_ms", "trace_id")
_lost = counter("lkmr_exchange_records_lost_total", "Records of calls that had to be dropped")


class Record(Protocol):
    """One call, without data about people."""

    @property
    def time(self) -> datetime: ...
    @property
    def system(self) -> str: ...
    @property
    def operation(self) -> str: ...
    @property
    def result(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def duration_ms(self) -> int: ...
    @property
    def trace_id(self) -> str: ...


class StoredExchangeLog:
    """Takes records at once and stores them within a second; waits while the database is away.

    Above `HELD_AT_MOST` the oldest go, which is counted and logged: never silently.
    A kill -9 loses at most what came in the last half second; the call itself is also a log line.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._held: deque[tuple[object, ...]] = deque()
        self._months_until = datetime.min.replace(tzinfo=clock.now().tzinfo)

    def record(self, record: Record) -> None:
        """Take a record."""
        if len(self._held) >= HELD_AT_MOST:
            self._held.popleft()
            _lost.inc()
            log.error("exchange_log.record_lost")
        self._held.append(
            (
                record.time,
                uuid.uuid4(),
                record.system,
                record.operation,
                record.result,
                record.code,
                record.duration_ms,
                record.trace_id,
            )
        )

    async def run(self) -> None:
        """Store until cancelled, then store the rest."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Store what is held; what cannot be stored now stays held."""
        while self._held:
            portion = [self._held[index] for index in range(min(PORTION, len(self._held)))]
            try:
                await self._make_months()
                async with self._database.pool.acquire(timeout=2) as connection:
                    await connection.copy_records_to_table(
                        "exchange_log", records=portion, columns=_COLUMNS, timeout=5
                    )
            except asyncpg.UniqueViolationError:
                log.info("exchange_log.repeat")  # the last try was stored, its answer was lost
            except FAULTS as fault:
                log.warning("exchange_log.waits", kind=type(fault).__name__, held=len(self._held))
                return
            for _ in portion:
                self._held.popleft()

    async def _make_months(self) -> None:
        now = self._clock.now()
        if now >= self._months_until:
            await ensure_months(self._database, ("exchange_log",), now)
            self._months_until = now + timedelta(days=1)
