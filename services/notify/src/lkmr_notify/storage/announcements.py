"""Announcements inside a unit of work, and reads of them written by the database."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.domain.announcement import Action, Announcement, Kind, State
from lkmr_notify.storage.reader import moment_json
from lkmr_notify.storage.tables import announcement
from lkmr_servicekit.database import Database

_NOTIFY = sa.text("NOTIFY announcements")
_WAKE_DELIVERIES = sa.text("NOTIFY delivery")
_WAITING = sa.text(
    "SELECT count(*) FROM (SELECT 1 FROM delivery WHERE source_id = :id"
    " AND state IN ('CREATED', 'SENDING', 'TEMPORARY_FAILURE') AND next_try_time <= :now"
    " LIMIT :limit) waiting"
)
_PORTION = """
WITH portion AS (
  SELECT create_time, id FROM delivery WHERE source_id = :id AND {which}
  LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE delivery d SET {what}, update_time = :now FROM portion
WHERE d.create_time = portion.create_time AND d.id = portion.id
"""
# A lease that ran out counts as waiting; one that runs is waited for.
_OPEN = "next_try_time IS NOT NULL AND (state <> 'SENDING' OR next_try_time <= :now)"
_HELD = "next_try_time IS NULL AND state = 'CREATED'"
_END = """
next_try_time = NULL, state = CASE WHEN d.handover_time IS NULL
  THEN 'CANCELLED' ELSE 'TECHNICAL_FAILURE' END,
reason = CASE WHEN d.handover_time IS NULL THEN d.reason ELSE 'END_UNKNOWN' END
"""
_RELEASE = "next_try_time = greatest(coalesce(d.due_time, d.create_time), :now)"
_STEER = {
    Action.PAUSE: [
        sa.text(_PORTION.format(which=_OPEN, what="next_try_time = NULL, state = 'CREATED'"))
    ],
    Action.RESUME: [sa.text(_PORTION.format(which=_HELD, what=_RELEASE))],
    Action.CANCEL: [
        sa.text(_PORTION.format(which=_OPEN, what=_END)),
        sa.text(_PORTION.format(which=_HELD, what=_END)),
    ],
}
_FOLLOWED = {
    Action.PAUSE: "next_try_time IS NOT NULL",
    Action.RESUME: _HELD,
    Action.CANCEL: f"(next_try_time IS NOT NULL OR {_HELD})",
}


class StoredAnnouncements:
    """The port `Announcements`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, made: Announcement) -> None:
        """Keep a new one and wake the workers."""
        await self._connection.execute(
            sa.insert(announcement).values(
                id=made.id,
                kind=made.kind.value,
                title=made.title,
                text=made.text,
                link=made.link,
                source=made.source,
                document_version=made.document_version,
                effective_date=made.effective_date,
                expire_date=made.expire_date,
                roles=list(made.roles),
                organizations=list(made.organizations),
                urgent=made.urgent,
                publish_time=made.publish_time,
                state=made.state.value,
                cursor="",
                messages=0,
                created_by=made.created_by,
                create_time=made.create_time,
                update_time=made.create_time,
            )
        )
        await self._connection.execute(_NOTIFY)

    async def get(self, name: uuid.UUID, *, lock: bool = False) -> Announcement | None:
        """One of them, or None."""
        statement = sa.select(announcement).where(announcement.c.id == name)
        rows = await self._connection.execute(statement.with_for_update() if lock else statement)
        row = rows.first()
        return _announcement(row) if row is not None else None

    async def working(self, now: datetime) -> list[Announcement]:
        """Those under way, or whose hour has come."""
        rows = await self._connection.execute(
            sa.select(announcement)
            .where(
                announcement.c.state.in_(["SCHEDULED", "SENDING"]),
                announcement.c.publish_time <= now,
            )
            .order_by(announcement.c.urgent.desc(), announcement.c.publish_time)
            .limit(20)
        )
        return [_announcement(row) for row in rows]

    async def waiting(self, name: uuid.UUID, limit: int, now: datetime) -> int:
        """How many of its deliveries are due and not done, counted up to a limit."""
        found = await self._connection.scalar(_WAITING, {"id": name, "limit": limit, "now": now})
        return int(found or 0)

    async def advance(self, made: Announcement, now: datetime) -> None:
        """Keep state, cursor and count."""
        await self._connection.execute(
            sa.update(announcement)
            .where(announcement.c.id == made.id)
            .values(
                state=made.state.value,
                cursor=made.cursor,
                messages=made.messages,
                steering=made.steering,
                update_time=now,
            )
        )
        await self._connection.execute(_NOTIFY)

    async def steered(self) -> list[uuid.UUID]:
        """Those whose deliveries do not all follow their state yet."""
        rows = await self._connection.execute(
            sa.select(announcement.c.id).where(announcement.c.steering)
        )
        return list(rows.scalars())

    async def steer_deliveries(
        self, name: uuid.UUID, action: Action, now: datetime, limit: int
    ) -> int:
        """Hold, release or cancel some of what waits to be sent of it; gives how many."""
        values = {"id": name, "now": now, "limit": limit}
        moved = 0
        for statement in _STEER[action]:
            moved += (await self._connection.execute(statement, values)).rowcount
        if moved and action is Action.RESUME:
            await self._connection.execute(_WAKE_DELIVERIES)
        return moved

    async def followed(self, name: uuid.UUID, action: Action) -> bool:
        """Whether nothing is left that does not follow."""
        left = f"SELECT EXISTS (SELECT FROM delivery WHERE source_id = :id AND {_FOLLOWED[action]})"  # noqa: S608 - built of constants
        return not await self._connection.scalar(sa.text(left), {"id": name})


def _announcement(row: Row[Any]) -> Announcement:
    return Announcement(
        id=row.id,
        kind=Kind(row.kind),
        title=row.title,
        text=row.text,
        link=row.link,
        source=row.source,
        document_version=row.document_version,
        effective_date=row.effective_date,
        expire_date=row.expire_date,
        roles=tuple(row.roles),
        organizations=tuple(row.organizations),
        urgent=row.urgent,
        publish_time=row.publish_time,
        state=State(row.state),
        cursor=row.cursor,
        messages=row.messages,
        steering=row.steering,
        created_by=row.created_by,
        create_time=row.create_time,
    )


_ITEM = f"""
json_build_object('id', a.id, 'kind', a.kind, 'title', a.title, 'text', a.text, 'link', a.link,
  'source', a.source, 'document_version', a.document_version,
  'effective_date', to_char(a.effective_date, 'YYYY-MM-DD'),
  'expire_date', to_char(a.expire_date, 'YYYY-MM-DD'), 'roles', a.roles,
  'organizations', a.organizations, 'urgent', a.urgent, 'state', a.state,
  'publish_time', {moment_json("a.publish_time")}, 'create_time', {moment_json("a.create_time")},
  'messages', a.messages)
"""
_PROGRESS = f"""
SELECT convert_to(({_ITEM}::jsonb || jsonb_build_object('deliveries',
  (SELECT coalesce(jsonb_object_agg(state, n), '{{}}'::jsonb) FROM (
     SELECT CASE d.state WHEN 'CREATED' THEN 'QUEUED' ELSE d.state END AS state, count(*) AS n
       FROM delivery d WHERE d.source_id = a.id GROUP BY 1) counted)))::text, 'UTF8')
  FROM announcement a WHERE a.id = $1
"""  # noqa: S608 - built of constants
_PAGE = f"""
WITH page AS (
  SELECT {_ITEM} AS item, a.create_time, a.id,
         row_number() OVER (ORDER BY a.create_time DESC, a.id DESC) AS n
  FROM announcement a
  WHERE ($2::text = '' OR a.organizations = ARRAY[$2::text])
    AND ($3::timestamptz IS NULL OR (a.create_time, a.id) < ($3, $4::uuid))
  ORDER BY a.create_time DESC, a.id DESC LIMIT $1 + 1
)
SELECT convert_to(json_build_object(
  'items', coalesce(json_agg(item ORDER BY n) FILTER (WHERE n <= $1), '[]'::json),
  'last', (SELECT json_build_array((extract(epoch FROM create_time) * 1000000)::bigint, id)
             FROM page WHERE n = $1 AND EXISTS (SELECT FROM page WHERE n > $1))
)::text, 'UTF8') FROM page
"""  # noqa: S608 - built of constants
_CURRENT = f"""
SELECT convert_to(json_build_object(
  'items', coalesce(json_agg(item ORDER BY day, made), '[]'::json),
  'next_page_token', '')::text, 'UTF8')
FROM (SELECT {_ITEM} AS item, a.effective_date AS day, a.create_time AS made FROM announcement a
  WHERE a.state IN ('SENDING', 'DONE') AND a.kind <> 'SERVICE'
    AND (cardinality(a.roles) = 0 OR a.roles && $1::text[])
    AND (cardinality(a.organizations) = 0 OR $2::text = ANY(a.organizations))
    AND (a.expire_date IS NULL OR a.expire_date >= $3::date)
    AND (a.expire_date IS NOT NULL OR a.create_time > $4::timestamptz)
  ORDER BY a.create_time DESC LIMIT 50) current
"""  # noqa: S608 - built of constants


class AnnouncementReader:
    """Reads of announcements as JSON. All raise ServiceError DATABASE_UNAVAILABLE."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def progress(self, name: uuid.UUID) -> bytes | None:
        """One with how many messages and deliveries there are."""
        body = await self._database.fetch_value(_PROGRESS, name)
        return None if body is None else bytes(body)

    async def page(
        self, size: int, organization: str, after: tuple[datetime, uuid.UUID] | None
    ) -> bytes:
        """Newest first; of one organisation unless its id is empty."""
        moment, name = after or (None, None)
        return bytes(await self._database.fetch_value(_PAGE, size, organization, moment, name))

    async def current(
        self, roles: list[str], organization: str, today: date, since: datetime
    ) -> bytes:
        """Those that concern a person now, the nearest day first."""
        return bytes(await self._database.fetch_value(_CURRENT, roles, organization, today, since))
