"""One instance works at a time: a session lock of PostgreSQL, and a bell that all can ring."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from lkmr_servicekit.database import FAULTS, Database, listening
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import log

CHANNEL = "register_feed"
LONGEST_PAUSE_SECONDS = 60.0


class LeasedJob:
    """Runs `work` each `seconds`, at once when rung, and only where the lock is held.

    A lost connection is a lost lock; whoever gets it next goes on from the stored place.
    """

    def __init__(
        self,
        database: Database,
        *,
        name: str,
        work: Callable[[], Awaitable[object]],
        seconds: float,
    ) -> None:
        self._database, self._name = database, name
        self._work, self._seconds = work, seconds
        self._bell = asyncio.Event()

    async def ring(self) -> None:
        """Make the instance that holds the lock work now. Silent while the database is away."""
        try:
            await self._database.pool.execute(f"NOTIFY {CHANNEL}")
        except FAULTS as fault:
            log.warning("job.not_rung", job=self._name, kind=type(fault).__name__)

    async def run(self) -> None:
        """Work until cancelled; faults of PostgreSQL are waited out."""
        pause = 0.2
        while True:
            try:
                await self._lead()
            except FAULTS as fault:
                log.warning("job.interrupted", job=self._name, kind=type(fault).__name__)
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
            pause = min(pause * 2, 5)

    async def _lead(self) -> None:
        async with listening(self._database.dsn, CHANNEL, self._bell) as connection:
            lock = "SELECT pg_try_advisory_lock(hashtext($1))"
            while not await connection.fetchval(lock, f"job:{self._name}"):  # noqa: ASYNC110 - PostgreSQL tells nobody
                await asyncio.sleep(1)
            log.info("job.leads", job=self._name)
            while not connection.is_closed():
                self._bell.clear()
                pause = await self._once()
                try:
                    await asyncio.wait_for(self._bell.wait(), pause)
                except TimeoutError:
                    continue

    async def _once(self) -> float:
        """Work once; returns the seconds until the next time."""
        try:
            await self._work()
        except ServiceError as refused:
            log.warning("job.refused", job=self._name, reason=refused.reason, **refused.metadata)
            asked = float(refused.metadata.get("retry_seconds", "0"))
            return min(max(self._seconds, asked), LONGEST_PAUSE_SECONDS)
        return self._seconds
