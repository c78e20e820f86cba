"""The loop that delivers: woken by new messages, on all instances side by side."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import asyncpg

from lkmr_notify.storage.messages import CHANNEL
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, listening
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.partitions import ensure_months
from lkmr_servicekit.telemetry import log

LOOK_SECONDS = 1.0
_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ServiceError)


class DeliveryLoop:
    """Calls `work` until nothing is due, then waits for a message or a second."""

    def __init__(
        self, database: Database, *, work: Callable[[], Awaitable[int]], clock: Clock
    ) -> None:
        self._database, self._work, self._clock = database, work, clock
        self._wake = asyncio.Event()
        self._months_until = datetime.min.replace(tzinfo=clock.now().tzinfo)

    async def run(self) -> None:
        """Work until cancelled; faults of PostgreSQL are waited out."""
        pause = 0.2
        while True:
            try:
                async with listening(self._database.dsn, CHANNEL, self._wake) as connection:
                    pause = 0.2
                    while not connection.is_closed():
                        await self._make_months()
                        self._wake.clear()
                        if not await self._work():
                            await self._rest()
            except _AWAY as fault:
                log.warning("deliveries.interrupted", kind=type(fault).__name__)
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
            pause = min(pause * 2, 5)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
        except TimeoutError:
            return

    async def _make_months(self) -> None:
        now = self._clock.now()
        if now >= self._months_until:
            await ensure_months(self._database, ("delivery",), now)
            self._months_until = now + timedelta(days=1)
