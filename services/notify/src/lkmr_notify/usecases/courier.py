"""Many deliveries side by side: what is due is taken as places become free."""

import asyncio

from lkmr_notify.domain.channel import Priority
from lkmr_notify.usecases.deliver import Delivering, deliver
from lkmr_notify.usecases.ports import Delivery
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import log


async def take_due(
    free: int, free_for_bulk: int, *, new_uow: NewUnitOfWork, clock: Clock
) -> list[Delivery]:
    """Take what is due, urgent before usual before bulk. Raises ServiceError.

    A bulk takes only its own share of the places, so that an urgent one never waits for a place.
    """
    taken: list[Delivery] = []
    now = clock.now()
    async with new_uow() as uow:
        for priority in Priority:
            room = free - len(taken)
            if priority is Priority.BULK:
                room = min(room, free_for_bulk)
            if room > 0:
                taken += await uow.deliveries.take(now, room, priority.value)
        await uow.commit()
    return taken


class Courier:
    """Runs deliveries side by side, as many as there are places.

    A place that a slow relay holds is lost for a while; the others go on.
    """

    def __init__(
        self,
        parts: Delivering,
        *,
        new_uow: NewUnitOfWork,
        places: int = 48,
        bulk_places: int = 24,
    ) -> None:
        self._parts, self._new_uow = parts, new_uow
        self._places, self._bulk_places = places, bulk_places
        self._running: dict[asyncio.Task[None], int] = {}

    async def take(self) -> int:
        """Start what is due and fits; returns how many were started. Raises ServiceError."""
        free = self._places - len(self._running)
        bulk = sum(1 for priority in self._running.values() if priority == Priority.BULK.value)
        if free <= 0:
            return 0
        taken = await take_due(
            free,
            max(0, self._bulk_places - bulk),
            new_uow=self._new_uow,
            clock=self._parts.clock,
        )
        for delivery in taken:
            task = asyncio.create_task(deliver(delivery, parts=self._parts))
            self._running[task] = delivery.priority
            task.add_done_callback(self._done)
        return len(taken)

    async def place(self, seconds: float) -> None:
        """Wait until one of the running deliveries ends, at most so long."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    @property
    def busy(self) -> bool:
        """Whether a delivery is under way."""
        return bool(self._running)

    async def finish(self, seconds: float) -> None:
        """Let what is under way end; called when the process stops."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    def _done(self, task: "asyncio.Task[None]") -> None:
        del self._running[task]
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("delivery.crashed", kind=type(fault).__name__)
