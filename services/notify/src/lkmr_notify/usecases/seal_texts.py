"""Seal the texts of messages that were stored before there was a seal."""

from lkmr_notify.usecases.work import NewUnitOfWork

PORTION = 500


async def seal_texts(new_uow: NewUnitOfWork) -> int:
    """One portion, how many there were. Raises ServiceError while the database is away."""
    async with new_uow() as uow:
        sealed = await uow.messages.seal_bare(PORTION)
        await uow.commit()
    return sealed
