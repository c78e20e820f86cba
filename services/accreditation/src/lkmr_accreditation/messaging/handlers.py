"""Facts from others that concern accreditation."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from lkmr.auth.v1 import events_pb2 as auth
from lkmr.education.v1 import events_pb2 as education
from lkmr.egisz_bridge.v1 import events_pb2 as bridge

from lkmr_accreditation.domain.errors import WorkerUnknown
from lkmr_accreditation.domain.facts import Identity
from lkmr_accreditation.usecases.ports import Register, UnitOfWork
from lkmr_accreditation.usecases.refresh_worker import refresh_worker
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription
from lkmr_servicekit.resource_names import ids_in


class Handlers:
    """Bring workers up to date when somebody says that they changed or came in."""

    def __init__(
        self,
        *,
        register: Register,
        new_uow: Callable[[], UnitOfWork],
        clock: Clock,
        hours: Callable[..., Awaitable[None]],
        loads: Callable[[Sequence[str], Event[Any]], Awaitable[None]],
    ) -> None:
        """`hours` keeps the hours of a worker anew (`refresh_hours`).

        `loads` notes whose hours a load of credits moved (`LoadFollower.note`).
        """
        self._register, self._new_uow, self._clock = register, new_uow, clock
        self._hours, self._loads = hours, loads

    def subscriptions(self) -> list[Subscription]:
        """What this service listens to."""
        return [
            Subscription(bridge.RegisterRecordChanged, self.on_register_record_changed, 8),
            Subscription(auth.SessionOpened, self.on_session_opened, 8),
            Subscription(education.CreditChanged, self.on_credit_changed, 8),
            Subscription(education.CreditsLoaded, self.on_credits_loaded, 1),
        ]

    async def on_register_record_changed(self, event: Event[bridge.RegisterRecordChanged]) -> None:
        """Read the card that changed and store it with all that follows."""
        await self._refresh(event.data.worker, "register-record-changed", event, event.data.version)

    async def on_session_opened(self, event: Event[auth.SessionOpened]) -> None:
        """Confirm the card of a worker who has just come in, so that home shows fresh data."""
        if event.data.worker:
            await self._refresh(event.data.worker, "session-opened", event)
            await self._identity(event)

    async def on_credit_changed(self, event: Event[education.CreditChanged]) -> None:
        """Ask for the hours anew and have the worker judged by them."""
        (worker,) = ids_in(event.data.worker, "workers")
        await self._hours(worker, consumer="credit-changed", event=event)

    async def on_credits_loaded(self, event: Event[education.CreditsLoaded]) -> None:
        """Note whose hours are to be asked for anew; they are many."""
        await self._loads([ids_in(one, "workers")[0] for one in event.data.workers], event)

    async def _identity(self, event: Event[auth.SessionOpened]) -> None:
        """Entry is refused while register and profile differ, so one who came in is the same."""
        (worker,) = ids_in(event.data.worker, "workers")
        same = Identity(checked_on=day_in(MOSCOW, self._clock.now()), equal=True)
        async with self._new_uow() as uow:
            if not await uow.inbox.first_time("session-opened-identity", event):
                return
            if await uow.compliance.note_identity(worker, same):
                await uow.compliance.add_due([worker])
            await uow.commit()
        await self._hours(worker, consumer="session-opened-hours", event=event)

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
