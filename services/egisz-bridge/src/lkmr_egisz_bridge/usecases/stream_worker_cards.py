"""Give all cards of the worker register in portions."""

from collections.abc import AsyncIterator

from lkmr_egisz_bridge.usecases.ports import C, CardPage, WorkerRegister


async def stream_worker_cards(
    cursor: str, *, workers: WorkerRegister[C], portion: int
) -> AsyncIterator[CardPage[C]]:
    """Portions of at most `portion` cards; a portion inside a page repeats the cursor before it.

    So whoever stops there reads the page again, and loses nothing.
    Raises RegisterUnavailable, CursorInvalid.
    """
    before = cursor
    async for page in workers.pages(cursor):
        cuts = range(0, max(len(page.cards), 1), portion)
        for start in cuts:
            last = start + portion >= len(page.cards)
            part = page.cards[start : start + portion]
            yield CardPage(part, page.cursor if last else before, page.total)
        before = page.cursor
