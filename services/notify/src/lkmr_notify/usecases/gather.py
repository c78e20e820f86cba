"""Group commit: what comes in while one transaction is written shares the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.telemetry import log

T = TypeVar("T")
R = TypeVar("R")
_PASSING = frozenset({Category.UNAVAILABLE, Category.TIMED_OUT})


class Gathered(Generic[T, R]):
    """Gives each caller the answer for its own row, however many rows a portion had.

    `write` keeps a portion, at most `most` rows, and answers in its order. No timer holds a row
    back: the first one goes alone, the portions grow with the load. That the other side is away is
    everybody's fault; one that a single row may have brought in is met by taking them one by one.
    """

    def __init__(
        self, write: Callable[[Sequence[T]], Awaitable[Sequence[R]]], *, most: int = 100
    ) -> None:
        self._write, self._most = write, most
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def __call__(self, row: T) -> R:
        """Wait until the row is kept. Raises what `write` raises."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        return await answer

    async def _write_waiting(self) -> None:
        while self._waiting:
            portion = self._waiting[: self._most]
            del self._waiting[: self._most]
            await self._keep(portion)

    async def _keep(self, portion: list[tuple[T, "asyncio.Future[R]"]]) -> None:
        try:
            answers = await self._write([row for row, _ in portion])
        except Exception as fault:  # noqa: BLE001 - each caller gets it, none is left waiting
            if len(portion) == 1 or _away(fault):
                _fail(portion, fault)
                return
            log.warning("portion.parted", rows=len(portion), kind=type(fault).__name__)
            for one in portion:
                await self._keep([one])
        except BaseException:
            for _, answer in portion:
                answer.cancel()
            raise
        else:
            for (_, answer), found in zip(portion, answers, strict=True):
                with suppress(asyncio.InvalidStateError):  # the caller was cancelled meanwhile
                    answer.set_result(found)


def _away(fault: Exception) -> bool:
    return isinstance(fault, ServiceError) and fault.category in _PASSING


def _fail(portion: list[tuple[T, "asyncio.Future[R]"]], fault: Exception) -> None:
    for _, answer in portion:
        if not answer.done():
            answer.set_exception(fault)
