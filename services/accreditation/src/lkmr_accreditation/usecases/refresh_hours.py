"""Keep what counts of a worker's hours, so that boards and reports need not ask each time."""

from collections.abc import Callable
from typing import Any

from lkmr_accreditation.usecases.fill_hours import statements_of
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_accreditation.usecases.ports import Reader, UnitOfWork
from lkmr_accreditation.usecases.read_compliance import Hours
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Event


async def refresh_hours(
    worker: str,
    *,
    reader: Reader,
    hours: Hours,
    new_uow: Callable[[], UnitOfWork],
    book: LawBook,
    clock: Clock,
    consumer: str,
    event: Event[Any],
) -> None:
    """Ask for the hours of each held specialty and have the worker judged anew.

    A repeat of the event does nothing. Raises ServiceError while the hours cannot be had.
    """
    asked = clock.now()
    statements = await statements_of(worker, reader=reader, hours=hours, book=book, clock=clock)
    async with new_uow() as uow:
        if not await uow.inbox.first_time(consumer, event):
            return
        if statements and await uow.compliance.keep_hours(worker, statements, asked):
            await uow.compliance.add_due([worker])
        await uow.commit()
