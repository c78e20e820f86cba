"""Terms and reminders inside a unit of work."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.domain.reminders import Term
from lkmr_notify.storage.tables import reminder, term
from lkmr_notify.usecases.stores import StoredTerm

_PUT = sa.text(
    """
INSERT INTO term (topic, profile, worker_id, cover, subject, link, zone, start_date, end_date,
                  recommended_months, state, handled_time, next_time, update_time)
VALUES (:topic, :profile, :worker, '', :values, :link, :zone, :start, :end, :months,
        'OPEN', NULL, :look, :now)
ON CONFLICT (topic) DO UPDATE SET
  profile = excluded.profile, worker_id = excluded.worker_id, subject = excluded.subject,
  link = excluded.link, zone = excluded.zone, start_date = excluded.start_date,
  recommended_months = excluded.recommended_months, state = 'OPEN',
  handled_time = CASE WHEN term.end_date = excluded.end_date THEN term.handled_time END,
  end_date = excluded.end_date, next_time = excluded.next_time, update_time = excluded.update_time
"""
)
_NOTIFY = sa.text("NOTIFY reminders")


class StoredTerms:
    """The port `Terms`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, given: Term, look: datetime | None, now: datetime) -> bool:
        """Keep a term, to be looked at then; True when its last day is another one than before."""
        known = await self._connection.scalar(
            sa.select(term.c.end_date).where(term.c.topic == given.topic).with_for_update()
        )
        await self._connection.execute(
            _PUT,
            {
                "topic": given.topic,
                "profile": given.profile,
                "worker": given.worker,
                "values": given.values,
                "link": given.link,
                "zone": given.zone.key,
                "start": given.start_date,
                "end": given.end_date,
                "months": given.recommended_months,
                "look": look,
                "now": now,
            },
        )
        await self._connection.execute(_NOTIFY)
        return known is not None and bool(known != given.end_date)

    async def settle(self, topic: str, now: datetime) -> None:
        """Nothing is to be reminded of any more."""
        await self._connection.execute(
            sa.update(term)
            .where(term.c.topic == topic)
            .values(state="SOLVED", next_time=None, update_time=now)
        )

    async def due(self, now: datetime, limit: int) -> list[StoredTerm]:
        """Open terms with a threshold that has passed."""
        rows = await self._connection.execute(
            sa.select(term).where(term.c.next_time <= now).order_by(term.c.next_time).limit(limit)
        )
        return [
            StoredTerm(
                Term(
                    topic=row.topic,
                    profile=row.profile,
                    worker=row.worker_id,
                    start_date=row.start_date,
                    end_date=row.end_date,
                    zone=ZoneInfo(row.zone),
                    link=row.link,
                    values=row.subject,
                    recommended_months=row.recommended_months,
                ),
                row.handled_time,
            )
            for row in rows
        ]

    async def lock(self, found: StoredTerm) -> bool:
        """Hold a term for this transaction; False when it changed since it was read."""
        row = (
            await self._connection.execute(
                sa.select(term.c.end_date, term.c.handled_time, term.c.state)
                .where(term.c.topic == found.term.topic)
                .with_for_update()
            )
        ).first()
        if row is None or row.state != "OPEN":
            return False
        return bool(row.end_date == found.term.end_date and row.handled_time == found.handled)

    async def first(
        self, given: Term, threshold: str, kind: str, people: Sequence[uuid.UUID], now: datetime
    ) -> set[uuid.UUID]:
        """Note a reminder for ever; gives those for whom it is the first time."""
        if not people:
            return set()
        rows = await self._connection.execute(
            insert(reminder)
            .values(
                [
                    {
                        "topic": given.topic,
                        "end_date": given.end_date,
                        "threshold": threshold,
                        "person_id": person,
                        "kind": kind,
                        "create_time": now,
                    }
                    for person in people
                ]
            )
            .on_conflict_do_nothing()
            .returning(reminder.c.person_id)
        )
        return {row.person_id for row in rows}

    async def postpone(self, topic: str, until: datetime) -> None:
        """Look at a term later, because its turn failed."""
        await self._connection.execute(
            sa.update(term)
            .where(term.c.topic == topic, term.c.next_time.is_not(None))
            .values(next_time=until)
        )

    async def handled(self, given: Term, now: datetime, next_time: datetime | None) -> None:
        """Everything up to now was told."""
        await self._connection.execute(
            sa.update(term)
            .where(term.c.topic == given.topic)
            .values(handled_time=now, next_time=next_time, update_time=now)
        )
