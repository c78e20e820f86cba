"""Requests to explain an access; what a person wrote is sealed under the person's key."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.access_log import Dispute
from lkmr_auth.storage.seal import Seals, seal_text
from lkmr_servicekit.personal import Personal

_CONCERNS = sa.text(
    "SELECT EXISTS (SELECT FROM journal_entry WHERE event_id = :event"
    " AND subject = ANY(CAST(:subjects AS text[])))"
)
_ADD = sa.text(
    "INSERT INTO access_dispute (id, person_id, event_id, text, create_time)"
    " VALUES (:id, :person, :event, :text, :time) ON CONFLICT (person_id, event_id) DO NOTHING"
)
_GET = sa.text(
    "SELECT id, create_time FROM access_dispute WHERE person_id = :person AND event_id = :event"
)


class StoredDisputes:
    """The port `Disputes` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def concerns(self, entry: uuid.UUID, subjects: Sequence[str]) -> bool:
        values = {"event": entry, "subjects": list(subjects)}
        return bool((await self._connection.execute(_CONCERNS, values)).scalar_one())

    async def add(self, dispute: Dispute, text: Personal[str]) -> Dispute:
        key = await self._seals.of_person(dispute.person_id)
        place = ("access_dispute", "text", str(dispute.id))
        await self._connection.execute(
            _ADD,
            {
                "id": dispute.id,
                "person": dispute.person_id,
                "event": dispute.event_id,
                "text": seal_text(key, text, *place) if text.open() else None,
                "time": dispute.create_time,
            },
        )
        mine = {"person": dispute.person_id, "event": dispute.event_id}
        row = (await self._connection.execute(_GET, mine)).one()
        return Dispute(row.id, dispute.person_id, dispute.event_id, row.create_time)
