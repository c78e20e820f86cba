"""Destruction of what the cabinet itself holds about a worker; the copy of the register stays.

The register of medical workers (323-ФЗ, art. 91, 91.1) is followed for every worker, with an
account or without. What stays of it is sealed anew, so that the key of all the rest is gone.
"""

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_access.erasure import Order, Scope
from lkmr_accreditation.storage import rows
from lkmr_accreditation.storage.tables import worker
from lkmr_servicekit.encryption import DataKey, KeyRing

_APPLICATIONS = "application_id IN (SELECT id FROM application WHERE worker_id = :worker)"
_OWN_PAPERS = "SELECT id FROM document WHERE worker_id = :worker AND source <> 'REGISTER'"
_ROWS = (
    ("application_step", _APPLICATIONS),
    ("application_file_set", _APPLICATIONS),
    ("application", "worker_id = :worker"),
    ("extract", "worker_id = :worker"),
    ("document_version", f"document_id IN ({_OWN_PAPERS})"),
    ("document", f"id IN ({_OWN_PAPERS})"),
    ("staff", "worker_id = :worker"),
    ("worker_hours", "worker_id = :worker"),
    ("reminder_pause", "worker_id = :worker"),
    ("discrepancy", "worker_id = :worker"),
    ("hours_due", "worker_id = :worker"),
)
_FILES = sa.text(
    f"SELECT file_key FROM document_version WHERE document_id IN ({_OWN_PAPERS})"  # noqa: S608 - text of this file
    " AND file_key IS NOT NULL"
)
_REGISTER_PAPERS = sa.text(
    "SELECT v.document_id, v.version, v.sealed FROM document_version v"
    " JOIN document d ON d.id = v.document_id WHERE d.worker_id = :worker"
)
_RESEAL = sa.text(
    "UPDATE document_version SET sealed = :sealed WHERE document_id = :document"
    " AND version = :version"
)
_JUDGE_ANEW = sa.text(
    "INSERT INTO compliance_due (worker_id) VALUES (:worker) ON CONFLICT DO NOTHING"
)


class StoredErasure:
    """The port `Destroyer` of lkmr_access over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def files(self, order: Order) -> Sequence[str]:
        if order.scope is not Scope.ACCOUNT or order.worker is None:
            return ()
        found = await self._connection.execute(_FILES, {"worker": order.worker})
        return tuple(found.scalars())

    async def destroy(self, order: Order) -> dict[str, int]:
        if order.scope is not Scope.ACCOUNT or order.worker is None:
            return {}
        files = len(await self.files(order))
        destroyed = {"file": files} if files else {}
        for table, whose in _ROWS:
            statement = sa.text(f"DELETE FROM {table} WHERE {whose}")  # noqa: S608 - names of this file
            gone = await self._connection.execute(statement, {"worker": order.worker})
            if gone.rowcount:
                destroyed[table] = gone.rowcount
        if await self._seal_anew(str(order.worker)):
            destroyed["data_key"] = 1
        return destroyed

    async def _seal_anew(self, worker_id: str) -> bool:
        """Give what stays a fresh key; False for a worker whom the register does not have."""
        mine = worker.c.id == sa.cast(worker_id, sa.Uuid)
        found = await self._connection.execute(
            sa.select(worker.c.data_key, worker.c.personal).where(mine).with_for_update()
        )
        row = found.first()
        if row is None:
            return False
        old, new = self._keys.data_key(bytes(row.data_key)), self._keys.new_data_key()
        facts = rows.open_personal(bytes(row.personal), worker_id, old)
        await self._connection.execute(
            sa.update(worker)
            .where(mine)
            .values(
                data_key=new.wrapped,
                personal=rows.seal_personal(facts, worker_id, new),
                identity=sa.null(),
            )
        )
        await self._seal_papers_anew(worker_id, old, new)
        await self._connection.execute(_JUDGE_ANEW, {"worker": worker_id})
        return True

    async def _seal_papers_anew(self, worker_id: str, old: DataKey, new: DataKey) -> None:
        found = await self._connection.execute(_REGISTER_PAPERS, {"worker": worker_id})
        for row in found.all():
            place = ("document_version", "sealed", str(row.document_id), str(row.version))
            content = orjson.loads(old.open(bytes(row.sealed), *place))
            values = {"document": row.document_id, "version": row.version}
            sealed = new.seal(orjson.dumps(content), *place)
            await self._connection.execute(_RESEAL, values | {"sealed": sealed})
