"""Search in an inbox: texts are sealed, so they are opened and looked through here."""

import uuid
from datetime import UTC, datetime

from lkmr_notify.storage.seals import CONTENT, KEY_OF_PERSON, texts_of
from lkmr_notify.usecases.ports import MessageFilter
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

PORTION = 500
VIEW = """
  AND CASE $3::text WHEN 'UNREAD' THEN m.read_time IS NULL
    WHEN 'TASKS' THEN m.task AND m.done_time IS NULL
    WHEN 'DONE' THEN m.done_time IS NOT NULL ELSE true END
  AND (cardinality($4::text[]) = 0 OR m.category = ANY($4::text[]))
"""
_PORTION = f"""
SELECT m.create_time, m.id, m.owner, {CONTENT}, {KEY_OF_PERSON} AS data_key
FROM message m WHERE m.person_id = $1 {VIEW} AND (m.create_time, m.id) < ($5, $6)
ORDER BY m.create_time DESC, m.id DESC LIMIT $2
"""  # noqa: S608 - built of constants
_ALIKE = str.maketrans({"ё": "е", "\u00a0": " "})
_NOW = (datetime.max.replace(tzinfo=UTC), uuid.UUID(int=(1 << 128) - 1))


class Search:
    """Finds words in titles, texts and owners; case, Ё and kinds of space do not matter."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self._ring = database, ring

    async def find(
        self,
        person: str,
        asked: MessageFilter,
        *,
        size: int,
        after: tuple[datetime, uuid.UUID] | None,
    ) -> list[uuid.UUID]:
        """The newest messages with the words, one more than `size` when there are.

        An inbox is read portion by portion: a thousand messages take some 10 ms.
        Raises ServiceError DATABASE_UNAVAILABLE, STORED_DATA_DAMAGED.
        """
        words, place, found = folded(asked.query), after or _NOW, list[uuid.UUID]()
        groups = [group.value for group in asked.groups]
        while len(found) <= size:
            rows = await self._database.fetch_rows(
                _PORTION, person, PORTION, asked.view.value, groups, *place
            )
            for row in rows:
                title, text = texts_of(self._ring, row["data_key"], row["id"], row["content"])
                if words in folded(f"{title} {text} {row['owner']}"):
                    found.append(row["id"])
            if len(rows) < PORTION:
                break
            place = (rows[-1]["create_time"], rows[-1]["id"])
        return found[: size + 1]


def folded(text: str) -> str:
    """Text for search; a no-break space is a space."""
    return text.lower().translate(_ALIKE)
