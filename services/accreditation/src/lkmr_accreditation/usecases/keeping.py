"""The background works that keep verdicts, terms and the law true, each until it is cancelled."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from typing import Any

from lkmr_accreditation.usecases.keep_compliance import judge_due, judge_turned, judge_under_law
from lkmr_accreditation.usecases.law_book import LawBook, announce_law
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.background import repeated
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import log

Hold = Callable[[str], AbstractAsyncContextManager[None]]
DUE_SECONDS, LAW_SECONDS, DAY_SECONDS, FAULT_SECONDS = 0.3, 5.0, 30.0, 2.0
LOAD_PAUSE = timedelta(seconds=10)


class Keeping:
    """What runs beside the service. `hold` gives one instance the right to a piece of work."""

    def __init__(
        self, *, new_uow: Callable[[], UnitOfWork], book: LawBook, clock: Clock, hold: Hold
    ) -> None:
        self._new_uow, self._book, self._clock, self._hold = new_uow, book, clock, hold

    def works(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Each work by its name."""
        again = partial(repeated, fault_seconds=FAULT_SECONDS)
        return {
            "compliance-due": again("compliance-due", self._due, seconds=DUE_SECONDS),
            "compliance-turns": again("compliance-turns", self._turns, seconds=DAY_SECONDS),
            "compliance-law": again("compliance-law", self._under_law, seconds=LAW_SECONDS),
            "law-book": again("law-book", self._law, seconds=LAW_SECONDS),
        }

    async def _due(self) -> None:
        """Those whose data changed; instances share them. A load of the register goes first."""
        while not await self.loading():
            if not await judge_due(new_uow=self._new_uow, book=self._book, clock=self._clock):
                return

    async def loading(self) -> bool:
        """Whether a load of the register is under way: judging beside it would slow it down."""
        async with self._new_uow() as uow:
            state = await uow.sync.get()
        if state.update_time is None or state.loaded >= state.total:
            return False
        return self._clock.now() - state.update_time < LOAD_PAUSE

    async def _turns(self) -> None:
        """Those for whom a day has come."""
        while await judge_turned(new_uow=self._new_uow, book=self._book, clock=self._clock):
            pass

    async def _under_law(self) -> None:
        """All, when another law is in force than they were judged under."""
        async with self._hold("compliance-law"):
            while await judge_under_law(new_uow=self._new_uow, book=self._book, clock=self._clock):
                pass

    async def _law(self) -> None:
        """Entries that operators added, and what is to be made known today.

        While an entry cannot be read, the old law holds.
        """
        if await self._book.reload(self._new_uow):
            log.info("law.reloaded", norms=len(self._book.law.norms))
        await announce_law(new_uow=self._new_uow, book=self._book, clock=self._clock)
