"""Announce what changed in the worker register since the last look."""

from collections.abc import Callable

from lkmr_egisz_bridge.domain.errors import CursorInvalid
from lkmr_egisz_bridge.usecases.ports import C, ChangePage, FeedStore, WorkerRegister
from lkmr_servicekit.telemetry import continue_trace, log


async def follow_changes(*, workers: WorkerRegister[C], new_store: Callable[[], FeedStore]) -> int:
    """Read changes up to the present end; place and announcements move in one transaction.

    At the very first look the place is the present end: cards that were there before are loaded
    through the stream. So it is when the register no longer knows the place, as after it was
    restored from a copy. Returns the number of announced cards. Raises RegisterUnavailable.
    """
    async with new_store() as store:
        place = await store.cursor()
    announced = 0
    while place is not None:
        try:
            page = await workers.changes(place)
        except CursorInvalid:
            log.error("register_feed.place_lost")
            break
        if page.cursor == place or not await _keep(place, page, new_store):
            return announced
        announced += len(page.changes)
        if not page.more:
            return announced
        place = page.cursor
    end = await workers.end()
    async with new_store() as store:
        await store.advance(place, end)
        await store.commit()
    return announced


async def _keep(place: str, page: ChangePage, new_store: Callable[[], FeedStore]) -> bool:
    newest = {change.worker: change for change in sorted(page.changes, key=lambda c: c.version)}
    with continue_trace("register feed", None, kind="INTERNAL"):  # all that follows is its trace
        async with new_store() as store:
            if not await store.advance(place, page.cursor):
                return False
            await store.announce(list(newest.values()))
            await store.commit()
    return True
