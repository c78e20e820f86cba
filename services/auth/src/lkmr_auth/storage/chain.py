"""The chain of the journal over PostgreSQL: what waits becomes rows, in batches, one at a time."""

from datetime import datetime
from typing import Any

import asyncpg

from lkmr_auth.domain.journal import Head, Reported, content_of, link
from lkmr_servicekit.audit import Act, Result
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.telemetry import counter

BATCH = 1000
ACT_COLUMNS = (
    *("event_id", "source", "time", "actor", "on_behalf_of", "roles", "organization"),
    *("operation", "object", "subject", "result", "reason", "purpose", "basis", "session"),
    *("trace_id", "address", "device"),
)
ROW_COLUMNS = ("seq", "chain_time", *ACT_COLUMNS, "prev_hash", "hash")

_chained = counter("lkmr_journal_rows_total", "Rows added to the chain of the journal")

# The row of the head is the lock: two instances chain one after the other.
_HEAD = "SELECT seq, hash FROM journal_head FOR UPDATE"
_TAKE = (
    "WITH taken AS (DELETE FROM journal_pending WHERE id IN"  # noqa: S608 - names of columns
    " (SELECT id FROM journal_pending ORDER BY id LIMIT $1) RETURNING *)"
    f" SELECT {', '.join(ACT_COLUMNS)} FROM taken ORDER BY id"
)
_MOVE = "UPDATE journal_head SET seq = $1, hash = $2"
_WAITS = "SELECT EXISTS (SELECT FROM journal_pending)"


def reported_of(row: Any) -> Reported:
    """A stored act as the domain knows it; the form of old rows is not judged again."""
    act = object.__new__(Act)
    values = {name: row[name] for name in ACT_COLUMNS}
    values["roles"], values["result"] = tuple(values["roles"]), Result(values["result"])
    for name in Act.__dataclass_fields__:
        object.__setattr__(act, name, values[name])
    address = values["address"]
    return Reported(
        event_id=values["event_id"],
        source=values["source"],
        act=act,
        address=bytes(address) if address is not None else None,
    )


class StoredChain:
    """The chain as this process sees it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def advance(self) -> Head | None:
        """Chain all that waits; the new head, or None when nothing waited.

        Raises ServiceError DATABASE_UNAVAILABLE.
        """
        head = None
        try:
            while await self._database.pool.fetchval(_WAITS):
                async with (
                    self._database.pool.acquire() as connection,
                    connection.transaction(),
                ):
                    head = await _chain(connection, self._clock.now()) or head
        except AWAY as fault:
            raise unavailable() from fault
        return head


async def _chain(connection: asyncpg.Connection, now: datetime) -> Head | None:
    at = await connection.fetchrow(_HEAD)
    rows = await connection.fetch(_TAKE, BATCH)
    if not rows:
        return None
    seq, before = at["seq"], bytes(at["hash"])
    made = []
    for row in rows:
        seq += 1
        now_hash = link(before, content_of(seq, now, reported_of(row)))
        made.append((seq, now, *row.values(), before, now_hash))
        before = now_hash
    await connection.copy_records_to_table("journal_entry", records=made, columns=ROW_COLUMNS)
    await connection.execute(_MOVE, seq, before)
    _chained.inc(len(made))
    return Head(seq, before)
