"""The memory of a stand-in: JSON documents and append-only lists in one SQLite file.

It survives a restart, also one by SIGKILL: each write is committed before it returns.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

_TABLES = """
CREATE TABLE IF NOT EXISTS document (
    kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    list TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS entry_by_list ON entry (list, seq);
CREATE INDEX IF NOT EXISTS entry_by_key ON entry (list, key, seq);
"""


class Store:
    """Documents by (kind, key), and entries of lists in the order of their arrival (`seq`)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go; the store cannot be used afterwards."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several writes as one; a fault inside undoes all of them. Must not be nested."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def put(self, kind: str, key: str, value: Any) -> None:
        """Store a document in place of the one that was there."""
        self._db.execute(
            "INSERT INTO document VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value",
            (kind, key, orjson.dumps(value)),
        )

    def find(self, kind: str, key: str) -> Any:
        """The document, or None."""
        row = self._db.execute(
            "SELECT value FROM document WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return orjson.loads(row[0]) if row else None

    def delete(self, kind: str, key: str) -> bool:
        """Forget a document; False when there was none."""
        done = self._db.execute("DELETE FROM document WHERE kind = ? AND key = ?", (kind, key))
        return done.rowcount > 0

    def documents(self, kind: str) -> Iterator[tuple[str, Any]]:
        """All documents of a kind with their keys, ordered by key."""
        rows = self._db.execute(
            "SELECT key, value FROM document WHERE kind = ? ORDER BY key", (kind,)
        )
        for key, value in rows.fetchall():
            yield key, orjson.loads(value)

    def count(self, kind: str) -> int:
        """How many documents of a kind are stored."""
        row = self._db.execute("SELECT count(*) FROM document WHERE kind = ?", (kind,)).fetchone()
        return int(row[0])

    def append(self, name: str, key: str, value: Any = None) -> int:
        """Add an entry to a list; returns its place, which grows for ever."""
        done = self._db.execute(
            "INSERT INTO entry (list, key, value) VALUES (?, ?, ?)",
            (name, key, orjson.dumps(value)),
        )
        return int(done.lastrowid or 0)

    def move_to_end(self, name: str, key: str, value: Any = None) -> int:
        """Add an entry in place of the earlier ones with its key, so that a key stands once."""
        self._db.execute("DELETE FROM entry WHERE list = ? AND key = ?", (name, key))
        return self.append(name, key, value)

    def entries(
        self, name: str, *, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, str, Any]]:
        """Entries (place, key, value) of a list behind a place, in their order."""
        rows = self._db.execute(
            "SELECT seq, key, value FROM entry WHERE list = ? AND seq > ? ORDER BY seq LIMIT ?",
            (name, after, limit),
        )
        return [(seq, key, orjson.loads(value)) for seq, key, value in rows.fetchall()]

    def last_entries(
        self, name: str, *, key: str | None = None, limit: int = 100
    ) -> list[tuple[int, str, Any]]:
        """Entries of a list, newest first, of one key when it is given."""
        where, given = ("AND key = ?", (key,)) if key is not None else ("", ())
        rows = self._db.execute(
            f"SELECT seq, key, value FROM entry WHERE list = ? {where}"  # noqa: S608 - a constant of two
            " ORDER BY seq DESC LIMIT ?",
            (name, *given, limit),
        )
        return [(seq, one, orjson.loads(value)) for seq, one, value in rows.fetchall()]

    def last_place(self, name: str) -> int:
        """The place of the newest entry of a list; 0 when it is empty."""
        row = self._db.execute("SELECT max(seq) FROM entry WHERE list = ?", (name,)).fetchone()
        return int(row[0] or 0)
