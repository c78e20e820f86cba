"""A worker with all studies and a fresh record of jobs and admissions."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from lkmr_education.domain.errors import RegisterUnavailable, WorkerNotFound
from lkmr_education.usecases.ports import Directory, NewUnitOfWork, Reader, Worker
from lkmr_servicekit.clock import MOSCOW, Clock, day_in

FRESH = timedelta(minutes=10)
SOON = timedelta(minutes=1)
"""How long a record of which the register is silent is used before it is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A worker today; `stale` when nobody answered or the register was heard too long ago."""

    worker: Worker
    today: date
    stale: bool


def today_at(now: datetime) -> date:
    """The calendar day that terms are counted by."""
    return day_in(MOSCOW, now)


async def present_worker(
    worker: str,
    *,
    reader: Reader,
    directory: Directory,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> Present:
    """Read a worker; an unknown or old record is asked for anew and stored.

    Raises RegisterUnavailable when nothing is stored and `accreditation` does not answer.
    """
    now = clock.now()
    today = today_at(now)
    stored = await reader.find_worker(worker)
    if stored is not None and _is_fresh(stored, now):
        return _present(stored, today)
    try:
        record = await directory.find(worker)
    except (RegisterUnavailable, WorkerNotFound) as fault:
        if stored is None or stored.record is None:
            raise RegisterUnavailable from fault
        return Present(worker=stored, today=today, stale=True)
    async with new_uow() as uow:
        await uow.workers.store(record)
        await uow.commit()
    known = stored or Worker(id=worker, record=record)
    return _present(replace(known, record=record), today)


def _present(worker: Worker, today: date) -> Present:
    return Present(
        worker=worker, today=today, stale=worker.record is not None and worker.record.stale
    )


def _is_fresh(worker: Worker, now: datetime) -> bool:
    record = worker.record
    return record is not None and now - record.fetch_time < (SOON if record.stale else FRESH)
