"""Facts from others that concern accreditation."""

from collections.abc import Callable
from typing import Any

from lkmr.auth.v1 import events_pb2 as auth
from lkmr.egisz_bridge.v1 import events_pb2 as bridge

from lkmr_accreditation.domain.errors import WorkerUnknown
from lkmr_accreditation.usecases.ports import Register, UnitOfWork
from lkmr_accreditation.usecases.refresh_worker import refresh_worker
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription
from lkmr_servicekit.resource_names import ids_in


class Handlers:
    """Bring workers up to date when somebody says that they changed or came in."""

    def __init__(
        self, *, register: Register, new_uow: Callable[[], UnitOfWork], clock: Clock
    ) -> None:
        self._register, self._new_uow, self._clock = register, new_uow, clock

    def subscriptions(self) -> list[Subscription]:
        """What this service listens to."""
        return [
            Subscription(bridge.RegisterRecordChanged, self.on_register_record_changed, 8),
            Subscription(auth.SessionOpened, self.on_session_opened, 8),
        ]

    async def on_register_record_changed(self, event: Event[bridge.RegisterRecordChanged]) -> None:
        """Read the card that changed and store it with all that follows."""
        await self._refresh(event.data.worker, "register-record-changed", event, event.data.version)

    async def on_session_opened(self, event: Event[auth.SessionOpened]) -> None:
        """Confirm the card of a worker who has just come in, so that home shows fresh data."""
        if event.data.worker:
            await self._refresh(event.data.worker, "session-opened", event)

    async def _refresh(
        self, name: str, consumer: str, event: Event[Any], min_version: int = 0
    ) -> None:
        (worker,) = ids_in(name, "workers")
        try:
            await refresh_worker(
                worker,
                register=self._register,
                new_uow=self._new_uow,
                clock=self._clock,
                consumer=consumer,
                event=event,
                min_version=min_version,
            )
        except WorkerUnknown:
            # The card left the register after the event: there is nothing to store.
            async with self._new_uow() as uow:
                await uow.inbox.first_time(consumer, event)
                await uow.commit()
