"""What the register says about workers, for education."""

from collections.abc import Sequence
from dataclasses import dataclass

from lkmr_accreditation.domain.accreditation import Term, term_of
from lkmr_accreditation.domain.errors import TooManyWorkers
from lkmr_accreditation.domain.facts import Mentoring
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.usecases.list_accreditations import (
    Refresh,
    find_fresh,
    is_stale,
    today_of,
)
from lkmr_accreditation.usecases.ports import Mentorships, Reader, StoredWorker
from lkmr_servicekit.clock import MOSCOW, Clock, day_in

MANY = 250
"""Most workers of a call: a message of ours ends at 1 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A worker with the terms of the entries; `stale` when the register was heard too long ago."""

    worker: StoredWorker
    terms: Sequence[Term]
    mentoring: Sequence[Mentoring]
    stale: bool


async def read_record(
    worker: str,
    *,
    reader: Reader,
    mentorships: Mentorships,
    refresh: Refresh,
    law: Law,
    clock: Clock,
) -> Recorded:
    """One worker, asked for in the register when need be. Raises RegisterUnavailable."""
    stored = await find_fresh(worker, reader=reader, refresh=refresh, law=law, clock=clock)
    today = today_of(stored, clock.now())
    mentoring = await mentorships.mentoring_of(worker, today)
    return _recorded(stored, mentoring, law, clock)


async def read_records(
    workers: Sequence[str], *, reader: Reader, mentorships: Mentorships, law: Law, clock: Clock
) -> list[Recorded]:
    """Those who are stored and whom the register has confirmed lately. Raises TooManyWorkers."""
    if len(workers) > MANY:
        raise TooManyWorkers(limit=str(MANY))
    now = clock.now()
    found = [one for one in await reader.find_workers(workers) if not is_stale(one, law, now)]
    mentoring = await mentorships.mentoring_of_many([one.id for one in found], day_in(MOSCOW, now))
    return [_recorded(one, mentoring.get(one.id, ()), law, clock) for one in found]


def _recorded(
    stored: StoredWorker, mentoring: Sequence[Mentoring], law: Law, clock: Clock
) -> Recorded:
    now = clock.now()
    today = today_of(stored, now)
    return Recorded(
        worker=stored,
        terms=[term_of(item.entry, law, today) for item in stored.entries],
        mentoring=mentoring,
        stale=is_stale(stored, law, now),
    )
