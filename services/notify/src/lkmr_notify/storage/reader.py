"""Hot reads: PostgreSQL writes the JSON, nothing is decoded on the way."""

import uuid
from datetime import datetime

from lkmr_notify.usecases.ports import MessageFilter
from lkmr_servicekit.database import Database

SINCE_AT_MOST = 200


def moment_json(column: str) -> str:
    """A moment as RFC 3339 in UTC."""
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


def folded(column: str) -> str:
    """Text for search: case and the letter Ё do not matter."""
    return f"translate(lower({column}), 'ё', 'е')"


STATE_WORD = "CASE d.state WHEN 'CREATED' THEN 'QUEUED' ELSE d.state END"
# Deliveries of a message are made with it or, standing in for a failed one, within three days.
_CHANNELS = f"""(
SELECT coalesce(json_agg(json_build_object('channel', d.channel, 'state', {STATE_WORD},
    'reason', d.reason, 'time', {moment_json("d.update_time")})
  ORDER BY d.create_time, d.channel), '[]'::json)
FROM delivery d WHERE d.message_id = m.id AND d.create_time
  BETWEEN m.create_time - interval '1 day' AND m.create_time + interval '5 days')
"""  # noqa: S608 - built of constants
ITEM = (
    "json_build_object('id', m.id, 'kind', m.kind, 'group', m.category, 'title', m.title,"
    " 'text', m.text, 'why', m.why, 'urgency', m.urgency, 'task', m.task,"
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
_VIEW = f"""
  AND CASE $3::text WHEN 'UNREAD' THEN m.read_time IS NULL
    WHEN 'TASKS' THEN m.task AND m.done_time IS NULL
    WHEN 'DONE' THEN m.done_time IS NOT NULL ELSE true END
  AND (cardinality($4::text[]) = 0 OR m.category = ANY($4::text[]))
  AND ($5::text = '' OR strpos({folded("m.title || ' ' || m.text || ' ' || m.owner")},
                               {folded("$5::text")}) > 0)
"""


def _page(condition: str, counts: str) -> str:
    return f"""
WITH page AS (
  SELECT {ITEM} AS item, {PAGE_POSITION} AS token,
         row_number() OVER (ORDER BY m.create_time DESC, m.id DESC) AS n
  FROM message m WHERE m.person_id = $1 {_VIEW} {condition}
  ORDER BY m.create_time DESC, m.id DESC LIMIT $2 + 1
)
SELECT convert_to(json_build_object(
  'items', coalesce(json_agg(item ORDER BY n) FILTER (WHERE n <= $2), '[]'::json),
  'next_page_token', CASE WHEN count(*) > $2 THEN max(token) FILTER (WHERE n = $2) ELSE '' END,
  'unread_count', (SELECT count(*) FROM message WHERE person_id = $1 AND read_time IS NULL),
  'counts', {counts}
)::text, 'UTF8') FROM page
"""  # noqa: S608 - built of constants


_FIRST_PAGE = _page("", _COUNTS)
_LATER_PAGE = _page("AND (m.create_time, m.id) < ($6, $7)", "NULL::json")
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
        self,
        person: str,
        *,
        size: int,
        after: tuple[datetime, uuid.UUID] | None,
        asked: MessageFilter,
    ) -> bytes:
        """Newest first."""
        statement = _FIRST_PAGE if after is None else _LATER_PAGE
        groups = [group.value for group in asked.groups]
        values = (person, size, asked.view.value, groups, asked.query, *(after or ()))
        return bytes(await self._database.fetch_value(statement, *values))

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
