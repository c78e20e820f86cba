"""The loop that delivers: woken by new messages, on all instances side by side."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Protocol

from lkmr_notify.storage.messages import CHANNEL
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import FAULTS, Database, listening
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.partitions import ensure_months
from lkmr_servicekit.telemetry import log

LOOK_SECONDS = 1.0
STOP_SECONDS = 5.0
_AWAY = (*FAULTS, ServiceError)


class Work(Protocol):
    """Deliveries that run side by side."""

    @property
    def busy(self) -> bool: ...
    async def take(self) -> int: ...
    async def place(self, seconds: float) -> None: ...
    async def finish(self, seconds: float) -> None: ...


class DeliveryLoop:
    """Takes what is due as places become free; else waits for a message or a second."""

    def __init__(self, database: Database, *, work: Work, clock: Clock) -> None:
        self._database, self._work, self._clock = database, work, clock
        self._wake = asyncio.Event()
        self._months_until = datetime.min.replace(tzinfo=clock.now().tzinfo)

    async def run(self) -> None:
        """Work until cancelled, then let what is under way end; faults are waited out."""
        pause = 0.2
        try:
            while True:
                try:
                    async with listening(self._database.dsn, CHANNEL, self._wake) as connection:
                        pause = 0.2
                        while not connection.is_closed():
                            await self._make_months()
                            self._wake.clear()
                            if not await self._work.take():
                                await self._rest()
                except _AWAY as fault:
                    log.warning("deliveries.interrupted", kind=type(fault).__name__)
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
                pause = min(pause * 2, 5)
        finally:
            await self._work.finish(STOP_SECONDS)

    async def _rest(self) -> None:
        """Until a message comes, a place becomes free, or a second is over."""
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._wake.wait())]
        if self._work.busy:
            waits.append(asyncio.create_task(self._work.place(LOOK_SECONDS)))
        try:
            await asyncio.wait(waits, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _make_months(self) -> None:
        now = self._clock.now()
        if now >= self._months_until:
            await ensure_months(self._database, ("delivery",), now)
            self._months_until = now + timedelta(days=1)
