"""Starts of sign-ins over all instances; addresses are kept as keyed hashes only."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.personal import Personal

# `free_time` is when a subject would have used up what it has taken (GCRA). One statement takes one
# more or leaves the row alone, so that side by side there are never more.
_TAKE = sa.text(
    "INSERT INTO sign_in_start AS held (kind, subject, free_time)"
    " VALUES (:kind, :subject, :now + :step)"
    " ON CONFLICT (kind, subject) DO UPDATE SET free_time = greatest(held.free_time, :now) + :step"
    " WHERE greatest(held.free_time, :now) + :step <= :now + :span RETURNING free_time"
).bindparams(
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("step", type_=sa.Interval),
    sa.bindparam("span", type_=sa.Interval),
)
_HELD = sa.text("SELECT free_time FROM sign_in_start WHERE kind = :kind AND subject = :subject")
_SPAN = timedelta(minutes=1)


class StoredStarts:
    """The port `Starts` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing) -> None:
        self._connection, self._keyring = connection, keyring

    async def take(
        self, kind: str, subject: Personal[str], per_minute: float, now: datetime
    ) -> timedelta | None:
        key = self._keyring.index("sign_in_start.subject", f"{kind} {subject.open()}")
        where = {"kind": kind, "subject": key}
        step = _SPAN / per_minute
        values = {**where, "now": now, "step": step, "span": _SPAN}
        if (await self._connection.execute(_TAKE, values)).first() is not None:
            return None
        held: datetime = (await self._connection.execute(_HELD, where)).scalar_one()
        return held + step - now - _SPAN
