"""A letter that the relay had taken came back."""

import uuid
from datetime import datetime

from lkmr_notify.usecases.notes import fall_back
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import Clock


async def note_bounce(
    delivery: uuid.UUID, made: datetime, reason: str, *, new_uow: NewUnitOfWork, clock: Clock
) -> bool:
    """Turn a delivery into a failed one and let another channel stand in; False when unknown.

    A report that comes twice changes nothing the second time. Raises ServiceError.
    """
    now = clock.now()
    async with new_uow() as uow:
        failed = await uow.deliveries.bounced(delivery, made, reason, now)
        if failed is None:
            return False
        await uow.announce_failed(failed, reason)
        await fall_back(failed, uow=uow, now=now)
        await uow.commit()
    return True
