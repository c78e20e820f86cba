"""What is noted of deliveries under way, several in a transaction."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from lkmr_notify.domain.channel import Channel
from lkmr_notify.usecases.gather import Gathered
from lkmr_notify.usecases.ports import Delivery, Ending, Handing
from lkmr_notify.usecases.work import NewUnitOfWork, UnitOfWork
from lkmr_servicekit.clock import Clock


class Notes:
    """The two rows of each delivery: the point of no return before it, the end after it.

    Deliveries that come to one of these points together share a transaction; each goes on only when
    its own row is committed. Both raise ServiceError while the database is away.
    """

    def __init__(self, new_uow: NewUnitOfWork, clock: Clock) -> None:
        self._new_uow, self._clock = new_uow, clock
        self._note = Gathered[Handing | Ending, bool](self._write)

    async def hand_over(self, row: Handing) -> bool:
        """Note that the other side may have it from now on; False when it is not ours any more."""
        return await self._note(row)

    async def end(self, row: Ending) -> bool:
        """Store an end; what was given up is announced and another channel stands in.

        False when another instance had taken the delivery meanwhile.
        """
        return await self._note(row)

    async def _write(self, rows: Sequence[Handing | Ending]) -> list[bool]:
        handing = [one for one in rows if isinstance(one, Handing)]
        ending = [one for one in rows if isinstance(one, Ending)]
        now, mine = self._clock.now(), set[tuple[type, uuid.UUID]]()
        async with self._new_uow() as uow:
            if handing:
                found = await uow.deliveries.begin_handover(handing, now)
                mine |= {(Handing, one) for one in found}
            if ending:
                found = await uow.deliveries.finish(ending, now)
                mine |= {(Ending, one) for one in found}
            for one in ending:
                if one.step.given_up and one.delivery.id in found:
                    await uow.announce_failed(one.delivery, one.result.reason)
                    await fall_back(one.delivery, uow=uow, now=now)
            await uow.commit()
        return [(type(one), one.delivery.id) in mine for one in rows]


async def fall_back(failed: Delivery, *, uow: UnitOfWork, now: datetime) -> Channel | None:
    """Let the next channel that was not used for this message stand in for a failed one."""
    used = await uow.deliveries.used_channels(failed.message, failed.create_time)
    for channel in failed.fallback:
        if channel not in used:
            await uow.deliveries.stand_in(failed, channel, now)
            return channel
    return None
