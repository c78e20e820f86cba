"""Background rounds: one instance at a time does a piece of work, woken or each few seconds."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from lkmr_servicekit.database import FAULTS, Database, holding, listening
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import log

LOOK_SECONDS = 2.0
_AWAY = (*FAULTS, ServiceError)


async def rounds(database: Database, name: str, work: Callable[[], Awaitable[int]]) -> None:
    """Do `work` until it finds nothing, then wait for `NOTIFY <name>` or two seconds.

    Runs until cancelled; while the database or a peer is away it waits and begins anew. A fault of
    ours in one round is an error in the log and ends neither the rounds nor the process.
    """
    pause = 0.2
    while True:
        try:
            wake = asyncio.Event()
            async with (
                holding(database, f"notify-{name}"),
                listening(database.dsn, name, wake) as heard,
            ):
                log.info("rounds.lead", work=name)
                pause = 0.2
                while not heard.is_closed():
                    wake.clear()
                    if not await work():
                        await _wait(wake)
        except _AWAY as fault:
            log.warning("rounds.interrupted", work=name, kind=type(fault).__name__)
        except Exception as fault:  # noqa: BLE001 - the next round may find nothing wrong
            log.error("rounds.failed", work=name, kind=type(fault).__name__)
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
        pause = min(pause * 2, 5)


async def _wait(wake: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(wake.wait(), LOOK_SECONDS)
    except TimeoutError:
        return
