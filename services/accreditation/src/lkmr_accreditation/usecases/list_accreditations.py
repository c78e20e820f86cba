"""The worker's own accreditations: filtered, sorted, in pages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lkmr_accreditation.domain.accreditation import State, Term, term_of
from lkmr_accreditation.domain.errors import FilterInvalid, RegisterUnavailable, WorkerUnknown
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.zones import zone_of
from lkmr_accreditation.usecases.ports import Reader, StoredEntry, StoredWorker
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of

Refresh = Callable[[str], Awaitable[None]]
ORDERS = ("-record_date", "record_date", "-expire_date", "expire_date")
_STATES = frozenset(state.value for state in State)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the caller asked for; empty values mean "all" and the usual order."""

    states: frozenset[str] = frozenset()
    specialty: str = ""
    order_by: str = ""
    page_size: int = 0
    page_token: str = ""

    def check(self) -> None:
        """Raises FilterInvalid for a state or an order that does not exist."""
        if unknown := self.states - _STATES:
            raise FilterInvalid(field="state", value=min(unknown)[:40])
        if self.order_by and self.order_by not in ORDERS:
            raise FilterInvalid(field="order_by", value=self.order_by[:40])


@dataclass(frozen=True, slots=True)
class Page:
    """One page of entries with their terms, and what is known about the source."""

    worker: StoredWorker
    items: Sequence[tuple[StoredEntry, Term]]
    next_page_token: str
    stale: bool


def today_of(worker: StoredWorker, now: datetime) -> date:
    """The present day where the worker works: the zone of the first job that lasts."""
    day = day_in(MOSCOW, now)
    for job in worker.jobs:
        if job.current(day):
            return day_in(zone_of(job.organization_oid), now)
    return day


def is_stale(worker: StoredWorker, law: Law, now: datetime) -> bool:
    """Whether the register was last heard too long ago (accr.sync.stale_hours)."""
    hours = law.number("accr.sync.stale_hours", day_in(MOSCOW, now))
    return now - worker.fetch_time > timedelta(hours=hours)


def shown_term(worker: StoredWorker, item: StoredEntry, law: Law, today: date) -> Term:
    """The term as its owner sees it: one that an application renews is IN_RENEWAL."""
    open_ = item.entry.specialty.lower() in worker.renewals
    return term_of(item.entry, law, today, renewal_open=open_)


def page_of(worker: StoredWorker, query: Query, *, law: Law, now: datetime) -> Page:
    """Choose, sort and cut the entries of a worker. Raises FilterInvalid, PAGE_TOKEN_INVALID."""
    query.check()
    today = today_of(worker, now)
    rows = [(entry, shown_term(worker, entry, law, today)) for entry in worker.entries]
    if query.states:
        rows = [row for row in rows if row[1].state.value in query.states]
    if query.specialty:
        wanted = query.specialty.casefold()
        rows = [row for row in rows if row[0].entry.specialty.casefold() == wanted]
    order = query.order_by or ORDERS[0]
    by_record = order.endswith("record_date")

    def key(row: tuple[StoredEntry, Term]) -> tuple[int, str]:
        day = row[0].entry.record_date if by_record else row[1].effective
        return (day.toordinal() if day else 0, row[0].id)

    rows.sort(key=key, reverse=order.startswith("-"))
    position = position_of(query.page_token, int, str)
    if position:
        after = (int(position[0]), str(position[1]))
        rows = [
            row for row in rows if (key(row) < after if order.startswith("-") else key(row) > after)
        ]
    size = page_size_of(query.page_size)
    token = page_token_of(*key(rows[size - 1])) if len(rows) > size else ""
    return Page(worker, rows[:size], token, is_stale(worker, law, now))


async def list_accreditations(
    worker: str, query: Query, *, reader: Reader, refresh: Refresh, law: Law, clock: Clock
) -> Page:
    """A page of the worker's own entries, read from the register first when nothing is stored.

    Raises FilterInvalid, RegisterUnavailable, and ServiceError PAGE_TOKEN_INVALID.
    """
    stored = await find_fresh(worker, reader=reader, refresh=refresh, law=law, clock=clock)
    return page_of(stored, query, law=law, now=clock.now())


async def find_fresh(
    worker: str, *, reader: Reader, refresh: Refresh, law: Law, clock: Clock
) -> StoredWorker:
    """The stored worker; unknown and stale ones are read from the register first.

    A register that does not answer leaves stale data as they are, marked so.
    Raises RegisterUnavailable when nothing is stored.
    """
    stored = await reader.find_worker(worker)
    if stored is not None and not is_stale(stored, law, clock.now()):
        return stored
    try:
        await refresh(worker)
    except ServiceError as fault:
        if stored is not None:
            return stored
        if isinstance(fault, WorkerUnknown):
            return _without_card(worker, clock.now())
        raise RegisterUnavailable from fault
    fresh = await reader.find_worker(worker)
    if fresh is None:
        raise RegisterUnavailable
    return fresh


def _without_card(worker: str, now: datetime) -> StoredWorker:
    return StoredWorker(id=worker, jobs=(), register_version=0, fetch_time=now, entries=())
