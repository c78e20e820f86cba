"""The chain of the journal over PostgreSQL: what waits becomes rows, in batches, one at a time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg

from lkmr_auth.domain.journal import ChainedRow, Head, content_of, link
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.telemetry import counter

BATCH = 1000
PAGE = 5000
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
_TIME = "SELECT chain_time FROM journal_entry WHERE seq = $1"
_FIRST = "SELECT min(seq) FROM journal_entry"
_MOVE = "UPDATE journal_head SET seq = $1, hash = $2"
_WAITS = "SELECT EXISTS (SELECT FROM journal_pending)"
_NOTED = "SELECT seq, hash FROM journal_head"
_ROWS = (
    f"SELECT {', '.join(ROW_COLUMNS)} FROM journal_entry"  # noqa: S608 - names of columns
    " WHERE (seq, chain_time) > ($1, $2) AND seq <= $3 ORDER BY seq, chain_time LIMIT $4"
)
_NEVER = datetime.min.replace(tzinfo=UTC)
_END = 2**63 - 1


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

    async def head(self) -> Head:
        """The end that the database remembers. Raises ServiceError DATABASE_UNAVAILABLE."""
        try:
            row = await self._database.pool.fetchrow(_NOTED)
        except AWAY as fault:
            raise unavailable() from fault
        return Head(row["seq"], bytes(row["hash"]))

    async def first(self) -> int:
        """The number of the oldest row that is still in the table; of an empty one the end."""
        try:
            return int(await self._database.pool.fetchval(_FIRST) or _END)
        except AWAY as fault:
            raise unavailable() from fault

    async def rows(self, after: int = 0, until: int = _END) -> AsyncIterator[list[ChainedRow]]:
        """Stored rows in the order of their numbers, many at a time."""
        place = (after, datetime.max.replace(tzinfo=UTC) if after else _NEVER)
        while found := await self._database.pool.fetch(_ROWS, *place, until, PAGE):
            place = (found[-1]["seq"], found[-1]["chain_time"])
            yield [
                ChainedRow(
                    row["seq"],
                    content_of(row["seq"], row["chain_time"], row),
                    row["prev_hash"],
                    row["hash"],
                )
                for row in found
            ]


async def _chain(connection: asyncpg.Connection, now: datetime) -> Head | None:
    at = await connection.fetchrow(_HEAD)
    rows = await connection.fetch(_TAKE, BATCH)
    if not rows:
        return None
    seq, before = at["seq"], bytes(at["hash"])
    # Clocks of instances differ: a month must be a stretch of the chain, so time never goes back.
    now = max(now, await connection.fetchval(_TIME, seq) or now)
    made = []
    for row in rows:
        seq += 1
        own_hash = link(before, content_of(seq, now, row))
        made.append((seq, now, *row.values(), before, own_hash))
        before = own_hash
    await connection.copy_records_to_table("journal_entry", records=made, columns=ROW_COLUMNS)
    await connection.execute(_MOVE, seq, before)
    _chained.inc(len(made))
    return Head(seq, before)
