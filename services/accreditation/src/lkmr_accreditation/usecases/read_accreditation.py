"""One accreditation of the worker with its history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lkmr_accreditation.domain.accreditation import Term
from lkmr_accreditation.domain.errors import AccreditationNotFound
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.usecases.list_accreditations import (
    Refresh,
    find_fresh,
    is_stale,
    shown_term,
    today_of,
)
from lkmr_accreditation.usecases.ports import (
    OldVersion,
    Reader,
    StoredEntry,
    StoredWorker,
    UnitOfWork,
)
from lkmr_servicekit.clock import Clock


@dataclass(frozen=True, slots=True)
class Detail:
    """An entry, its term, where it comes from and what it was before."""

    worker: StoredWorker
    item: StoredEntry
    term: Term
    stale: bool
    history: Sequence[OldVersion]


async def read_accreditation(
    worker: str,
    accreditation: str,
    *,
    reader: Reader,
    refresh: Refresh,
    new_uow: Callable[[], UnitOfWork],
    law: Law,
    clock: Clock,
) -> Detail:
    """One entry among the worker's own. Raises AccreditationNotFound, RegisterUnavailable."""
    stored = await find_fresh(worker, reader=reader, refresh=refresh, law=law, clock=clock)
    item = find_entry(stored, accreditation)
    async with new_uow() as uow:
        history = await uow.workers.history_of(worker, accreditation)
    now = clock.now()
    term = shown_term(stored, item, law, today_of(stored, now))
    return Detail(stored, item, term, is_stale(stored, law, now), history)


def find_entry(stored: StoredWorker, accreditation: str) -> StoredEntry:
    """The entry with this id. Raises AccreditationNotFound."""
    for entry in stored.entries:
        if entry.id == accreditation:
            return entry
    raise AccreditationNotFound
