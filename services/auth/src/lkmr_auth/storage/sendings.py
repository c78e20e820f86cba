"""Sendings of codes in the last hour; telephones and addresses are kept as keyed hashes only."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.personal import Personal

# Sendings to one subject wait for each other, so that side by side there are not more of them.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(encode(:subject, 'hex'), 0))")
_RECENT = sa.text(
    "SELECT send_time FROM code_sending WHERE kind = :kind AND subject = :subject"
    " AND send_time > :since ORDER BY send_time DESC LIMIT :limit"
)
_ADD = sa.text("INSERT INTO code_sending (kind, subject, send_time) VALUES (:kind, :subject, :now)")


class StoredSendings:
    """The port `Sendings` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing) -> None:
        self._connection, self._keyring = connection, keyring

    async def take(
        self, kind: str, subject: Personal[str], limit: int, since: datetime, now: datetime
    ) -> datetime | None:
        key = self._keyring.index("code_sending.subject", f"{kind} {subject.open()}")
        await self._connection.execute(_LOCK, {"subject": key})
        values = {"kind": kind, "subject": key, "since": since, "limit": limit}
        recent = (await self._connection.execute(_RECENT, values)).scalars().all()
        if len(recent) >= limit:
            oldest: datetime = recent[-1]
            return oldest
        await self._connection.execute(_ADD, {"kind": kind, "subject": key, "now": now})
        return None
