"""Hours of many workers at once: who is due is noted, education is asked in the background."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from lkmr_accreditation.usecases.fill_hours import OfMany, keep_all
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.background import repeated
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Event

PORTION, FEW, REST_SECONDS = 100, 20, 1.0
LOAD_PAUSE = timedelta(seconds=3)
CONSUMER = "credits-loaded"


class HoursDue(Protocol):
    """Workers whose hours are to be asked for, inside a unit of work."""

    async def add(self, workers: Sequence[str]) -> None:
        """Note workers; of those who are noted already or not stored here nothing changes."""
        ...

    async def take(self, limit: int) -> list[str]:
        """The longest noted ones, marked as taken; one that took and stopped is taken again."""
        ...

    async def drop(self, workers: Sequence[str]) -> None:
        """Forget those who were not noted again since they were taken."""
        ...


class LoadFollower:
    """Follows loads of credits.

    While a load goes on, a few a second are asked for: the load itself goes first, and a worker who
    is credited many times in it is judged a few times only. Each costs both services and their
    databases 6 ms, so that a hundred a second took a third of two cores from the load.
    """

    def __init__(
        self,
        *,
        of_many: OfMany,
        new_uow: Callable[[], UnitOfWork],
        clock: Clock,
        hold: Callable[[str], AbstractAsyncContextManager[None]],
    ) -> None:
        self._of_many, self._new_uow, self._clock, self._hold = of_many, new_uow, clock, hold
        self._heard: datetime | None = None

    async def note(self, workers: Sequence[str], event: Event[Any]) -> None:
        """Note whose hours a load moved; a repeat of the event does nothing."""
        self._heard = self._clock.now()
        async with self._new_uow() as uow:
            if await uow.inbox.first_time(CONSUMER, event):
                await uow.hours_due.add(workers)
                await uow.commit()

    async def run(self) -> None:
        """Work until cancelled; one instance at a time."""
        await repeated("hours-due", self._round, seconds=REST_SECONDS)

    async def _round(self) -> None:
        async with self._hold("hours-due"):
            while await self.follow(FEW if self._loading() else PORTION) and not self._loading():
                pass

    def _loading(self) -> bool:
        return self._heard is not None and self._clock.now() - self._heard < LOAD_PAUSE

    async def follow(self, portion: int = PORTION) -> int:
        """Ask for the next portion. Returns how many workers it had. Raises ServiceError."""
        async with self._new_uow() as uow:
            workers = await uow.hours_due.take(portion)
            await uow.commit()
        if not workers:
            return 0
        asked = self._clock.now()
        made = await self._of_many(workers)
        async with self._new_uow() as uow:
            await keep_all(made, asked, uow=uow)
            await uow.hours_due.drop(workers)
            await uow.commit()
        return len(workers)
