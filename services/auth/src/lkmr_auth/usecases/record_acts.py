"""Acts that other programs report enter the journal once, however often they are told."""

from collections.abc import Sequence

from lkmr_auth.domain.journal import Reported
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock


async def record_acts(acts: Sequence[Reported], *, new_uow: NewUnitOfWork, clock: Clock) -> None:
    """Note the ids and the acts in one transaction; an id that came before is skipped."""
    async with new_uow() as uow:
        await uow.journal.record(acts, clock.now())
        await uow.commit()
