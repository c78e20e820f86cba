"""Ask for the hours of staff that nobody asked for yet, once their board is opened."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from lkmr_accreditation.domain.facts import held_specialties
from lkmr_accreditation.domain.hours import Statement
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_accreditation.usecases.ports import Reader, UnitOfWork
from lkmr_accreditation.usecases.read_compliance import Hours, cycle_of
from lkmr_accreditation.usecases.recompute import Loaded, facts_of
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.telemetry import log

PORTION, AT_ONCE = 100, 8


class WithoutHours(Protocol):
    """Who of an organisation has no hours kept."""

    async def without_hours(self, organization_oid: str, limit: int) -> Sequence[str]: ...


class HoursFiller:
    """Fills one organisation at a time, portion by portion, in the background.

    `hold` lets one instance work on an organisation. What a crash leaves is filled when the board
    is opened again; afterwards events of education keep the hours true.
    """

    def __init__(
        self,
        *,
        reader: Reader,
        staff: WithoutHours,
        hours: Hours,
        new_uow: Callable[[], UnitOfWork],
        book: LawBook,
        clock: Clock,
        hold: Callable[[str], AbstractAsyncContextManager[None]],
    ) -> None:
        self._reader, self._staff, self._hours = reader, staff, hours
        self._new_uow, self._book, self._clock, self._hold = new_uow, book, clock, hold
        self._asked: asyncio.Queue[str] = asyncio.Queue(1000)
        self._waiting: set[str] = set()

    def ask(self, organization_oid: str) -> None:
        """Have an organisation filled soon; a second wish meanwhile changes nothing."""
        if organization_oid not in self._waiting and not self._asked.full():
            self._waiting.add(organization_oid)
            self._asked.put_nowait(organization_oid)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            oid = await self._asked.get()
            try:
                async with self._hold(f"hours:{oid}"):
                    while await self.fill(oid):
                        pass
            except ServiceError as fault:
                log.warning("hours.fill_interrupted", reason=fault.reason)
                await asyncio.sleep(1)
            finally:
                self._waiting.discard(oid)

    async def fill(self, organization_oid: str) -> int:
        """Fill the next portion. Returns how many workers got hours."""
        asked = self._clock.now()
        workers = await self._staff.without_hours(organization_oid, PORTION)
        gate = asyncio.Semaphore(AT_ONCE)
        found = await asyncio.gather(*(self._statements(one, gate) for one in workers))
        made = {worker: given for worker, given in zip(workers, found, strict=True) if given}
        if made:
            async with self._new_uow() as uow:
                for worker, statements in sorted(made.items()):
                    await uow.compliance.keep_hours(worker, statements, asked)
                await uow.compliance.add_due(sorted(made))
                await uow.commit()
        return len(made)

    async def _statements(self, worker: str, gate: asyncio.Semaphore) -> list[Statement]:
        async with gate:
            try:
                return await statements_of(
                    worker,
                    reader=self._reader,
                    hours=self._hours,
                    book=self._book,
                    clock=self._clock,
                )
            except ServiceError as fault:
                if fault.category in {Category.UNAVAILABLE, Category.TIMED_OUT}:
                    raise
                return []  # education refuses this one worker: the others go on


async def statements_of(
    worker: str, *, reader: Reader, hours: Hours, book: LawBook, clock: Clock
) -> list[Statement]:
    """Hours towards the next accreditation in each held specialty. Raises ServiceError."""
    stored = await reader.find_worker(worker)
    if stored is None:
        return []
    loaded = Loaded(
        id=worker,
        jobs=stored.jobs,
        register_version=stored.register_version,
        fetch_time=stored.fetch_time,
        entries=stored.entries,
        gaps=None,
        identity=None,
    )
    facts = facts_of(loaded, book.registry, clock.now(), {})
    made = []
    for specialty in held_specialties(facts, book.registry.posts):
        start, end = cycle_of(specialty, facts, book.registry)
        made.append(await hours.statement(worker, specialty, start, end, ()))
    return made
