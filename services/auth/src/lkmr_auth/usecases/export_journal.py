"""Rows of the journal as lines that another program can check."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

import orjson

from lkmr_auth.domain.journal import Head
from lkmr_auth.domain.statement import Statement
from lkmr_auth.usecases.archive_ports import ArchiveReader
from lkmr_auth.usecases.chain_ports import ChainReader
from lkmr_auth.usecases.whole_journal import archived_stretches


class Signs(Protocol):
    """Signs the end of an export."""

    def export(self, head: Head, now: datetime) -> Statement: ...


async def export_journal(
    chain: ChainReader, archive: ArchiveReader, signs: Signs, *, after: int = 0, now: datetime
) -> AsyncIterator[bytes]:
    """Lines `<hash> <content>` in the order of the chain, then `statement <JSON>`.

    Everything up to the end that the database knows at the begin, months of the archive too; of a
    month whose term is over `ended <JSON>` tells where the chain goes on. `after` leaves out older
    rows. Raises FileUnreadable for a month of the archive that is damaged.
    """
    end = await chain.head()
    last = Head(after)
    for stretch in await archived_stretches(chain, archive, after=after):
        if stretch.rows is None:
            yield b"ended " + orjson.dumps(stretch.statement.to_json()) + b"\n"
            last = stretch.statement.last
            continue
        async for rows in stretch.rows:
            wanted = [row for row in rows if row.seq > after]
            if wanted:
                yield b"".join(row.line for row in wanted)
                last = Head(wanted[-1].seq, wanted[-1].hash)
    async for rows in chain.rows(last.seq, end.seq):
        yield b"".join(row.line for row in rows)
        last = Head(rows[-1].seq, rows[-1].hash)
    yield b"statement " + orjson.dumps(signs.export(last, now).to_json()) + b"\n"
