"""Destruction of an account: what stays on a ground of law is sealed anew, all else loses its key.

The row of the person remains without a person in it: rows of the journal and acts of
administrators point to its id. Its blind index is random, so nobody finds the account again.
"""

import os
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_access.erasure import Order, Scope
from lkmr_auth.domain.person import AccountState
from lkmr_auth.storage.seal import open_text, seal_text
from lkmr_servicekit.encryption import DataKey, KeyRing
from lkmr_servicekit.personal import Personal

_OWN = "person_id = :person"
_ROWS = (
    ("esia_session", _OWN),
    ("session", _OWN),
    ("waiting_sign_in", _OWN),
    ("one_time_code", _OWN),
    ("passkey", _OWN),
    ("passkey_challenge", _OWN),
    ("backup_code", _OWN),
    ("cabinet_password", _OWN),
    ("activation", _OWN),
    ("employee_claim", _OWN),
    ("draft", _OWN),
    ("binding", _OWN),
    ("delegation", "person_id = :person OR delegate_id = :person"),
    ("access_dispute", _OWN),
)
KEPT = (
    ("act_by_hand", "person_id"),
    ("emergency_access", "person_id"),
    ("role_request", "person_id"),
    ("policy", "updated_by"),
)
"""Reasons of decisions, sealed under the key of the person in this column."""
_TEXTS = sa.text(
    "UPDATE data_request SET text = NULL, extend_reason = NULL, answer = NULL WHERE person_id ="
    " :person AND (text IS NOT NULL OR extend_reason IS NOT NULL OR answer IS NOT NULL)"
)
_ADDRESSES = sa.text(
    "SELECT (SELECT count(*) FROM journal_entry WHERE actor = :actor AND address IS NOT NULL)"
    " + (SELECT count(*) FROM journal_pending WHERE actor = :actor AND address IS NOT NULL)"
)
_LOCK = sa.text("SELECT data_key, state FROM person WHERE id = :person FOR UPDATE")
_EMPTY = sa.text(
    "UPDATE person SET state = :state, snils_index = :index, data_key = :key, snils = :snils,"
    " names = NULL, contacts = NULL, employee_number = NULL, worker_id = NULL,"
    " register_version = '', register_jobs = '[]', code_lock_time = NULL, lapses = '[]'"
    " WHERE id = :person"
)


class StoredDestroyer:
    """The port `Destroyer` of lkmr_access over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing) -> None:
        self._connection, self._keyring = connection, keyring

    async def files(self, _: Order) -> Sequence[str]:
        """None: auth keeps no objects."""
        return ()

    async def destroy(self, order: Order) -> dict[str, int]:
        values = {"person": order.person}
        row = (await self._connection.execute(_LOCK, values)).first()
        gone = AccountState.ERASED.value
        if order.scope is not Scope.ACCOUNT or row is None or row.state == gone:
            return {}
        destroyed = {}
        for table, whose in _ROWS:
            statement = sa.text(f"DELETE FROM {table} WHERE {whose}")  # noqa: S608 - names of this file
            destroyed[table] = (await self._connection.execute(statement, values)).rowcount
        destroyed["data_request"] = (await self._connection.execute(_TEXTS, values)).rowcount
        actor = {"actor": f"persons/{order.person}"}
        found = await self._connection.execute(_ADDRESSES, actor)
        destroyed["journal_address"] = found.scalar_one()
        old, new = self._keyring.data_key(bytes(row.data_key)), self._keyring.new_data_key()
        for table, column in KEPT:
            await self._seal_anew(table, column, order, old, new)
        place = ("person", "snils", str(order.person))
        await self._connection.execute(
            _EMPTY,
            values
            | {
                "state": gone,
                "index": os.urandom(16),
                "key": new.wrapped,
                "snils": seal_text(new, Personal(""), *place),
            },
        )
        destroyed["person"] = 1
        return {kind: count for kind, count in destroyed.items() if count}

    async def _seal_anew(
        self, table: str, column: str, order: Order, old: DataKey, new: DataKey
    ) -> None:
        query = f"SELECT id, reason FROM {table} WHERE {column} = :person"  # noqa: S608 - names of this file
        change = f"UPDATE {table} SET reason = :reason WHERE id = :id"  # noqa: S608 - same
        rows = await self._connection.execute(sa.text(query), {"person": order.person})
        for row in rows.all():
            place = (table, "reason", str(row.id))
            reason = seal_text(new, open_text(old, row.reason, *place), *place)
            await self._connection.execute(sa.text(change), {"id": row.id, "reason": reason})
