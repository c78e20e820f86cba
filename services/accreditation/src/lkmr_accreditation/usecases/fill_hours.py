"""Ask for the hours of staff that nobody asked for yet, once their board is opened."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
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


Statements = Mapping[str, Sequence[Statement]]
OfMany = Callable[[Sequence[str]], Awaitable[Statements]]


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
        staff: WithoutHours,
        of_many: OfMany,
        new_uow: Callable[[], UnitOfWork],
        clock: Clock,
        hold: Callable[[str], AbstractAsyncContextManager[None]],
    ) -> None:
        """`of_many` asks education (`statements_of_many`)."""
        self._staff, self._of_many = staff, of_many
        self._new_uow, self._clock, self._hold = new_uow, clock, hold
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
        made = await self._of_many(workers)
        if made:
            async with self._new_uow() as uow:
                await keep_all(made, asked, uow=uow)
                await uow.commit()
        return len(made)


async def keep_all(made: Statements, asked: datetime, *, uow: UnitOfWork) -> None:
    """Keep hours of workers inside an open unit of work and have the workers judged anew."""
    for worker, statements in sorted(made.items()):
        await uow.compliance.keep_hours(worker, statements, asked)
    await uow.compliance.add_due(sorted(made))


async def statements_of_many(
    workers: Sequence[str], *, reader: Reader, hours: Hours, book: LawBook, clock: Clock
) -> Statements:
    """Statements of those who have any, by worker.

    Raises ServiceError when education is away; whom it refuses is left out.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def of_one(worker: str) -> list[Statement]:
        async with gate:
            try:
                return await statements_of(
                    worker, reader=reader, hours=hours, book=book, clock=clock
                )
            except ServiceError as fault:
                if fault.category in {Category.UNAVAILABLE, Category.TIMED_OUT}:
                    raise
                return []

    found = await asyncio.gather(*map(of_one, workers))
    return {worker: given for worker, given in zip(workers, found, strict=True) if given}


async def statements_of(
    worker: str, *, reader: Reader, hours: Hours, book: LawBook, clock: Clock
) -> list[Statement]:
    """Hours towards the next accreditation in each held specialty. Raises ServiceError."""
    stored = await reader.find_worker(worker)
    if stored is None:
        return []
    loaded = Loaded.without_history(worker, stored)
    facts = facts_of(loaded, book.registry, clock.now(), {})
    made = []
    for specialty in held_specialties(facts, book.registry.posts):
        start, end = cycle_of(specialty, facts, book.registry)
        made.append(await hours.statement(worker, specialty, start, end, ()))
    return made
