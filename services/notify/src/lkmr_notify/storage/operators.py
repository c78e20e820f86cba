"""What operators see of deliveries and of events that could not be handled."""

import uuid
from datetime import datetime

from lkmr_notify.storage.reader import STATE_WORD, moment_json
from lkmr_servicekit.database import Database

_DELIVERIES = f"""
WITH page AS (
  SELECT json_build_object('id', d.id, 'message', d.message_id, 'person', d.person_id,
    'channel', d.channel, 'kind', d.kind, 'state', {STATE_WORD}, 'reason', d.reason,
    'attempts', d.attempts, 'provider', d.provider,
    'create_time', {moment_json("d.create_time")}, 'update_time', {moment_json("d.update_time")},
    'next_try_time', {moment_json("d.next_try_time")}) AS item, d.create_time, d.id,
    row_number() OVER (ORDER BY d.create_time DESC, d.id DESC) AS n
  FROM delivery d
  WHERE ($2::uuid IS NULL OR d.message_id = $2) AND ($3::uuid IS NULL OR d.person_id = $3)
    AND ($4::text = '' OR d.state = $4) AND ($5::text = '' OR d.channel = $5)
    AND ($6::timestamptz IS NULL OR (d.create_time, d.id) < ($6, $7::uuid))
  ORDER BY d.create_time DESC, d.id DESC LIMIT $1 + 1
)
SELECT convert_to(json_build_object(
  'items', coalesce(json_agg(item ORDER BY n) FILTER (WHERE n <= $1), '[]'::json),
  'last', (SELECT json_build_array((extract(epoch FROM create_time) * 1000000)::bigint, id)
             FROM page WHERE n = $1 AND EXISTS (SELECT FROM page WHERE n > $1))
)::text, 'UTF8') FROM page
"""  # noqa: S608 - built of constants
_DEAD = f"""
SELECT convert_to(json_build_object('items', coalesce(json_agg(json_build_object(
  'event_id', event_id, 'consumer', consumer, 'subject', subject,
  'resource', headers->>'ce-subject', 'reason', reason, 'deliveries', deliveries,
  'create_time', {moment_json("create_time")}, 'replay_asked', replay_time IS NOT NULL)
  ORDER BY create_time), '[]'::json), 'next_page_token', '')::text, 'UTF8')
FROM (SELECT * FROM dead_event WHERE resolve_time IS NULL ORDER BY create_time LIMIT 200) dead
"""  # noqa: S608 - built of constants
_REPLAY = """
UPDATE dead_event SET replay_time = $2 WHERE event_id = $1 AND resolve_time IS NULL RETURNING 1
"""


class OperatorReader:
    """Reads of operators as JSON. All raise ServiceError DATABASE_UNAVAILABLE."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def deliveries(
        self,
        size: int,
        after: tuple[datetime, uuid.UUID] | None,
        *,
        message: uuid.UUID | None,
        person: uuid.UUID | None,
        state: str,
        channel: str,
    ) -> bytes:
        """Newest first, without any contact."""
        moment, name = after or (None, None)
        return bytes(
            await self._database.fetch_value(
                _DELIVERIES, size, message, person, state, channel, moment, name
            )
        )

    async def dead_events(self) -> bytes:
        """The oldest two hundred that nobody has resolved."""
        return bytes(await self._database.fetch_value(_DEAD))

    async def replay(self, event: uuid.UUID, now: datetime) -> bool:
        """Ask for an event to be handled anew; False when there is none such."""
        return await self._database.fetch_value(_REPLAY, event, now) is not None
