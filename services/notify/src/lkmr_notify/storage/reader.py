"""Hot reads: PostgreSQL writes the JSON of each message, its opened texts are put into it."""

import uuid
from datetime import datetime
from typing import Any

from lkmr_notify.storage.seals import CONTENT, KEY_OF_PERSON, whole
from lkmr_notify.storage.search import VIEW, Search
from lkmr_notify.usecases.ports import MessageFilter
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

SINCE_AT_MOST = 200


def moment_json(column: str) -> str:
    """A moment as RFC 3339 in UTC."""
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


STATE_WORD = "CASE d.state WHEN 'CREATED' THEN 'QUEUED' ELSE d.state END"
# Deliveries of a message are made with it or, standing in for a failed one, within three days.
_CHANNELS = f"""(
SELECT coalesce(json_agg(json_build_object('channel', d.channel, 'state', {STATE_WORD},
    'reason', d.reason, 'time', {moment_json("d.update_time")})
  ORDER BY d.create_time, d.channel), '[]'::json)
FROM delivery d WHERE d.message_id = m.id AND d.create_time
  BETWEEN m.create_time - interval '1 day' AND m.create_time + interval '5 days')
"""  # noqa: S608 - built of constants
# Without title and text, which are sealed.
ITEM = (
    "json_build_object('id', m.id, 'kind', m.kind, 'group', m.category,"
    " 'why', m.why, 'urgency', m.urgency, 'task', m.task,"
    " 'deadline', to_char(m.deadline, 'YYYY-MM-DD'), 'action', m.action, 'owner', m.owner,"
    f" 'create_time', {moment_json('m.create_time')}, 'read_time', {moment_json('m.read_time')},"
    f" 'done_time', {moment_json('m.done_time')}, 'done_by', m.done_by, 'link', m.link,"
    f" 'deliveries', {_CHANNELS})"
)
# The token is the position after the last row: microseconds since 1970 and the id, as JSON in
# base64url (lkmr_servicekit.pagination reads it).
PAGE_POSITION = (
    "rtrim(translate(encode(convert_to(json_build_array("
    "(extract(epoch FROM m.create_time) * 1000000)::bigint, m.id)::text, 'UTF8'), 'base64'),"
    " '+/' || chr(10), '-_'), '=')"
)
_COUNTS = """
(SELECT json_build_object('all', count(*),
  'tasks', count(*) FILTER (WHERE task AND done_time IS NULL),
  'done', count(*) FILTER (WHERE done_time IS NOT NULL),
  'groups', (SELECT coalesce(json_object_agg(category, n), '{}'::json) FROM (
     SELECT category, count(*) AS n FROM message WHERE person_id = $1 GROUP BY category) g))
 FROM message WHERE person_id = $1)
"""
_UNREAD = "(SELECT count(*) FROM message WHERE person_id = $1 AND read_time IS NULL)"


def _arrays(condition: str) -> str:
    """Items with their sealed texts, and the key of the person."""
    columns = ("id", "convert_to(item::text, 'UTF8')", "content")
    return (
        ", ".join(
            f"coalesce(array_agg({column} ORDER BY n) FILTER (WHERE {condition}), '{{}}')"
            for column in columns
        )
        + f", {KEY_OF_PERSON} AS data_key"
    )


def _page(condition: str, counts: str) -> str:
    return f"""
WITH page AS (
  SELECT m.id, {ITEM} AS item, {CONTENT}, {PAGE_POSITION} AS token,
         row_number() OVER (ORDER BY m.create_time DESC, m.id DESC) AS n
  FROM message m WHERE m.person_id = $1 {VIEW} {condition}
  ORDER BY m.create_time DESC, m.id DESC LIMIT $2 + 1
)
SELECT {_arrays("n <= $2")}, convert_to(json_build_object(
  'next_page_token', CASE WHEN count(*) > $2 THEN max(token) FILTER (WHERE n = $2) ELSE '' END,
  'unread_count', {_UNREAD}, 'counts', {counts})::text, 'UTF8') AS rest FROM page
"""  # noqa: S608 - built of constants


_LATER = "AND (m.create_time, m.id) < ($5, $6)"
_FOUND = "AND m.id = ANY($5::uuid[])"
_FIRST_PAGE = _page("", _COUNTS)
_LATER_PAGE = _page(_LATER, "NULL::json")
_FIRST_FOUND = _page(_FOUND, _COUNTS)
_LATER_FOUND = _page(_FOUND, "NULL::json")
_ONE = f"""
SELECT {KEY_OF_PERSON}, m.id, convert_to({ITEM}::text, 'UTF8'), {CONTENT}
FROM message m WHERE m.person_id = $1 AND m.id = $2
"""  # noqa: S608 - built of constants
_SINCE = f"""
WITH seen AS (SELECT create_time, id FROM message WHERE person_id = $1 AND id = $2),
page AS (
  SELECT m.id, {ITEM} AS item, {CONTENT},
         row_number() OVER (ORDER BY m.create_time, m.id) AS n
  FROM message m, seen
  WHERE m.person_id = $1 AND (m.create_time, m.id) > (seen.create_time, seen.id)
  ORDER BY m.create_time, m.id LIMIT {SINCE_AT_MOST}
)
SELECT {_arrays("true")}, convert_to(json_build_object(
  'next_page_token', '', 'unread_count', {_UNREAD})::text, 'UTF8') AS rest FROM page
HAVING EXISTS (SELECT FROM seen)
"""  # noqa: S608 - built of constants
_COUNT = "SELECT count(*) FROM message WHERE person_id = $1 AND read_time IS NULL"


class PostgresMessageReader:
    """The port `MessageReader`."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self._ring = database, ring
        self._search = Search(database, ring)

    async def page(
        self,
        person: str,
        *,
        size: int,
        after: tuple[datetime, uuid.UUID] | None,
        asked: MessageFilter,
    ) -> bytes:
        """Newest first."""
        values = (person, size, asked.view.value, [group.value for group in asked.groups])
        if asked.query:
            found = await self._search.find(person, asked, size=size, after=after)
            statement = _LATER_FOUND if after else _FIRST_FOUND
            return await self._items(statement, *values, found)
        statement = _LATER_PAGE if after else _FIRST_PAGE
        return await self._items(statement, *values, *(after or ()))

    async def one(self, person: str, message: uuid.UUID) -> bytes | None:
        """One message, or None."""
        row = await self._database.fetch_row(_ONE, person, message)
        return None if row is None else whole(self._ring, *row)

    async def since(self, person: str, message: uuid.UUID) -> bytes | None:
        """At most 200 messages after the named one, oldest first."""
        row = await self._database.fetch_row(_SINCE, person, message)
        return None if row is None else self._joined(row)

    async def unread(self, person: str) -> int:
        """How many are unread."""
        return int(await self._database.fetch_value(_COUNT, person))

    async def _items(self, statement: str, *values: object) -> bytes:
        return self._joined(await self._database.fetch_row(statement, *values))

    def _joined(self, row: Any) -> bytes:
        ids, items, contents, wrapped, rest = row
        found = b",".join(
            whole(self._ring, wrapped, one, item, content)
            for one, item, content in zip(ids, items, contents, strict=True)
        )
        return b'{"items":[' + found + b"]," + bytes(rest)[1:]
