"""Terms and reminders inside a unit of work, several in a statement.

Rows are always held in the order of their topics, so that two portions never wait in a circle.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.domain.reminders import Term
from lkmr_notify.storage.tables import term
from lkmr_notify.usecases.stores import Reminder, StoredTerm

_HOLD = sa.text(
    "SELECT topic, end_date, handled_time, state FROM term"
    " WHERE topic = ANY(CAST(:topics AS text[])) ORDER BY topic FOR UPDATE"
)
_PUT = sa.text(
    """
INSERT INTO term (topic, profile, worker_id, cover, subject, link, zone, start_date, end_date,
                  recommended_months, state, handled_time, next_time, update_time)
SELECT topic, profile, worker, '', subject, link, zone, start, ending, months, 'OPEN',
       CAST(NULL AS timestamptz), look, :now
  FROM unnest(CAST(:topics AS text[]), CAST(:profiles AS text[]), CAST(:workers AS text[]),
              CAST(:subjects AS text[]), CAST(:links AS text[]), CAST(:zones AS text[]),
              CAST(:starts AS date[]), CAST(:ends AS date[]), CAST(:months AS int[]),
              CAST(:looks AS timestamptz[]))
    AS t (topic, profile, worker, subject, link, zone, start, ending, months, look)
 ORDER BY topic
ON CONFLICT (topic) DO UPDATE SET
  profile = excluded.profile, worker_id = excluded.worker_id, subject = excluded.subject,
  link = excluded.link, zone = excluded.zone, start_date = excluded.start_date,
  recommended_months = excluded.recommended_months, state = 'OPEN',
  handled_time = CASE WHEN term.end_date = excluded.end_date THEN term.handled_time END,
  end_date = excluded.end_date, next_time = excluded.next_time, update_time = excluded.update_time
"""
)
_SETTLE = sa.text(
    "UPDATE term SET state = 'SOLVED', next_time = NULL, update_time = :now"
    " WHERE topic = ANY(CAST(:topics AS text[]))"
)
_FIRST = sa.text(
    """
INSERT INTO reminder (topic, end_date, threshold, person_id, kind, create_time)
SELECT *, :now FROM unnest(CAST(:topics AS text[]), CAST(:ends AS date[]),
                           CAST(:thresholds AS text[]), CAST(:people AS uuid[]),
                           CAST(:kinds AS text[]))
ON CONFLICT DO NOTHING RETURNING topic, end_date, threshold, person_id, kind
"""
)
_HANDLED = sa.text(
    "UPDATE term SET handled_time = :now, next_time = t.look, update_time = :now"
    " FROM unnest(CAST(:topics AS text[]), CAST(:looks AS timestamptz[])) AS t (topic, look)"
    " WHERE term.topic = t.topic"
)
_NOTIFY = sa.text("NOTIFY reminders")


class StoredTerms:
    """The port `Terms`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, topics: Sequence[str]) -> Mapping[str, date]:
        """Hold terms until the end; the last day of each that is known."""
        return {row.topic: row.end_date for row in await self._hold(topics)}

    async def put_all(self, terms: Sequence[tuple[Term, datetime | None]], now: datetime) -> None:
        """Keep terms, each to be looked at at its moment."""
        if not terms:
            return
        given = [one for one, _ in terms]
        looks = [look for _, look in terms]
        await self._connection.execute(
            _PUT,
            {
                "topics": [one.topic for one in given],
                "profiles": [one.profile for one in given],
                "workers": [one.worker for one in given],
                "subjects": [one.values for one in given],
                "links": [one.link for one in given],
                "zones": [one.zone.key for one in given],
                "starts": [one.start_date for one in given],
                "ends": [one.end_date for one in given],
                "months": [one.recommended_months for one in given],
                "looks": looks,
                "now": now,
            },
        )
        if any(look is not None and look <= now for look in looks):
            await self._connection.execute(_NOTIFY)

    async def settle(self, topics: Sequence[str], now: datetime) -> None:
        """Nothing is to be reminded of any more."""
        await self._connection.execute(_SETTLE, {"topics": list(topics), "now": now})

    async def due(self, now: datetime, limit: int) -> list[StoredTerm]:
        """Open terms with a threshold that has passed."""
        rows = await self._connection.execute(
            sa.select(term).where(term.c.next_time <= now).order_by(term.c.next_time).limit(limit)
        )
        return [_stored(row) for row in rows]

    async def lock(self, found: Sequence[StoredTerm]) -> set[str]:
        """Hold terms until the end; topics of those that are as they were when they were read."""
        rows = {row.topic: row for row in await self._hold([one.term.topic for one in found])}
        return {
            one.term.topic
            for one in found
            if (row := rows.get(one.term.topic)) is not None
            and row.state == "OPEN"
            and row.end_date == one.term.end_date
            and row.handled_time == one.handled
        }

    async def first(self, reminders: Sequence[Reminder], now: datetime) -> set[Reminder]:
        """Note reminders for ever; gives those that are noted for the first time."""
        if not reminders:
            return set()
        rows = await self._connection.execute(
            _FIRST,
            {
                "topics": [one.topic for one in reminders],
                "ends": [one.end_date for one in reminders],
                "thresholds": [one.threshold for one in reminders],
                "people": [one.person for one in reminders],
                "kinds": [one.kind for one in reminders],
                "now": now,
            },
        )
        return {Reminder(*row) for row in rows}

    async def postpone(self, topic: str, until: datetime) -> None:
        """Look at a term later, because its turn failed."""
        await self._connection.execute(
            sa.update(term)
            .where(term.c.topic == topic, term.c.next_time.is_not(None))
            .values(next_time=until)
        )

    async def handled(self, looks: Sequence[tuple[str, datetime | None]], now: datetime) -> None:
        """Everything up to now was told; look at each again at its moment."""
        values = {"topics": [one for one, _ in looks], "looks": [look for _, look in looks]}
        await self._connection.execute(_HANDLED, {**values, "now": now})

    async def _hold(self, topics: Sequence[str]) -> Sequence[Row[Any]]:
        return list(await self._connection.execute(_HOLD, {"topics": list(topics)}))


def _stored(row: Row[Any]) -> StoredTerm:
    return StoredTerm(
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
