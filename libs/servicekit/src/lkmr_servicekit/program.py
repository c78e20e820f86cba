"""From `main.py` to a running process: event loop, signals, orderly stop."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

import uvloop

from lkmr_servicekit.health import Health, serve_health
from lkmr_servicekit.settings import Settings
from lkmr_servicekit.telemetry import (
    configure_logging,
    configure_traces,
    flush_traces,
    log,
    places_of,
)

STOP_SECONDS = 8


class Program:
    """Parts of a process: entered in order, left in reverse; background tasks are watched."""

    def __init__(self, stack: AsyncExitStack, health: Health) -> None:
        self.stack, self.health = stack, health
        self._tasks: list[asyncio.Task[None]] = []
        self.failed = asyncio.Event()

    def background(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run work until the program stops; if it ends by itself, the process ends too."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        self.stack.push_async_callback(_cancel, task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            log.error("task.ended", task=task.get_name(), faults=places_of(task.exception()))
            self.failed.set()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


def run(service: str, settings: Settings, start: Callable[[Program], Awaitable[None]]) -> None:
    """Run a service until SIGTERM or SIGINT. Exit status 1 when a part of it died."""
    configure_logging(service, settings.instance)
    configure_traces(service, os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"), _sampling_ratio())
    code = uvloop.run(_main(settings, start))
    flush_traces()
    raise SystemExit(code)


async def _main(settings: Settings, start: Callable[[Program], Awaitable[None]]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    health = Health()
    async with AsyncExitStack() as stack:
        program = Program(stack, health)
        await stack.enter_async_context(serve_health(settings.metrics_listen, health))
        await start(program)
        health.started = True
        log.info("program.serves")
        waits = [asyncio.create_task(event.wait()) for event in (stop, program.failed)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        health.draining = True
        log.info("program.stops", asked=stop.is_set())
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await stack.aclose()
    return 0 if stop.is_set() else 1


def _sampling_ratio() -> float:
    return float(os.environ.get("LKMR_TRACE_RATIO", "0.01"))
