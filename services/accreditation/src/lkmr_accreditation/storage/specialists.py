"""Workers by SNILS, many at once, through the blind index."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_accreditation.storage.rows import organizations_of
from lkmr_accreditation.usecases.ports import KnownWorker, StoredEntry
from lkmr_servicekit.database import AWAY, Database, unavailable
from lkmr_servicekit.encryption import KeyRing

# The columns of an entry stand in the order of `Entry`, so that a slice of the row makes one.
_SQL = """
SELECT w.snils_index, w.id::text, w.fetch_time, a.id::text, a.version, a.update_time,
       a.registry_number, a.kind, a.specialty_code, a.specialty, a.education_level, a.commission,
       a.protocol_number, a.protocol_date, a.record_date, a.expire_date, a.annulled,
       a.organizations::text
  FROM worker w LEFT JOIN accreditation a ON a.worker_id = w.id AND NOT a.removed
 WHERE w.snils_index = any($1)
 ORDER BY w.fetch_time DESC, w.id
"""
_ID, _ENTRY, _ORGANIZATIONS = 3, 6, 17


class PostgresSpecialists:
    """Reads workers with their entries in one round trip, whatever their number."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    async def find(self, snils: Sequence[str]) -> Mapping[str, KnownWorker]:
        """Those who are known, by SNILS; of two cards the later confirmed counts."""
        by_index = {self._keys.index("worker.snils", one): one for one in snils}
        try:
            rows = await self._database.pool.fetch(_SQL, list(by_index))
        except AWAY as fault:
            raise unavailable() from fault
        mine: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            mine[by_index[row[0]]].append(row)
        return {one: _known(found) for one, found in mine.items()}


def _known(rows: list[Any]) -> KnownWorker:
    """The card that the register confirmed last names the worker."""
    first = rows[0]
    entries = tuple(
        StoredEntry(
            row[_ID],
            Entry._make((*row[_ENTRY:_ORGANIZATIONS], organizations_of(row[_ORGANIZATIONS]))),
            row[4],
            False,
            row[5],
        )
        for row in rows
        if row[_ID] is not None and row[1] == first[1]
    )
    return KnownWorker(id=first[1], fetch_time=first[2], entries=entries)
