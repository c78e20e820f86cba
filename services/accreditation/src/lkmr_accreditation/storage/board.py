"""Reads of the staff on the plain pool: one organisation, by its index."""

import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from lkmr_accreditation.domain.staff import EXPIRING_DAYS
from lkmr_accreditation.usecases.staff import (
    BoardRow,
    CountedGroup,
    Counts,
    Member,
    PersonName,
    Scope,
    StaffFilter,
)
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.encryption import DataKey, KeyRing

_COUNTS = """
count(*) AS total,
count(*) FILTER (WHERE checked AND valid_until >= $1) AS can_work,
count(*) FILTER (WHERE checked AND valid_until >= $1 AND valid_until < $2) AS expiring,
count(*) FILTER (WHERE checked AND (valid_until < $1 OR valid_until IS NULL)) AS cannot_work,
count(*) FILTER (WHERE NOT checked) AS not_checked,
count(*) FILTER (WHERE behind) AS behind,
count(*) FILTER (WHERE extended AND valid_until >= $1) AS extended,
count(*) FILTER (WHERE checked AND valid_until >= $1 AND valid_until < $3) AS window
"""
_COUNTS = _COUNTS.replace("AS window", 'AS "window"')
_WINDOW_DAYS = 180
_OPENED_AT_ONCE = 256
_REMEMBERED = 50_000
_MARK = 16
"""Bytes at the end of a sealed value that tell one sealing from any other: its tag."""
_ROW = """
worker_id::text, name, organization_oid, organization_name, jobs::text, specialties, staff_group,
checked, valid_until, extended, sort_date, hours, hours_missing, hours_waiting, behind, verdict,
failed, hindrance, todo, actor, deadline
"""
_EXPIRED_DOCUMENTS = """
SELECT kind, count(*) FROM (
  SELECT DISTINCT ON (worker_id, kind, lower(v.specialty)) kind, visibility, v.valid_until
    FROM (SELECT worker_id FROM staff WHERE {where}) members
    JOIN document d USING (worker_id)
    JOIN document_version v ON v.document_id = d.id AND v.version = d.version
   WHERE NOT d.archived AND v.check_status <> 'REJECTED'
   ORDER BY worker_id, kind, lower(v.specialty), coalesce(v.valid_until, 'infinity') DESC
) last WHERE valid_until < $1 AND visibility = ANY($2) GROUP BY kind ORDER BY kind
"""
_ADMISSION = {
    "CAN_WORK": "checked AND valid_until >= {today}",
    "EXPIRING": "checked AND valid_until >= {today} AND valid_until < {soon}",
    "CANNOT_WORK": "checked AND (valid_until < {today} OR valid_until IS NULL)",
    "NOT_CHECKED": "NOT checked",
    "BEHIND": "behind",
}
_GROUPS = {
    "organization": ("organization_oid", "max(organization_name)", "staff"),
    "specialty": ("specialty", "specialty", "staff, unnest(specialties) AS specialty"),
    "staff_group": ("staff_group", "staff_group", "staff"),
}


class _Where:
    """Conditions with their numbered values."""

    def __init__(self, *first: object) -> None:
        self.values: list[object] = list(first)
        self._parts: list[str] = []

    def place(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def add(self, condition: str, *values: object) -> None:
        self._parts.append(condition.format(*(self.place(value) for value in values)))

    def __str__(self) -> str:
        return " AND ".join(self._parts)


class PostgresStaff:
    """The staff of one organisation, or totals of a region; names are opened with its key."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys
        self._surnames: OrderedDict[bytes, str] = OrderedDict()

    async def counts(self, scope: Scope, asked: StaffFilter, today: date) -> Counts:
        """Totals of what is asked for."""
        where = _within(scope, _counting(today))
        _filter(where, await self.narrowed(scope, asked))
        (row,) = await self._fetch(f"SELECT {_COUNTS} FROM staff WHERE {where}", *where.values)  # noqa: S608 - parts of our own
        return Counts(**dict(row))

    async def rows(
        self,
        scope: Scope,
        asked: StaffFilter,
        today: date,
        after: tuple[date, str] | None,
        limit: int,
    ) -> Sequence[BoardRow]:
        """Members in the order of the board, the most pressing first."""
        where = _within(scope, _Where())
        _filter(where, await self.narrowed(scope, asked))
        if asked.admission:
            soon = today + timedelta(days=EXPIRING_DAYS)
            condition = _ADMISSION[asked.admission]
            where.add(
                condition.format(today=where.place(today), soon=where.place(soon))
                if "{soon}" in condition
                else condition.format(today=where.place(today))
                if "{today}" in condition
                else condition
            )
        if after is not None:
            where.add("(sort_date, worker_id) > ({}, {})", after[0], uuid.UUID(after[1]))
        found = await self._fetch(
            f"SELECT {_ROW} FROM staff WHERE {where} ORDER BY sort_date, staff.worker_id"  # noqa: S608 - parts of our own
            f" LIMIT {where.place(limit)}",
            *where.values,
        )
        return await self._board_rows(found)

    async def groups(self, scope: Scope, by: str, today: date) -> Sequence[CountedGroup]:
        """Totals by organisation, specialty or group of staff, the largest first."""
        key, name, tables = _GROUPS[by]
        where = _within(scope, _counting(today))
        found = await self._fetch(
            f"SELECT {name} AS name, {_COUNTS} FROM {tables} WHERE {where} GROUP BY {key}"  # noqa: S608 - parts of our own
            " ORDER BY total DESC, name LIMIT 1000",
            *where.values,
        )
        return [CountedGroup(row[0], Counts(**dict(list(row.items())[1:]))) for row in found]

    async def choices(self, scope: Scope) -> tuple[str, Sequence[str], Sequence[str]]:
        """Name of the organisation, its departments and its specialties."""
        where = _within(scope, _Where())
        found = await self._fetch(
            "WITH kinds AS MATERIALIZED (SELECT max(organization_name) AS name, departments,"  # noqa: S608 - parts of our own
            f" specialties FROM staff WHERE {where} GROUP BY departments, specialties)"
            " SELECT (SELECT max(name) FROM kinds),"
            " ARRAY(SELECT DISTINCT unnest(departments) FROM kinds ORDER BY 1),"
            " ARRAY(SELECT DISTINCT unnest(specialties) FROM kinds ORDER BY 1)",
            *where.values,
        )
        name, departments, specialties = found[0]
        return name or "", departments, specialties

    async def expired_documents(
        self, scope: Scope, visibilities: Sequence[str], today: date
    ) -> dict[str, int]:
        """How many documents of these visibilities are over by a day, by kind."""
        where = _within(scope, _Where(today, list(visibilities)), concerned=False)
        found = await self._fetch(_EXPIRED_DOCUMENTS.format(where=where), *where.values)
        return dict(found)

    async def find(self, scope: Scope, worker: str) -> BoardRow | None:
        """One member of the staff in scope."""
        where = _within(scope, _Where(), concerned=False)
        where.add("worker_id = {}", uuid.UUID(worker))
        found = await self._fetch(f"SELECT {_ROW} FROM staff WHERE {where}", *where.values)  # noqa: S608 - parts of our own
        rows = await self._board_rows(found)
        return rows[0] if rows else None

    async def register_heard(self) -> datetime | None:
        """When the worker register was last heard to its end."""
        found = await self._fetch("SELECT heard_time FROM register_sync")
        return found[0][0] if found else None

    async def members(
        self, scope: Scope, workers: Sequence[str], after: str, limit: int
    ) -> Sequence[Member]:
        """Members by their ids, for other services."""
        where = _within(scope, _Where(), concerned=False)
        if workers:
            where.add("worker_id = ANY({})", [uuid.UUID(one) for one in workers])
        if after:
            where.add("worker_id > {}", uuid.UUID(after))
        found = await self._fetch(
            f"SELECT {_ROW} FROM staff WHERE {where} ORDER BY staff.worker_id"  # noqa: S608 - parts of our own
            f" LIMIT {where.place(limit)}",
            *where.values,
        )
        return [
            Member(
                worker=row.worker,
                organization_oid=row.organization_oid,
                organization_name=row.organization_name,
                name=row.name,
                jobs=row.jobs,
            )
            for row in await self._board_rows(found)
        ]

    async def without_hours(self, organization_oid: str, limit: int) -> Sequence[str]:
        """Members whose post needs an accreditation and whose hours are not kept yet."""
        found = await self._fetch(
            "SELECT worker_id::text FROM staff s WHERE organization_oid = $1 AND concerned"
            " AND specialties <> '{}' AND NOT EXISTS"
            " (SELECT FROM worker_hours h WHERE h.worker_id = s.worker_id) LIMIT $2",
            organization_oid,
            limit,
        )
        return [row[0] for row in found]

    async def narrowed(self, scope: Scope, asked: StaffFilter) -> StaffFilter:
        """The same with the workers whose surname has the part asked for; ё and е are the same.

        Names are sealed, so they are opened: about 0.1 s for 10 000 people, in portions between
        which others are served. Opened ones are remembered, for the next page or letter.
        """
        wanted = _plain(asked.family_name)
        if not wanted or asked.workers is not None:
            return asked
        inner = _within(scope, _Where())
        _filter(inner, asked)
        found = await self._fetch(
            "SELECT string_agg(uuid_send(worker_id)"  # noqa: S608 - parts of our own
            f" || substr(name, length(name) - {_MARK - 1}), ''::bytea) FROM staff WHERE {inner}",
            *inner.values,
        )
        places = _places(found[0][0] or b"")
        await self._remember([worker for worker, mark in places if mark not in self._surnames])
        known = self._surnames
        return replace(
            asked,
            workers=tuple(worker.hex() for worker, mark in places if wanted in known.get(mark, "")),
        )

    async def _remember(self, workers: Sequence[bytes]) -> None:
        """Open the surnames of some workers, in each organisation where they work."""
        for start in range(0, len(workers), _OPENED_AT_ONCE):
            found = await self._fetch(
                "SELECT worker_id::text, organization_oid, name FROM staff"
                " WHERE worker_id = ANY($1)",
                [one.hex() for one in workers[start : start + _OPENED_AT_ONCE]],
            )
            keys = await self._organization_keys({row[1] for row in found})
            for worker, oid, name in found:
                self._surnames[name[-_MARK:]] = _plain(_open(name, worker, keys[oid])[0])
        while len(self._surnames) > _REMEMBERED:
            self._surnames.popitem(last=False)

    async def _board_rows(self, found: Sequence[Any]) -> list[BoardRow]:
        keys = await self._organization_keys({row[2] for row in found})
        made = []
        for row in found:
            family, given, patronymic = _open(row[1], row[0], keys[row[2]])
            name = PersonName(family_name=family, given_name=given, patronymic=patronymic)
            values = dict(row)
            values.update(
                worker=values.pop("worker_id"),
                name=name,
                jobs=orjson.loads(values["jobs"]),
                group=values.pop("staff_group"),
            )
            made.append(BoardRow(**values))
        return made

    async def _organization_keys(self, oids: set[str]) -> dict[str, DataKey]:
        found = await self._fetch(
            "SELECT organization_oid, data_key FROM organization_key"
            " WHERE organization_oid = ANY($1)",
            sorted(oids),
        )
        return {row[0]: self._keys.data_key(bytes(row[1])) for row in found}

    async def _fetch(self, statement: str, *values: object) -> list[Any]:
        try:
            found: list[Any] = await self._database.pool.fetch(statement, *values)
        except AWAY as fault:
            raise unavailable() from fault
        return found


def _counting(today: date) -> _Where:
    soon, window = today + timedelta(days=EXPIRING_DAYS), today + timedelta(days=_WINDOW_DAYS)
    return _Where(today, soon, window)


def _within(scope: Scope, where: _Where, *, concerned: bool = True) -> _Where:
    if concerned:
        where.add("concerned")
    if scope.region:
        where.add("region = {}", scope.region)
    else:
        where.add("organization_oid = {}", scope.organization_oid)
    if scope.department:
        where.add("departments @> ARRAY[{}::text]", scope.department)
    return where


def _filter(where: _Where, asked: StaffFilter) -> None:
    if asked.department:
        where.add("departments @> ARRAY[{}::text]", asked.department)
    if asked.specialty:
        where.add("specialties @> ARRAY[{}::text]", asked.specialty)
    if asked.workers is not None:
        where.add("worker_id = ANY({})", asked.workers)


def _places(packed: bytes) -> list[tuple[bytes, bytes]]:
    """Workers with the mark of the sealing of their name, from one value."""
    each = 16 + _MARK
    return [
        (packed[at : at + 16], packed[at + 16 : at + each]) for at in range(0, len(packed), each)
    ]


def _open(sealed: bytes, worker: str, key: DataKey) -> tuple[str, str, str]:
    family, given, patronymic = orjson.loads(key.open(bytes(sealed), "staff", "name", worker))
    return family, given, patronymic


def _plain(name: str) -> str:
    return name.strip().casefold().replace("ё", "е")
