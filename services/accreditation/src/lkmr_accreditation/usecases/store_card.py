"""Store what the register says about one worker."""

from datetime import datetime

from lkmr_accreditation.domain.worker import Card
from lkmr_accreditation.usecases.ports import UnitOfWork


async def store_card(card: Card, *, now: datetime, uow: UnitOfWork) -> None:
    """Store a card inside an open unit of work; a stored or newer version is left alone.

    The first card of a worker is the state in which the cabinet met them and is not announced;
    each later difference is. Whoever changed is judged anew by the background work at once.
    """
    known = await uow.workers.version_of(card.worker)
    if known is None and not await uow.workers.store_first(card, now=now):
        known = await uow.workers.version_of(card.worker)  # another was first: compared with theirs
    if known is None:
        await uow.compliance.add_due([card.worker])
    elif card.version > known:
        changes = await uow.workers.store_next(card, now=now)
        await uow.announce.entries_changed(changes)
        await uow.compliance.add_due([card.worker])
    else:
        await uow.workers.touch(card.worker, card.fetch_time)
