"""A worker with all studies and a fresh record of jobs and admissions."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from lkmr_education.domain.errors import RegisterUnavailable, WorkerNotFound
from lkmr_education.usecases.ports import Directory, NewUnitOfWork, Reader, Worker
from lkmr_servicekit.clock import MOSCOW, Clock, day_in

FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A worker today; `stale` when the register did not answer and the stored record is shown."""

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
        return Present(worker=stored, today=today, stale=False)
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
    return Present(worker=replace(known, record=record), today=today, stale=False)


def _is_fresh(worker: Worker, now: datetime) -> bool:
    return worker.record is not None and now - worker.record.fetch_time < FRESH
