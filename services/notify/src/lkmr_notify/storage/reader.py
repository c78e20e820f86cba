"""Hot reads: PostgreSQL writes the JSON, nothing is decoded on the way."""

import uuid
from datetime import datetime

from lkmr_servicekit.database import Database

SINCE_AT_MOST = 200


def _moment(column: str) -> str:
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


ITEM = (
    "json_build_object('id', m.id, 'kind', m.kind, 'title', m.title, 'text', m.text,"
    f" 'create_time', {_moment('m.create_time')}, 'read_time', {_moment('m.read_time')},"
    " 'link', m.link)"
)
# The token is the position after the last row: microseconds since 1970 and the id, as JSON in
# base64url (lkmr_servicekit.pagination reads it).
_PAGE_POSITION = (
    "rtrim(translate(encode(convert_to(json_build_array("
    "(extract(epoch FROM m.create_time) * 1000000)::bigint, m.id)::text, 'UTF8'), 'base64'),"
    " '+/' || chr(10), '-_'), '=')"
)


def _page(condition: str) -> str:
    return f"""
WITH page AS (
  SELECT {ITEM} AS item, {_PAGE_POSITION} AS token,
         row_number() OVER (ORDER BY m.create_time DESC, m.id DESC) AS n
  FROM message m WHERE m.person_id = $1 {condition}
  ORDER BY m.create_time DESC, m.id DESC LIMIT $2 + 1
)
SELECT convert_to(json_build_object(
  'items', coalesce(json_agg(item ORDER BY n) FILTER (WHERE n <= $2), '[]'::json),
  'next_page_token', CASE WHEN count(*) > $2 THEN max(token) FILTER (WHERE n = $2) ELSE '' END,
  'unread_count', (SELECT count(*) FROM message WHERE person_id = $1 AND read_time IS NULL)
)::text, 'UTF8') FROM page
"""  # noqa: S608 - built of constants


_AFTER = "AND (m.create_time, m.id) < ($3, $4)"
_UNREAD = "AND m.read_time IS NULL"
_PAGES = {
    (first, unread): _page(f"{'' if first else _AFTER} {_UNREAD if unread else ''}")
    for first in (True, False)
    for unread in (True, False)
}
_ONE = f"""
SELECT convert_to({ITEM}::text, 'UTF8') FROM message m WHERE m.person_id = $1 AND m.id = $2
"""  # noqa: S608 - built of constants
_SINCE = f"""
WITH seen AS (SELECT create_time, id FROM message WHERE person_id = $1 AND id = $2),
page AS (
  SELECT {ITEM} AS item, m.create_time, m.id FROM message m, seen
  WHERE m.person_id = $1 AND (m.create_time, m.id) > (seen.create_time, seen.id)
  ORDER BY m.create_time, m.id LIMIT {SINCE_AT_MOST}
)
SELECT CASE WHEN EXISTS (SELECT FROM seen) THEN convert_to(json_build_object(
  'items', (SELECT coalesce(json_agg(item ORDER BY create_time, id), '[]'::json) FROM page),
  'next_page_token', '',
  'unread_count', (SELECT count(*) FROM message WHERE person_id = $1 AND read_time IS NULL)
)::text, 'UTF8') END
"""  # noqa: S608 - built of constants
_COUNT = "SELECT count(*) FROM message WHERE person_id = $1 AND read_time IS NULL"


class PostgresMessageReader:
    """The port `MessageReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, person: str, *, size: int, after: tuple[datetime, uuid.UUID] | None, unread: bool
    ) -> bytes:
        """Newest first."""
        statement = _PAGES[after is None, unread]
        return bytes(await self._database.fetch_value(statement, person, size, *(after or ())))

    async def one(self, person: str, message: uuid.UUID) -> bytes | None:
        """One message, or None."""
        body = await self._database.fetch_value(_ONE, person, message)
        return None if body is None else bytes(body)

    async def since(self, person: str, message: uuid.UUID) -> bytes | None:
        """At most 200 messages after the named one, oldest first."""
        body = await self._database.fetch_value(_SINCE, person, message)
        return None if body is None else bytes(body)

    async def unread(self, person: str) -> int:
        """How many are unread."""
        return int(await self._database.fetch_value(_COUNT, person))
