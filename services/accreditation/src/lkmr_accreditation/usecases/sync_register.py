"""Load the whole register, portion by portion, and go on where the last portion ended."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from lkmr_accreditation.domain.errors import CursorUnknown
from lkmr_accreditation.domain.worker import Card
from lkmr_accreditation.usecases.ports import (
    CardBatch,
    Register,
    StoredMeanwhileError,
    SyncState,
    UnitOfWork,
)
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import Clock

PORTION = 1000


async def sync_register(
    *, register: Register, new_uow: Callable[[], UnitOfWork], clock: Clock
) -> SyncState:
    """Take all that is new since the stored cursor; returns the state at the end.

    The cursor moves in the transaction of its portion, so a crash repeats at most one portion.
    Raises RegisterUnavailable.
    """
    async with new_uow() as uow:
        state = await uow.sync.get()
    try:
        async for batch in _portions(register.stream(state.cursor), state.cursor):
            state = await _store(batch, state, new_uow=new_uow, clock=clock)
    except CursorUnknown:
        # Another register, or one that was emptied: its cards are compared from the first one on.
        async with new_uow() as uow:
            state = replace(state, cursor="", loaded=0)
            await uow.sync.save(state)
            await uow.commit()
        return state
    return await _heard(state, new_uow=new_uow, clock=clock)


async def _heard(state: SyncState, *, new_uow: Callable[[], UnitOfWork], clock: Clock) -> SyncState:
    """Note that the register was heard to its end: what is stored is as old as this moment."""
    now = clock.now()
    heard = replace(state, heard_time=now, update_time=state.update_time or now)
    async with new_uow() as uow:
        await uow.sync.save(heard)
        await uow.commit()
    return heard


async def _portions(batches: AsyncIterator[CardBatch], cursor: str) -> AsyncIterator[CardBatch]:
    """Batches joined up to `PORTION` cards or to the next cursor: fewer synced commits."""
    cards: list[Card] = []
    total = 0
    async for batch in batches:
        cards += batch.cards
        total = batch.total
        if batch.cursor != cursor or len(cards) >= PORTION:
            cursor = batch.cursor
            yield CardBatch(cards, cursor, total)
            cards = []
    if cards:
        yield CardBatch(cards, cursor, total)


async def _store(
    batch: CardBatch, state: SyncState, *, new_uow: Callable[[], UnitOfWork], clock: Clock
) -> SyncState:
    while True:
        try:
            return await _store_once(batch, state, new_uow=new_uow, clock=clock)
        except StoredMeanwhileError:
            continue  # by somebody who came in: known by now


async def _store_once(
    batch: CardBatch, state: SyncState, *, new_uow: Callable[[], UnitOfWork], clock: Clock
) -> SyncState:
    now = clock.now()
    async with new_uow() as uow:
        known = await uow.workers.known_versions([card.worker for card in batch.cards])
        fresh = [card for card in batch.cards if card.worker not in known]
        await uow.workers.store_many_first(fresh, now=now)
        await uow.compliance.add_due([card.worker for card in fresh])
        for card in batch.cards:
            if card.worker in known and card.version > known[card.worker]:
                await store_card(card, now=now, uow=uow)
        moved = replace(
            state,
            cursor=batch.cursor,
            loaded=min(state.loaded + len(batch.cards), batch.total),
            total=batch.total,
            update_time=now,
        )
        await uow.sync.save(moved)
        await uow.commit()
    return moved
