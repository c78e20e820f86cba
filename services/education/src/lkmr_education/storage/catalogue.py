"""The catalogue: loaded in batches, searched by words in any form and with slips of the pen."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.activity import Kind, specialty_key
from lkmr_education.domain.catalogue import Programme
from lkmr_education.storage import tables
from lkmr_servicekit import telemetry
from lkmr_servicekit.database import AWAY, Database, unavailable

BATCH = 1000
SIMILAR = 0.5
_MAX_WORDS = 8
_WORD = re.compile(r"[0-9a-z]+")
_FIELDS = (
    "id, title, provider, kind, hours, specialties::text AS specialties, level, start_date,"
    " end_date, form, city, price, url, annotation, attestation, new_competence"
)
_FILTER = """
  ($2 = '' OR specialty_keys @> ARRAY[$2]) AND ($3 = '' OR kind = $3)
  AND (end_date IS NULL OR end_date >= $4)
"""
# Words in any grammatical form (Snowball dictionary «russian»); a hit in the title weighs most.
_BY_WORDS = f"""
SELECT {_FIELDS}, ts_rank(search, q) AS rank
  FROM programme, websearch_to_tsquery('russian', $1) q
 WHERE search @@ q AND {_FILTER}
 ORDER BY rank DESC, start_date NULLS FIRST, id LIMIT $5 OFFSET $6
"""  # noqa: S608 - built of constants
# Slips of the pen: each word is near some word of the title (trigrams).
_BY_TRIGRAMS = f"""
SELECT {_FIELDS},
       (SELECT sum(word_similarity(w, title_key)) FROM unnest($1::text[]) w) AS rank
  FROM programme
 WHERE {{near}} AND {_FILTER}
 ORDER BY rank DESC, start_date NULLS FIRST, id LIMIT $5 OFFSET $6
"""  # noqa: S608 - built of constants
_NEXT = f"""
SELECT {_FIELDS}, 0 AS rank FROM programme
 WHERE ($1 = '' OR true) AND {_FILTER} ORDER BY start_date NULLS FIRST, id LIMIT $5 OFFSET $6
"""  # noqa: S608 - built of constants
_ONE = f"SELECT {_FIELDS} FROM programme WHERE id = $1"  # noqa: S608 - built of constants
# The first few of each kind and length, so that many short modules do not crowd out programmes.
_CANDIDATES = f"""
SELECT {_FIELDS} FROM (
  SELECT *, row_number() OVER (PARTITION BY kind, hours
                               ORDER BY end_date NULLS FIRST, price, id) AS place
    FROM programme
   WHERE specialty_keys @> ARRAY[$1] AND (start_date IS NULL OR start_date >= $2)
     AND kind = ANY($3)
) programme WHERE place <= $4
"""  # noqa: S608 - built of constants
_OF_ATTESTATION = f"""
SELECT {_FIELDS} FROM programme
 WHERE attestation = $1 AND (start_date IS NULL OR start_date >= $2)
 ORDER BY start_date NULLS FIRST, price, id LIMIT $3
"""  # noqa: S608 - built of constants
_COLUMNS = (
    "id, title, provider, kind, hours, specialties, specialty_keys, level, start_date, end_date,"
    " form, city, price, url, annotation, attestation, new_competence, title_key"
)
_SETS = ", ".join(f"{one} = excluded.{one}" for one in _COLUMNS.split(", ")[1:])
# One batch is one statement: rows travel as JSON, the database makes the search vectors.
_STORE = sa.text(
    f"""INSERT INTO programme ({_COLUMNS}, search, generation)
    SELECT {_COLUMNS}, setweight(to_tsvector('russian', title_plain), 'A')
             || setweight(to_tsvector('russian', rest_key), 'C'), :generation
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        id text, title text, provider text, kind text, hours integer, specialties jsonb,
        specialty_keys text[], level integer, start_date date, end_date date, form text,
        city text, price integer, url text, annotation text, attestation text,
        new_competence boolean, title_key text, title_plain text, rest_key text)
    ON CONFLICT (id) DO UPDATE SET {_SETS}, search = excluded.search,
      generation = excluded.generation"""  # noqa: S608 - built of constants
)


def plain(text: str) -> str:
    """Small letters without «ё», as words are compared."""
    return text.casefold().replace("ё", "е")


# Trigrams of PostgreSQL see letters only as the locale of the database does: under «C» none of the
# Russian ones. One sign for each letter makes them work everywhere.
_SIGNS = str.maketrans("абвгдежзийклмнопрстуфхцчшщъыьэюя", "abvgdejzi0klmnoprstufhc1234y56qw")


def spelled(text: str) -> str:
    """A text in signs that trigrams know in any locale."""
    return plain(text).translate(_SIGNS)


class CatalogueReader:
    """The port `CatalogueSearch`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(
        self, query: str, *, specialty: str, kind: str, today: date, size: int, skip: int
    ) -> Sequence[Programme]:
        """Best first. Words in any form; when they find nothing, words that are nearly so."""
        text = plain(query).strip()
        rest = (specialty_key(specialty), kind, today, size, skip)
        if not text:
            return await self._fetch(_NEXT, text, *rest)
        found = await self._fetch(_BY_WORDS, text, *rest)
        words = _WORD.findall(spelled(text))[:_MAX_WORDS]
        if found or not words:
            return found
        return await self._nearly(words, *rest)

    async def _nearly(self, words: Sequence[str], *rest: object) -> Sequence[Programme]:
        near = " AND ".join(f"($1::text[])[{n + 1}] <% title_key" for n in range(len(words)))
        with telemetry.span("postgresql select programme", kind="CLIENT"):
            try:
                async with self._database.pool.acquire() as connection, connection.transaction():
                    await connection.execute(
                        "SELECT set_config('pg_trgm.word_similarity_threshold', $1, true)",
                        str(SIMILAR),
                    )
                    statement = _BY_TRIGRAMS.format(near=near)
                    found = await connection.fetch(statement, list(words), *rest)
            except AWAY as fault:
                raise unavailable() from fault
        return [_programme(row) for row in found]

    async def find(self, programme: str) -> Programme | None:
        """One programme."""
        found = await self._fetch(_ONE, programme)
        return found[0] if found else None

    async def candidates(
        self, specialty: str, kinds: Sequence[Kind], *, today: date, size: int
    ) -> Sequence[Programme]:
        """Programmes of a specialty that have not begun: `size` of each kind and length."""
        key = specialty_key(specialty)
        return await self._fetch(_CANDIDATES, key, today, [one.value for one in kinds], size)

    async def of_attestation(self, code: str, *, today: date, size: int) -> Sequence[Programme]:
        """Programmes that give a required attestation."""
        return await self._fetch(_OF_ATTESTATION, code, today, size)

    async def _fetch(self, statement: str, *values: object) -> Sequence[Programme]:
        with telemetry.span("postgresql select programme", kind="CLIENT"):
            try:
                found = await self._database.pool.fetch(statement, *values)
            except AWAY as fault:
                raise unavailable() from fault
        return [_programme(row) for row in found]


class CatalogueRepository:
    """The port `Catalogue`: what a load writes."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, programmes: Sequence[Programme], *, generation: int) -> None:
        """Store a batch; known programmes are replaced."""
        for start in range(0, len(programmes), BATCH):
            rows = [_row(one) for one in programmes[start : start + BATCH]]
            await self._connection.execute(
                _STORE, {"rows": orjson.dumps(rows).decode(), "generation": generation}
            )

    async def drop_older(self, generation: int) -> int:
        """Remove what a whole load no longer named; tells how many."""
        table = tables.programme
        gone = await self._connection.execute(
            sa.delete(table).where(table.c.generation < generation)
        )
        return gone.rowcount


def _row(one: Programme) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "provider": one.provider,
        "kind": one.kind,
        "hours": one.hours,
        "specialties": list(one.specialties),
        "specialty_keys": [specialty_key(name) for name in one.specialties],
        "level": one.level,
        "start_date": one.start_date,
        "end_date": one.end_date,
        "form": one.form,
        "city": one.city,
        "price": one.price,
        "url": one.url,
        "annotation": one.annotation,
        "attestation": one.attestation,
        "new_competence": one.new_competence,
        "title_key": spelled(one.title),
        "title_plain": plain(one.title),
        "rest_key": plain(f"{one.provider} {one.annotation}"),
    }


def _programme(row: Any) -> Programme:
    return Programme(
        id=row["id"],
        title=row["title"],
        provider=row["provider"],
        kind=Kind(row["kind"]),
        hours=row["hours"],
        specialties=tuple(orjson.loads(row["specialties"])),
        level=row["level"],
        start_date=row["start_date"],
        end_date=row["end_date"],
        form=row["form"],
        city=row["city"],
        price=row["price"],
        url=row["url"],
        annotation=row["annotation"],
        attestation=row["attestation"],
        new_competence=row["new_competence"],
    )
