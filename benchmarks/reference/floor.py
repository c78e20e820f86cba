"""The floor: bare ASGI and asyncpg, the same rows and the same JSON, nothing else.

No session, no rights, no filters, no errors. What it costs is the least that this answer can cost.
`/accreditations/{worker}` is the answer, `/yardstick` a query that no table size can change.
"""

import os
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from benchmarks.reference.serve import serve

SQL = """
SELECT w.jobs::text AS jobs, w.register_version, w.fetch_time, a.id, a.specialty, a.kind,
       a.registry_number, a.record_date, a.expire_date, a.annulled,
       a.organizations::text AS organizations
  FROM worker w JOIN accreditation a ON a.worker_id = w.id AND NOT a.removed
 WHERE w.id = $1
 ORDER BY a.record_date DESC NULLS LAST, a.id DESC
 LIMIT 50
"""
MOSCOW = ZoneInfo("Europe/Moscow")
EXTENDED = (date(2025, 1, 1), date(2025, 12, 31), date(2026, 12, 31))
JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


def term_of(row: Any, today: date) -> tuple[str, date | None, int | None]:
    """State, last day and days left of an entry."""
    recorded, printed = row["record_date"], row["expire_date"]
    if printed is None and recorded is not None:
        printed = recorded.replace(year=recorded.year + 5)
    last = printed
    if printed is not None and EXTENDED[0] <= printed <= EXTENDED[1]:
        last = EXTENDED[2]
    if row["annulled"]:
        return "ANNULLED", last, None
    if last is None or recorded is None:
        return "NOT_ADMITTED_YET", last, None
    left = (last - today).days
    if left < 0:
        return "EXPIRED", last, left
    if printed < today:
        return "EXTENDED", last, left
    return ("EXPIRING" if left <= 180 else "ACTIVE"), last, left


def organizations_of(content: str) -> list[dict[str, str]]:
    """Organisations tied to an entry; empty when the jobs of the worker count."""
    if content == "[]":
        return []
    return [{"oid": oid, "name": name} for oid, name in orjson.loads(content)]


def body_of(rows: list[Any], now: datetime) -> bytes:
    """The JSON of `GET /api/v1/accreditations`."""
    first, today = rows[0], now.astimezone(MOSCOW).date()
    jobs = {
        job["organization_oid"]: job["organization_name"]
        for job in orjson.loads(first["jobs"])
        if job["end_date"] is None
    }
    organizations = orjson.Fragment(
        orjson.dumps([{"oid": oid, "name": name} for oid, name in jobs.items()])
    )
    fetched = first["fetch_time"]
    moment = fetched.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    source = orjson.Fragment(
        orjson.dumps(
            {
                "system": "ФРМР",
                "version": str(first["register_version"]),
                "fetch_time": moment,
                "stale": now - fetched > timedelta(hours=24),
            }
        )
    )
    items = []
    for row in rows:
        state, last, left = term_of(row, today)
        items.append(
            {
                "id": str(row["id"]),
                "name": "Аккредитация: " + row["specialty"],
                "specialty": row["specialty"],
                "kind": row["kind"],
                "state": state,
                "registry_number": row["registry_number"],
                "record_date": row["record_date"],
                "expire_date": last,
                "days_left": left,
                "organizations": organizations_of(row["organizations"]) or organizations,
                "source": source,
            }
        )
    return orjson.dumps({"items": items, "next_page_token": ""})


async def _keep_as_is(_: asyncpg.Connection) -> None:
    """As the service does it: single statements leave nothing behind."""


class Floor:
    """The ASGI application."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.pool: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path = scope["path"]
        if path == "/yardstick":
            body = b"%d" % await self.pool.fetchval("SELECT 1")
        else:
            worker = uuid.UUID(path.rpartition("/")[2])
            body = body_of(await self.pool.fetch(SQL, worker), datetime.now(UTC))
        headers = [*JSON, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self.pool = await asyncpg.create_pool(self.dsn, min_size=8, max_size=8, reset=_keep_as_is)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    serve(Floor(os.environ["BENCH_DSN"]))
