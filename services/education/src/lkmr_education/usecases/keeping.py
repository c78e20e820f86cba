"""What runs beside the service for ever; none of it begins before the service is ready."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import log

Work = Callable[[], Awaitable[object]]
Hold = Callable[[str], AbstractAsyncContextManager[None]]
_READY_SECONDS, _FAULT_SECONDS = 0.1, 1.0
_DATABASE_AWAY = "DATABASE_UNAVAILABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A work that is done again and again; `alone`: by one instance at a time.

    `longest_fault_seconds`: the longest pause after a fault.
    """

    name: str
    work: Work
    seconds: float
    delay_seconds: float = 0
    alone: bool = False
    longest_fault_seconds: float = 15.0


class Keeping:
    """Does tasks; `started` says that the service is ready, `hold` gives the right to a work."""

    def __init__(self, tasks: list[Task], *, started: Callable[[], bool], hold: Hold) -> None:
        self._tasks, self._started, self._hold = tasks, started, hold

    def works(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Each task by its name, until it is cancelled."""
        return {task.name: self._run(task) for task in self._tasks}

    async def _run(self, task: Task) -> None:
        while not self._started():  # noqa: ASYNC110 - the state of the whole program
            await asyncio.sleep(_READY_SECONDS)
        await asyncio.sleep(task.delay_seconds)
        if not task.alone:
            await self._again(task, leave_when_away=False)
        while True:
            try:
                async with self._hold(task.name):
                    await self._again(task, leave_when_away=True)
            except ServiceError as fault:
                log.warning("keeping.not_held", work=task.name, reason=fault.reason)
                await asyncio.sleep(_FAULT_SECONDS)

    async def _again(self, task: Task, *, leave_when_away: bool) -> None:
        """Work, rest; a fault is waited out longer each time. Raises ServiceError to let go."""
        pause = _FAULT_SECONDS
        while True:
            try:
                await task.work()
            except ServiceError as fault:
                if leave_when_away and fault.reason == _DATABASE_AWAY:
                    raise
                log.warning("keeping.interrupted", work=task.name, reason=fault.reason)
                await asyncio.sleep(pause)
                pause = min(pause * 2, task.longest_fault_seconds)
            else:
                pause = _FAULT_SECONDS
                await asyncio.sleep(task.seconds)


def until_idle(work: Callable[[], Awaitable[int]]) -> Work:
    """Work in portions until a portion is empty."""
    return partial(_until_idle, work)


async def _until_idle(work: Callable[[], Awaitable[int]]) -> None:
    while await work():
        pass
