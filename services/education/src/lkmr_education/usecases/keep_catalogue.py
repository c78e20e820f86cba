"""Keep the catalogue at the portal's edition, loaded beside everything else."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from lkmr_education.domain.catalogue import Programme
from lkmr_education.usecases.load_catalogue import load_catalogue
from lkmr_education.usecases.outside import CATALOGUE, Place, Portal
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import monotonic


async def keep_catalogue(*, portal: Portal, new_uow: NewUnitOfWork) -> int:
    """Load the catalogue when its edition is new; how many programmes were stored.

    A load that broke off is begun again under a greater generation. Between two portions it rests
    as long as the last one took, so that people come first. Raises PortalUnavailable.
    """
    async with new_uow() as uow:
        known = await uow.feeds.place(CATALOGUE)
    edition = known.text
    generation = known.generation + 1

    async def portions() -> AsyncIterator[Sequence[Programme]]:
        nonlocal edition
        async for programmes, name in portal.programmes(known.text):
            edition, begun = name, monotonic()
            yield programmes
            await asyncio.sleep(monotonic() - begun)

    first = portions()
    try:
        head = await anext(first)
    except StopAsyncIteration:
        return 0
    stored = await load_catalogue(_with(head, first), generation=generation, new_uow=new_uow)
    async with new_uow() as uow:
        await uow.feeds.move(CATALOGUE, known, Place(edition, generation))
        await uow.commit()
    return stored


async def _with(
    head: Sequence[Programme], rest: AsyncIterator[Sequence[Programme]]
) -> AsyncIterator[Sequence[Programme]]:
    yield head
    async for one in rest:
        yield one
