"""Follow what a worker decided on asking registers about the own documents."""

from datetime import datetime

from lkmr_education.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import Clock


async def keep_consent(
    worker: str, *, given: bool, time: datetime, uow: UnitOfWork, clock: Clock
) -> None:
    """Inside an open unit of work; of two decisions the later one holds, whichever comes first.

    A refusal ends the questions at once; a consent begins them anew where a destruction ended them.
    Source: 152-ФЗ, ст. 9 ч. 2, ст. 21 ч. 5.
    """
    if not await uow.consents.decide(worker, given=given, time=time):
        return
    if given:
        await uow.consents.ask_anew(worker, clock.now())
    await uow.activities.announce_credit(worker, "")
