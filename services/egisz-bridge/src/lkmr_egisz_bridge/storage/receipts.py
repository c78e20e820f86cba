"""The unit of work over receipts."""

from collections.abc import Callable
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Row

from lkmr_egisz_bridge.domain.receipt import Exchange, Receipt, State
from lkmr_egisz_bridge.storage.tables import receipt
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.outbox import Outbox


class ReceiptUnitOfWork(UnitOfWork):
    """The port `ReceiptStore`; `announcement` writes the fact about a new word."""

    def __init__(
        self, database: Database, *, clock: Clock, announcement: Callable[[Receipt], Announcement]
    ) -> None:
        super().__init__(database)
        self._clock, self._announcement = clock, announcement

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._outbox = Outbox(self.connection, source="egisz-bridge", clock=self._clock)
        return self

    async def numbered(self, exchange: Exchange, number: str) -> Receipt | None:
        """What has this number."""
        found = await self.connection.execute(
            sa.select(receipt).where(
                receipt.c.exchange == exchange.value,
                receipt.c.number == number,
                receipt.c.number != "",
            )
        )
        row = found.first()
        return None if row is None else _receipt(row)

    async def hold(self, sent: Receipt) -> Receipt:
        """The receipt as it is kept; its row stays locked until the end."""
        await self.connection.execute(
            insert(receipt).values(**self._values(sent)).on_conflict_do_nothing()
        )
        found = await self.connection.execute(
            sa.select(receipt).where(*_key(sent)).with_for_update()
        )
        return _receipt(found.one())

    async def keep(self, said: Receipt) -> None:
        """Keep the last word."""
        await self.connection.execute(
            sa.update(receipt).where(*_key(said)).values(**self._values(said))
        )

    async def announce(self, said: Receipt) -> None:
        """Put the fact into the outbox of the same transaction."""
        await self._outbox.add([self._announcement(said)])

    def _values(self, one: Receipt) -> dict[str, Any]:
        return {
            "exchange": one.exchange.value,
            "resource": one.resource,
            "version": one.version,
            "number": one.number,
            "state": one.state.value,
            "sender": one.sender,
            "update_time": self._clock.now(),
        }


def _key(one: Receipt) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        receipt.c.exchange == one.exchange.value,
        receipt.c.resource == one.resource,
        receipt.c.version == one.version,
    )


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(
        exchange=Exchange(row.exchange),
        resource=row.resource,
        version=row.version,
        sender=row.sender,
        number=row.number,
        state=State(row.state),
    )
