"""The keys of a service: opened at start, rotated and rewrapped by an operator while it runs.

Levels: a Transit key (or the key file of mode 600) → key-encryption keys in the ring file →
data keys, stored wrapped beside the data in columns named `data_key` → data.
"""

import base64
import json
import os
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from lkmr_servicekit.audit import Act, Journal, Result
from lkmr_servicekit.clock import real_now
from lkmr_servicekit.encryption import KeyRing, wrapper_of
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.settings import StoredSettings
from lkmr_servicekit.transit import Transit

BATCH = 500
ROTATION = timedelta(days=90)
"""How long a key stays the active one: a rule of the cabinet, no act names a term (SEC-04)."""
COLUMN = "data_key"
REFUSED = "keys.refused"
_TABLES = (
    "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t"
    " ON t.table_schema = c.table_schema AND t.table_name = c.table_name"
    " WHERE c.table_schema = 'public' AND c.column_name = $1 AND c.data_type = 'bytea'"
    " AND t.table_type = 'BASE TABLE' ORDER BY 1"
)


async def open_keyring(service: str, settings: StoredSettings, journal: Journal) -> KeyRing:
    """The keys of this service; a refusal of foreign keys is journalled before the start ends.

    Raises ServiceError KEY_RING_FOREIGN, KEY_REFUSED, KEY_STORE_UNAVAILABLE.
    """
    try:
        return settings.keyring(service)
    except ServiceError as refusal:
        if refusal.category is Category.PERMISSION_DENIED:
            act = Act(
                operation=REFUSED,
                object=f"keyrings/{settings.transit_key or settings.keyring_file.stem}",
                actor=f"programs/{service}",
                result=Result.DENIED,
                reason=refusal.reason,
            )
            await journal.write_alone(act)
        raise


@dataclass(frozen=True, slots=True)
class Status:
    """Which keys there are, and how many data keys each of them wraps."""

    active: str
    uses: dict[str, int]
    sealed_by: str
    made: dict[str, datetime] = field(default_factory=dict)

    def rotate_by(self) -> datetime | None:
        """When the active key is to be replaced; None when nobody noted when it was made."""
        made = self.made.get(self.active)
        return made + ROTATION if made is not None else None


async def status(connection: asyncpg.Connection, ring: KeyRing, store: Transit | None) -> Status:
    """Count the data keys of every table."""
    uses: Counter[str] = Counter(dict.fromkeys(ring.keys, 0))
    for table in await tables(connection):
        statement = (
            f"SELECT substr({COLUMN}, 1, 1 + get_byte({COLUMN}, 0)) AS wrapper, count(*) AS n"  # noqa: S608 - names of the catalogue
            f' FROM "{table}" WHERE length({COLUMN}) > 0 GROUP BY 1'
        )
        for row in await connection.fetch(statement, timeout=600):
            uses[wrapper_of(row["wrapper"])] += row["n"]
    return Status(ring.active, dict(uses), "transit" if store else "file", _made(ring.path))


def _made(path: Path | None) -> dict[str, datetime]:
    """When each key was made, as the key file notes it."""
    noted = json.loads(path.read_text(encoding="utf-8")).get("made", {}) if path else {}
    return {name: datetime.fromisoformat(time) for name, time in noted.items()}


def rotate(path: Path, service: str, store: Transit | None) -> str:
    """Add a key and make it the active one; its id. Older keys stay to open what they wrapped."""
    content = json.loads(path.read_text(encoding="utf-8"))
    name, raw = uuid.uuid4().hex[:12], os.urandom(32)
    if store is not None:
        store.rotate()
    content["service"] = service
    content["keys"][name] = _sealed(raw, f"{service}/{name}", store)
    content["active"] = name
    content.setdefault("made", {})[name] = real_now().isoformat(timespec="seconds")
    _write(path, content)
    return name


def seal_file(path: Path, service: str, old: Transit | None, store: Transit | None) -> None:
    """Seal every value of a key file anew: by the newest version, or by another store."""
    content = json.loads(path.read_text(encoding="utf-8"))

    def again(value: str, label: str) -> str:
        raw = old.open(value, label) if old else base64.b64decode(value)
        return _sealed(raw, label, store)

    content["service"] = service
    content["keys"] = {
        name: again(value, f"{service}/{name}") for name, value in content["keys"].items()
    }
    content["index_key"] = again(content["index_key"], f"{service}/index_key")
    _write(path, content)


def retire(path: Path, names: Sequence[str]) -> None:
    """Take keys out of the file that wrap nothing any more."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for name in names:
        if name != content["active"]:
            content["keys"].pop(name, None)
            content.get("made", {}).pop(name, None)
    _write(path, content)


async def rewrap(connection: asyncpg.Connection, ring: KeyRing) -> int:
    """Bring every data key under the active key, in small portions, beside running services.

    A row that somebody else changes meanwhile is met again in the next round; how many were
    changed. Raises ServiceError KEY_UNKNOWN, STORED_DATA_DAMAGED.
    """
    done = 0
    for table in await tables(connection):
        while moved := await _round(connection, table, ring):
            done += moved
    return done


async def _round(connection: asyncpg.Connection, table: str, ring: KeyRing) -> int:
    """One pass through a table by the place of its rows."""
    active = bytes([len(ring.active)]) + ring.active.encode()
    moved, place = 0, "(0,0)"
    take = (
        f"SELECT ctid::text AS place, {COLUMN}"  # noqa: S608 - names of the catalogue
        f' FROM "{table}" WHERE ctid > $1::text::tid AND length({COLUMN}) > 0'
        f" AND substr({COLUMN}, 1, $3) <> $2 ORDER BY ctid LIMIT {BATCH} FOR UPDATE SKIP LOCKED"
    )
    put = f'UPDATE "{table}" SET {COLUMN} = $2 WHERE ctid = $1::text::tid'  # noqa: S608 - same
    while True:
        async with connection.transaction():
            rows = await connection.fetch(take, place, active, len(active))
            if not rows:
                return moved
            await connection.executemany(
                put, [(row["place"], ring.rewrapped(row[COLUMN])) for row in rows]
            )
        moved += len(rows)
        place = rows[-1]["place"]


async def tables(connection: asyncpg.Connection) -> list[str]:
    """The tables of a service that keep wrapped data keys."""
    return [row["table_name"] for row in await connection.fetch(_TABLES, COLUMN)]


def _sealed(raw: bytes, label: str, store: Transit | None) -> str:
    return store.seal(raw, label) if store else base64.b64encode(raw).decode()


def _write(path: Path, content: dict[str, object]) -> None:
    """Replace the file at once or not at all; only its owner may read it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
