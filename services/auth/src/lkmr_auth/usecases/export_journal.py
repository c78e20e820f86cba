"""Rows of the journal as lines that another program can check."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

import orjson

from lkmr_auth.domain.journal import Head
from lkmr_auth.domain.statement import Statement
from lkmr_auth.usecases.verify_journal import ChainReader


class Signs(Protocol):
    """Signs the end of an export."""

    def export(self, head: Head, now: datetime) -> Statement: ...


async def export_journal(
    chain: ChainReader, signs: Signs, *, after: int = 0, now: datetime
) -> AsyncIterator[bytes]:
    """Lines `<hash> <content>` in the order of the chain, then `statement <JSON>`.

    Everything up to the end that the database knows at the begin; `after` leaves out older rows.
    """
    end = await chain.head()
    last = Head(after)
    async for rows in chain.rows(after, end.seq):
        yield b"".join(b"%s %s\n" % (row.hash.hex().encode(), row.content) for row in rows)
        last = Head(rows[-1].seq, rows[-1].hash)
    yield b"statement " + orjson.dumps(signs.export(last, now).to_json()) + b"\n"
