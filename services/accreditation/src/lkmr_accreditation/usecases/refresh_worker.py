"""Bring one worker up to date with the register."""

from collections.abc import Callable
from typing import Any

from lkmr_accreditation.usecases.ports import Register, UnitOfWork
from lkmr_accreditation.usecases.qualifications import keep_qualifications
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Event


async def refresh_worker(
    worker: str,
    *,
    register: Register,
    new_uow: Callable[[], UnitOfWork],
    clock: Clock,
    consumer: str = "",
    event: Event[Any] | None = None,
    min_version: int = 0,
) -> None:
    """Read the present card and store it if newer; with `event` the work counts once.

    Order and repeats of events do not matter, since the card is read after the event.
    Raises WorkerUnknown, RegisterUnavailable.
    """
    card = await register.get_card(worker, background=event is not None, min_version=min_version)
    async with new_uow() as uow:
        if event is not None and not await uow.inbox.first_time(consumer, event):
            return
        now = clock.now()
        await store_card(card, now=now, uow=uow)
        if await keep_qualifications(card, now=now, uow=uow):
            await uow.compliance.add_due([worker])
        await uow.commit()
