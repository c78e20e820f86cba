"""Rows of the journal for people: newest first, over the plain pool."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lkmr_auth.domain.access_log import Dispute, Entry, Filters
from lkmr_auth.domain.person import PersonId, account_number_of
from lkmr_auth.domain.retention import Month
from lkmr_auth.storage.seal import open_fields
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.personal import Personal

_FIELDS = tuple(Entry.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_FIELDS)} FROM journal_entry WHERE seq < $1"  # noqa: S608 - names of columns
_ORDER = " ORDER BY seq DESC LIMIT $2"
_ABOUT = _SELECT + " AND subject = $3" + _ORDER
_ABOUT_OTHERS = _SELECT + " AND subject = $3 AND actor <> $4" + _ORDER
_BY = _SELECT + " AND actor = $3" + _ORDER
_NUMBERS = "SELECT id, number FROM person WHERE id = ANY($1)"
_NAMES = "SELECT id, data_key, names FROM person WHERE id = ANY($1)"
_ORGANIZATIONS = (
    "SELECT id, coalesce(nullif(short_name, ''), name) FROM organization WHERE id = ANY($1)"
)
_ARCHIVED = "SELECT max(month) FROM journal_archive"
_DISPUTES = (
    "SELECT id, event_id, create_time FROM access_dispute"
    " WHERE person_id = $1 AND event_id = ANY($2)"
)


class JournalReader:
    """The port `Entries` over PostgreSQL. Every method raises DATABASE_UNAVAILABLE."""

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self._database, self._keyring = database, keyring

    async def page(self, filters: Filters, *, before: int, size: int) -> Sequence[Entry]:
        statement = _SELECT
        values: list[object] = [before, size]
        for condition, value in _conditions(filters):
            values.append(value)
            statement += f" AND {condition.format(f'${len(values)}')}"
        return [_entry(row) for row in await self._fetch(statement + _ORDER, *values)]

    async def about(
        self, subjects: Sequence[str], actor: str, *, others_only: bool, before: int, size: int
    ) -> Sequence[Entry]:
        found: dict[int, Any] = {}
        for subject in subjects:
            given = (before, size, subject)
            rows = await (
                self._fetch(_ABOUT_OTHERS, *given, actor)
                if others_only
                else self._fetch(_ABOUT, *given)
            )
            found |= {row["seq"]: row for row in rows}
        if not others_only:
            rows = await self._fetch(_BY, before, size, actor)
            found |= {row["seq"]: row for row in rows}
        return [_entry(found[seq]) for seq in sorted(found, reverse=True)[:size]]

    async def account_numbers(self, actors: Sequence[str]) -> Mapping[str, str]:
        rows = await self._fetch(_NUMBERS, _people(actors))
        return {f"persons/{row['id']}": account_number_of(row["number"]) for row in rows}

    async def names(self, actors: Sequence[str]) -> Mapping[str, Personal[str]]:
        made = {}
        for row in await self._fetch(_NAMES, _people(actors)):
            key = self._keyring.data_key(bytes(row["data_key"]))
            fields = open_fields(key, row["names"], "person", "names", str(row["id"]))
            parts = (fields.get(one, "") for one in ("family_name", "given_name", "patronymic"))
            made[f"persons/{row['id']}"] = Personal(" ".join(part for part in parts if part))
        return made

    async def organizations(self, ids: Sequence[str]) -> Mapping[str, str]:
        rows = await self._fetch(_ORGANIZATIONS, sorted({one for one in ids if one}))
        return {row[0]: row[1] for row in rows}

    async def archived_before(self) -> date | None:
        newest = (await self._fetch(_ARCHIVED))[0][0]
        return Month(newest.year, newest.month).end.date() if newest is not None else None

    async def disputes(self, owner: PersonId, entries: Sequence[Entry]) -> Sequence[Dispute]:
        rows = await self._fetch(_DISPUTES, owner, [one.event_id for one in entries])
        return [Dispute(row["id"], owner, row["event_id"], row["create_time"]) for row in rows]

    async def _fetch(self, statement: str, *values: object) -> list[Any]:
        try:
            rows: list[Any] = await self._database.pool.fetch(statement, *values)
        except AWAY as fault:
            raise unavailable() from fault
        return rows


def _conditions(filters: Filters) -> list[tuple[str, object]]:
    """Fixed conditions with a place for their value; a prefix ends in a dot or slash."""
    made: list[tuple[str, object]] = [
        (f"{column} = {{}}", value)
        for column in ("actor", "result", "organization")
        if (value := getattr(filters, column))
    ]
    for column, sign in (("operation", "."), ("object", "/")):
        if value := getattr(filters, column):
            begins = value.endswith(sign)
            made.append((f"starts_with({column}, {{}})" if begins else f"{column} = {{}}", value))
    if filters.organizations is not None:
        made.append(("organization = ANY({})", list(filters.organizations)))
    if filters.since is not None:
        # An act is chained after it was done: the second condition leaves out older months.
        made += [("time >= {}", filters.since), ("chain_time >= {}", filters.since)]
    if filters.until is not None:
        made.append(("time < {}", filters.until))
    return made


def _entry(row: Any) -> Entry:
    values = dict(row)
    values["roles"] = tuple(values["roles"])
    return Entry(**values)


def _people(actors: Sequence[str]) -> list[uuid.UUID]:
    made = set()
    for actor in actors:
        kind, _, identity = actor.partition("/")
        if kind == "persons":
            made.add(uuid.UUID(identity))
    return sorted(made)
