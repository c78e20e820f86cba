"""The order of `auth` as it is heard, and the report of a service as it is announced."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from google.protobuf.message import Message
from lkmr.auth.v1.events_pb2 import ErasureOrdered
from lkmr.type.v1.destroyed_data_pb2 import DestroyedData
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_access.erasure import Destroyer, Order, Scope
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Announcement, Event
from lkmr_servicekit.inbox import Inbox, Subscription
from lkmr_servicekit.outbox import Outbox
from lkmr_servicekit.resource_names import ids_in
from lkmr_servicekit.telemetry import log
from lkmr_servicekit.transaction import Transaction

CONSUMER = "erasure-ordered"


class ErasureUnitOfWork(Transaction, Protocol):
    """The transaction of a service as far as a destruction needs it."""

    @property
    def connection(self) -> AsyncConnection: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def erasure(self) -> Destroyer: ...


class ErasureHandler:
    """Destroys what a service holds, in one transaction with the note of the event and the report.

    Objects of the store go before: whoever is killed in between begins anew and misses nothing.
    """

    def __init__(
        self,
        service: str,
        report: type[Message],
        *,
        new_uow: Callable[[], ErasureUnitOfWork],
        clock: Clock,
        drop: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """`report` is the service's own `ErasureReported`; `drop` removes an object by its key."""
        self._service, self._report, self._new_uow = service, report, new_uow
        self._clock, self._drop = clock, drop

    def subscription(self) -> Subscription:
        """The order."""
        return Subscription(ErasureOrdered, self.on_erasure_ordered, 4)

    async def on_erasure_ordered(self, event: Event[ErasureOrdered]) -> None:
        """Destroy and report. Raises ServiceError while database or object store is away."""
        order = order_of(event.data)
        async with self._new_uow() as uow:
            keys = await uow.erasure.files(order)
        if self._drop is not None:
            for key in keys:
                await self._drop(key)
        async with self._new_uow() as uow:
            if not await uow.inbox.first_time(CONSUMER, event):
                return
            destroyed = dict(await uow.erasure.destroy(order))
            outbox = Outbox(uow.connection, source=self._service, clock=self._clock)
            await outbox.add([self._announcement(order, destroyed)])
            await uow.commit()
        log.info("erasure.done", erasure=order.erasure, rows=sum(destroyed.values()))

    def _announcement(self, order: Order, destroyed: dict[str, int]) -> Announcement:
        kinds = [DestroyedData(kind=kind, count=count) for kind, count in destroyed.items()]
        made: Any = self._report
        return Announcement(order.erasure, made(erasure=order.erasure, destroyed=kinds))


def order_of(data: ErasureOrdered) -> Order:
    """The order in a message. Raises ValueError for one that names nobody."""
    (person,) = ids_in(data.person, "persons")
    worker = ids_in(data.worker, "workers")[0] if data.worker else ""
    return Order(
        erasure=data.erasure,
        person=uuid.UUID(person),
        worker=uuid.UUID(worker) if worker else None,
        scope=Scope(data.scope),
    )
