"""Take a whole catalogue in batches; what it no longer names is removed at the end."""

from collections.abc import AsyncIterator, Sequence

from lkmr_education.domain.catalogue import Programme
from lkmr_education.usecases.ports import NewUnitOfWork


async def load_catalogue(
    batches: AsyncIterator[Sequence[Programme]], *, generation: int, new_uow: NewUnitOfWork
) -> int:
    """How many programmes were stored.

    Each batch is a transaction: a load that broke off is begun again with a greater `generation`,
    and searching goes on meanwhile.
    """
    stored = 0
    async for batch in batches:
        async with new_uow() as uow:
            await uow.catalogue.store(batch, generation=generation)
            await uow.commit()
        stored += len(batch)
    async with new_uow() as uow:
        await uow.catalogue.drop_older(generation)
        await uow.commit()
    return stored
