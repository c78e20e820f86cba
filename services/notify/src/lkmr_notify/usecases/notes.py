"""What is noted of deliveries under way, several in a transaction."""

from collections.abc import Sequence
from datetime import datetime

from lkmr_notify.domain.channel import Channel
from lkmr_notify.usecases.gather import Gathered
from lkmr_notify.usecases.ports import Delivery, Ending, Handing
from lkmr_notify.usecases.work import NewUnitOfWork, UnitOfWork
from lkmr_servicekit.clock import Clock


class Notes:
    """The two rows of each delivery: the point of no return before it, the end after it.

    Deliveries that come to the same point together share a transaction; each goes on only when its
    own row is committed. Both raise ServiceError while the database is away.
    """

    def __init__(self, new_uow: NewUnitOfWork, clock: Clock) -> None:
        self._new_uow, self._clock = new_uow, clock
        self.hand_over = Gathered[Handing, bool](self._hand_over)
        self.end = Gathered[Ending, bool](self._end)

    async def _hand_over(self, rows: Sequence[Handing]) -> list[bool]:
        """Which of them are still ours to hand over."""
        async with self._new_uow() as uow:
            mine = await uow.deliveries.begin_handover(rows, self._clock.now())
            await uow.commit()
        return [one.delivery.id in mine for one in rows]

    async def _end(self, rows: Sequence[Ending]) -> list[bool]:
        """Which ends were stored; what was given up is announced and another channel stands in."""
        now = self._clock.now()
        async with self._new_uow() as uow:
            mine = await uow.deliveries.finish(rows, now)
            for one in rows:
                if one.step.given_up and one.delivery.id in mine:
                    await uow.announce_failed(one.delivery, one.result.reason)
                    await fall_back(one.delivery, uow=uow, now=now)
            await uow.commit()
        return [one.delivery.id in mine for one in rows]


async def fall_back(failed: Delivery, *, uow: UnitOfWork, now: datetime) -> Channel | None:
    """Let the next channel that was not used for this message stand in for a failed one."""
    used = await uow.deliveries.used_channels(failed.message, failed.create_time)
    for channel in failed.fallback:
        if channel not in used:
            await uow.deliveries.stand_in(failed, channel, now)
            return channel
    return None
