"""Background work that is done again and again beside a service."""

import asyncio
from collections.abc import Awaitable, Callable

from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import log, places_of


async def repeated(
    name: str,
    work: Callable[[], Awaitable[object]],
    *,
    seconds: float,
    fault_seconds: float | None = None,
) -> None:
    """Do a piece of work, rest `seconds`, begin anew; runs until cancelled.

    A refusal (a peer or the database is away) is a warning, anything else an error in the log;
    neither ends the rounds. After a fault the rest is `fault_seconds`, where given.
    """
    while True:
        rest = seconds if fault_seconds is None else fault_seconds
        try:
            await work()
        except ServiceError as fault:
            log.warning("background.postponed", work=name, reason=fault.reason)
        except Exception as fault:  # noqa: BLE001 - a round that failed must not end the rounds
            log.error("background.failed", work=name, faults=places_of(fault))
        else:
            rest = seconds
        await asyncio.sleep(rest)
