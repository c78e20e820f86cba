"""Destruction of what is held about a person: the key of the texts first, then every row."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_access.erasure import Order, Scope

# By the index of messages; letters that gather several belong to none.
_OF_PERSON = (
    "person_id = :person AND (message_id = '00000000-0000-0000-0000-000000000000'"
    " OR message_id IN (SELECT id FROM message WHERE person_id = :person))"
)
_ACCOUNT = (
    ("person_key", "person_id = :person"),
    ("delivery", _OF_PERSON),
    ("message", "person_id = :person"),
    ("push_subscription", "person_id = :person"),
    ("person_setting", "person_id = :person"),
    ("person_choice", "person_id = :person"),
    ("digest", "person_id = :person"),
    (
        "reminder",
        "person_id = :person OR topic IN (SELECT topic FROM term WHERE worker_id = :worker)",
    ),
    ("term", "worker_id = :worker"),
)
_NOTICES = (("push_subscription", "person_id = :person"), ("digest", "person_id = :person"))
_ROWS = {Scope.ACCOUNT: _ACCOUNT, Scope.NOTICES: _NOTICES, Scope.EDUCATION: ()}


class StoredErasure:
    """The port `Destroyer` of lkmr_access over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def files(self, _: Order) -> Sequence[str]:
        """None: this service keeps no objects."""
        return ()

    async def destroy(self, order: Order) -> dict[str, int]:
        destroyed = {}
        values = {"person": order.person, "worker": str(order.worker) if order.worker else "none"}
        for table, whose in _ROWS[order.scope]:
            statement = sa.text(f"DELETE FROM {table} WHERE {whose}")  # noqa: S608 - names of this file
            wanted = {name: values[name] for name in statement.compile().params}
            if count := (await self._connection.execute(statement, wanted)).rowcount:
                destroyed[table] = count
        return destroyed
