"""Search through the whole journal, its archive too, for who may read all of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from lkmr_auth.domain.journal import ChainedRow, moment
from lkmr_auth.usecases.archive_ports import ArchiveReader
from lkmr_auth.usecases.chain_ports import ChainReader
from lkmr_auth.usecases.whole_journal import archived_stretches

_TIME, _ACTOR, _ORGANIZATION, _OPERATION, _OBJECT, _SUBJECT, _RESULT = 2, 5, 8, 9, 10, 11, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for; empty means all. `since` and `until` bound the time of the act."""

    actor: str = ""
    organization: str = ""
    operation: str = ""
    object: str = ""
    subject: str = ""
    result: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, row: ChainedRow) -> bool:
        """Whether a row is wanted."""
        values = orjson.loads(row.content)
        places = {
            _ACTOR: self.actor,
            _ORGANIZATION: self.organization,
            _OPERATION: self.operation,
            _OBJECT: self.object,
            _SUBJECT: self.subject,
            _RESULT: self.result,
        }
        if any(wanted and values[place] != wanted for place, wanted in places.items()):
            return False
        after = self.since is None or values[_TIME] >= moment(self.since)
        return after and (self.until is None or values[_TIME] < moment(self.until))


async def find_acts(
    wanted: Wanted, chain: ChainReader, archive: ArchiveReader
) -> AsyncIterator[ChainedRow]:
    """Rows in the order of the chain, as they are stored.

    Raises FileUnreadable for a damaged month of the archive.
    """
    after = 0
    for stretch in await archived_stretches(chain, archive):
        after = stretch.statement.last.seq
        early = wanted.since is not None and stretch.statement.month.end <= wanted.since
        if stretch.rows is None or early:  # an act is chained after it was done
            continue
        async for rows in stretch.rows:
            for row in rows:
                if wanted.fits(row):
                    yield row
    async for rows in chain.rows(after):
        for row in rows:
            if wanted.fits(row):
                yield row
