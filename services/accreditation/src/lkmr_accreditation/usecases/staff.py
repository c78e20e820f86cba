"""The board of staff, the report about compliance, and the list of staff for other services."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from lkmr_access.matrix import allowed
from lkmr_accreditation.domain.errors import (
    FilterInvalid,
    OrganizationRequired,
    StaffMemberNotFound,
)
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.zones import region_of, zone_of
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of

ADMISSIONS = frozenset({"CAN_WORK", "EXPIRING", "CANNOT_WORK", "NOT_CHECKED", "BEHIND"})
SMALL_GROUP = 5
SECTION = "staff_board"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose staff a caller may see: a department, an organisation, or totals of a region.

    `kind` is the letter of the matrix: d, g or a; `region` is set for those who see totals of all
    organisations of a region.
    """

    kind: str
    organization_oid: str
    department: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFilter:
    """What part of the staff is asked for; empty values mean all.

    `workers` are those whom a surname fits, once they were looked up; nobody asks for them.
    """

    family_name: str = ""
    department: str = ""
    specialty: str = ""
    admission: str = ""
    workers: tuple[str, ...] | None = None

    def check(self) -> None:
        """Raises FilterInvalid for an admission that does not exist."""
        if self.admission and self.admission not in ADMISSIONS:
            raise FilterInvalid(field="admission", value=self.admission[:40])


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """The name of a member of staff, opened for those who may see it."""

    family_name: str
    given_name: str
    patronymic: str

    @property
    def short(self) -> str:
        """«Иванова А. С.»."""
        initials = [f"{part[0]}." for part in (self.given_name, self.patronymic) if part]
        return " ".join((self.family_name, *initials))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A member of staff as the board shows them."""

    worker: str
    name: PersonName
    organization_oid: str
    organization_name: str
    jobs: Sequence[Mapping[str, str]]
    specialties: Sequence[str]
    group: str
    checked: bool
    valid_until: date | None
    extended: bool
    sort_date: date
    hours: int | None
    hours_missing: int | None
    hours_waiting: int | None
    behind: bool
    verdict: str
    failed: Sequence[str]
    hindrance: str
    todo: str
    actor: str
    deadline: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many of some staff may work; EXPIRING are those whose last day is within 90 days."""

    total: int = 0
    can_work: int = 0
    expiring: int = 0
    cannot_work: int = 0
    not_checked: int = 0
    behind: int = 0
    extended: int = 0
    window: int = 0


@dataclass(frozen=True, slots=True)
class CountedGroup:
    """Totals of a part of the staff; its name is an organisation, a specialty or a group."""

    name: str
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A page of the board. Those who see totals only get groups and no rows."""

    scope: Scope
    today: date
    organization_name: str
    counts: Counts
    rows: Sequence[BoardRow] = ()
    groups: Sequence[CountedGroup] = ()
    departments: Sequence[str] = ()
    specialties: Sequence[str] = ()
    next_page_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A worker in one organisation, for other services."""

    worker: str
    organization_oid: str
    organization_name: str
    name: PersonName
    jobs: Sequence[Mapping[str, str]]


class StaffReader(Protocol):
    """Reads of the staff outside a transaction."""

    async def narrowed(self, scope: Scope, asked: StaffFilter) -> StaffFilter:
        """The same with the workers whom the surname fits, so that several reads share them."""
        ...

    async def counts(self, scope: Scope, asked: StaffFilter, today: date) -> Counts: ...

    async def rows(
        self,
        scope: Scope,
        asked: StaffFilter,
        today: date,
        after: tuple[date, str] | None,
        limit: int,
    ) -> Sequence[BoardRow]:
        """Members in the order of the board, those after a place."""
        ...

    async def groups(self, scope: Scope, by: str, today: date) -> Sequence[CountedGroup]:
        """Totals by `organization`, `specialty` or `staff_group`."""
        ...

    async def choices(self, scope: Scope) -> tuple[str, Sequence[str], Sequence[str]]:
        """Name of the organisation, its departments and its specialties."""
        ...

    async def expired_documents(
        self, scope: Scope, visibilities: Sequence[str], today: date
    ) -> Mapping[str, int]:
        """How many documents of these visibilities are over by a day, by kind."""
        ...

    async def find(self, scope: Scope, worker: str) -> BoardRow | None: ...

    async def register_heard(self) -> datetime | None:
        """When the worker register was last heard to its end."""
        ...

    async def members(
        self, scope: Scope, workers: Sequence[str], after: str, limit: int
    ) -> Sequence[Member]: ...


def scope_of(caller: Caller) -> Scope:
    """What the matrix gives a caller. Raises OrganizationRequired without an active profile."""
    kind = allowed(caller.held_roles, SECTION, "R")
    oid = caller.organization_oid
    if not oid or kind not in {"d", "g", "a"} or (kind == "d" and not caller.department):
        raise OrganizationRequired
    if kind == "a" and "REGULATOR" in caller.held_roles:
        return Scope(kind=kind, organization_oid="", region=region_of(oid))
    return Scope(
        kind=kind, organization_oid=oid, department=caller.department if kind == "d" else ""
    )


@dataclass(frozen=True, slots=True)
class Source:
    """As of when the register is known; None when it was never heard to its end."""

    heard: datetime | None
    stale: bool


async def source_of(reader: StaffReader, law: Law, clock: Clock) -> Source:
    """How fresh a document about the staff is. Source of the bound: accr.sync.stale_hours."""
    heard, now = await reader.register_heard(), clock.now()
    hours = law.number("accr.sync.stale_hours", day_in(MOSCOW, now))
    return Source(heard, stale=heard is None or now - heard > timedelta(hours=hours))


def today_in(scope: Scope, clock: Clock) -> date:
    """The present day of an organisation."""
    return day_in(zone_of(scope.organization_oid), clock.now())


async def staff_board(
    caller: Caller,
    asked: StaffFilter,
    *,
    page_size: int,
    page_token: str,
    reader: StaffReader,
    clock: Clock,
) -> Board:
    """A page of the board, or totals for those who see totals.

    Raises FilterInvalid, OrganizationRequired, PAGE_TOKEN_INVALID.
    """
    asked.check()
    scope = scope_of(caller)
    today = today_in(scope, clock)
    asked = await reader.narrowed(scope, asked)
    whole = replace(asked, admission="")
    if scope.kind == "a":
        counts = await reader.counts(scope, whole, today)
        by = "organization" if scope.region else "specialty"
        groups = without_small_groups(await reader.groups(scope, by, today))
        name = "" if scope.region else (await reader.choices(scope))[0]
        return Board(
            scope=scope,
            today=today,
            organization_name=name,
            counts=counts,
            groups=groups,
        )
    size = page_size_of(page_size)
    position = position_of(page_token, str, str)
    after = _place(position) if position else None
    counts, rows, (name, departments, specialties) = await asyncio.gather(
        reader.counts(scope, whole, today),
        reader.rows(scope, asked, today, after, size + 1),
        reader.choices(scope),
    )
    last = rows[size - 1] if len(rows) > size else None
    return Board(
        scope=scope,
        today=today,
        organization_name=name,
        counts=counts,
        rows=rows[:size],
        departments=departments,
        specialties=specialties,
        next_page_token=page_token_of(last.sort_date.isoformat(), last.worker) if last else "",
    )


async def staff_member(caller: Caller, worker: str, *, reader: StaffReader) -> BoardRow:
    """One member within the caller's rights.

    Raises StaffMemberNotFound, OrganizationRequired.
    """
    scope = scope_of(caller)
    found = None if scope.kind == "a" else await reader.find(scope, worker)
    if found is None:
        raise StaffMemberNotFound
    return found


async def list_staff(
    caller: Caller,
    *,
    organization_oid: str,
    department: str,
    workers: Sequence[str],
    page_size: int,
    page_token: str,
    reader: StaffReader,
) -> tuple[Sequence[Member], str]:
    """Members of an organisation for other services, and the token of the next page.

    A person gets only members within their own rights, whatever was asked for; background work
    gets any organisation. Raises OrganizationRequired, PAGE_TOKEN_INVALID.
    """
    if caller.kind is CallerKind.PERSON:
        scope = scope_of(caller)
        if scope.kind == "a" or organization_oid not in {"", scope.organization_oid}:
            return (), ""
        if scope.department and department not in {"", scope.department}:
            return (), ""
        department = scope.department or department
        organization_oid = scope.organization_oid
    elif not organization_oid:
        raise OrganizationRequired
    asked = Scope(kind="g", organization_oid=organization_oid, department=department)
    size = page_size_of(page_size)
    position = position_of(page_token, str)
    after = _worker_after(position) if position else ""
    found = await reader.members(asked, workers, after, size + 1)
    token = page_token_of(found[size - 1].worker) if len(found) > size else ""
    return found[:size], token


def without_small_groups(groups: Sequence[CountedGroup]) -> tuple[CountedGroup, ...]:
    """Groups of at least five, smaller ones put together, so that nobody is told by a number."""
    large = [one for one in groups if one.counts.total >= SMALL_GROUP]
    small = [one.counts for one in groups if one.counts.total < SMALL_GROUP]
    if not small:
        return tuple(large)
    together = Counts(
        **{name: sum(getattr(one, name) for one in small) for name in Counts.__slots__}
    )
    if together.total < SMALL_GROUP:
        return tuple(large)
    return (*large, CountedGroup("Прочие", together))


def _place(position: Sequence[str | int]) -> tuple[date, str]:
    try:
        return date.fromisoformat(str(position[0])), str(UUID(str(position[1])))
    except ValueError:
        raise FilterInvalid(field="page_token", value="") from None


def _worker_after(position: Sequence[str | int]) -> str:
    try:
        return str(UUID(str(position[0])))
    except ValueError:
        raise FilterInvalid(field="page_token", value="") from None
