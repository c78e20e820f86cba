"""Destruction of what is held about the education of a worker."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_access.erasure import Order, Scope

_ACTIVITIES = "activity_id IN (SELECT id FROM activity WHERE worker_id = :worker)"
# The row of the worker goes last: its key opens the numbers of certificates.
_ROWS = (
    ("confirmation", "worker_id = :worker"),
    ("certificate", "worker_id = :worker"),
    ("activity_change", _ACTIVITIES),
    ("activity", "worker_id = :worker"),
    ("plan_item", "worker_id = :worker"),
    ("code_attempt", "worker_id = :worker"),
    ("calendar_link", "worker_id = :worker"),
    ("consent", "worker_id = :worker"),
    ("worker", "id = :worker"),
)
_FILES = sa.text("SELECT file_key FROM certificate WHERE worker_id = :worker AND file_key <> ''")
# What registers answered about documents, and the next question to them; a consent that was given
# anew before the order came has them asked again.
_ANSWERS = sa.text(
    "UPDATE certificate SET check_state = 'NOT_CHECKED', check_fields = '[]', check_time = NULL,"
    " next_check_time = (SELECT max(k.decide_time) FROM consent k WHERE k.worker_id = :worker"
    " AND k.given AND certificate.type IN ('CPD_CERTIFICATE', 'RETRAINING_DIPLOMA'))"
    " WHERE worker_id = :worker AND (check_state <> 'NOT_CHECKED' OR next_check_time IS NOT NULL)"
)


class StoredErasure:
    """The port `Destroyer` of lkmr_access over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def files(self, order: Order) -> Sequence[str]:
        if order.scope is not Scope.ACCOUNT or order.worker is None:
            return ()
        found = await self._connection.execute(_FILES, {"worker": order.worker})
        return tuple(found.scalars())

    async def destroy(self, order: Order) -> dict[str, int]:
        if order.worker is None or order.scope is Scope.NOTICES:
            return {}
        values = {"worker": order.worker}
        if order.scope is Scope.EDUCATION:
            answers = (await self._connection.execute(_ANSWERS, values)).rowcount
            return {"certificate_check": answers} if answers else {}
        files = len(await self.files(order))
        destroyed = {"file": files} if files else {}
        for table, whose in _ROWS:
            statement = sa.text(f"DELETE FROM {table} WHERE {whose}")  # noqa: S608 - names of this file
            if count := (await self._connection.execute(statement, values)).rowcount:
                destroyed[table] = count
        return destroyed
