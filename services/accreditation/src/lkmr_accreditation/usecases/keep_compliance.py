"""Keep verdicts true: after changes, on the days on which they turn, and under a new law."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from lkmr_accreditation.domain.events import LawTurned, WorkerFact
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_accreditation.usecases.ports import RecomputeState, UnitOfWork
from lkmr_accreditation.usecases.recompute import judged
from lkmr_servicekit.clock import MOSCOW, Clock, day_in

PORTION = 500
_START = str(UUID(int=0))
NewUow = Callable[[], UnitOfWork]


async def judge_workers(
    workers: Sequence[str], *, uow: UnitOfWork, book: LawBook, clock: Clock
) -> int:
    """Judge workers anew inside an open unit of work and announce what changed."""
    now = clock.now()
    made = [judged(one, book.registry, now) for one in await uow.compliance.load(workers)]
    law = book.registry.law.digest(day_in(MOSCOW, now))
    await uow.compliance.keep(made, law=law, now=now)
    facts: list[WorkerFact] = [fact for one in made for fact in one.facts]
    if facts:
        await uow.announce.facts(facts)
    return len(made)


async def judge_due(*, new_uow: NewUow, book: LawBook, clock: Clock, limit: int = PORTION) -> int:
    """Judge a portion of those whose data changed. Returns how many there were."""
    async with new_uow() as uow:
        due = await uow.compliance.take_due(limit)
        if due:
            await judge_workers(due, uow=uow, book=book, clock=clock)
            await uow.compliance.drop_due(due)
            await uow.commit()
    return len(due)


async def judge_turned(
    *, new_uow: NewUow, book: LawBook, clock: Clock, limit: int = PORTION
) -> int:
    """Judge a portion of those for whom a day has come: a window, an end, a law of its day."""
    async with new_uow() as uow:
        turned = await uow.compliance.turned(day_in(MOSCOW, clock.now()), limit)
        if turned:
            await judge_workers(turned, uow=uow, book=book, clock=clock)
            await uow.commit()
    return len(turned)


async def judge_under_law(
    *, new_uow: NewUow, book: LawBook, clock: Clock, limit: int = PORTION
) -> bool:
    """Judge the next portion of all workers under the law in force; False when all are judged.

    The place moves in the transaction of its portion: a crash repeats at most one portion, another
    instance goes on where the first one stopped, and memory does not grow with the workers.
    """
    now = clock.now()
    law = book.registry.law.digest(day_in(MOSCOW, now))
    async with new_uow() as uow:
        state = await uow.compliance.state()
        if state is None or state.law != law:
            if state is not None:
                await uow.announce.facts([LawTurned(law)])
            state = RecomputeState(law, _START, 0, now, None)
        elif state.finish_time is not None:
            return False
        workers = await uow.compliance.workers_after(state.cursor or _START, limit)
        if workers:
            await judge_workers(workers, uow=uow, book=book, clock=clock)
            state = replace(state, cursor=workers[-1], done=state.done + len(workers))
        else:
            state = replace(state, finish_time=now)
        await uow.compliance.save_state(state)
        await uow.commit()
    return bool(workers)
