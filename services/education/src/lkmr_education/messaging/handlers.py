"""Facts from others that concern education."""

from typing import Any

from lkmr.accreditation.v1 import events_pb2 as accreditation

from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription
from lkmr_servicekit.resource_names import ids_in


class Handlers:
    """Note that what is kept about a worker is out of date."""

    def __init__(self, *, new_uow: NewUnitOfWork) -> None:
        self._new_uow = new_uow

    def subscriptions(self) -> list[Subscription]:
        """What this service listens to."""
        return [
            Subscription(accreditation.AccreditationRecorded, self.on_accreditation_recorded, 8),
            Subscription(accreditation.AccreditationChanged, self.on_accreditation_changed, 8),
            Subscription(accreditation.AccreditationAnnulled, self.on_accreditation_annulled, 8),
        ]

    async def on_accreditation_recorded(
        self, event: Event[accreditation.AccreditationRecorded]
    ) -> None:
        """A new admission opens a new cycle."""
        await self._forget("accreditation-recorded", event)

    async def on_accreditation_changed(
        self, event: Event[accreditation.AccreditationChanged]
    ) -> None:
        """An admission that changed may move its cycle."""
        await self._forget("accreditation-changed", event)

    async def on_accreditation_annulled(
        self, event: Event[accreditation.AccreditationAnnulled]
    ) -> None:
        """An annulled admission closes its cycle."""
        await self._forget("accreditation-annulled", event)

    async def _forget(self, consumer: str, event: Event[Any]) -> None:
        worker, _ = ids_in(event.data.accreditation, "workers", "accreditations")
        async with self._new_uow() as uow:
            if not await uow.inbox.first_time(consumer, event):
                return
            await uow.workers.forget_record(worker)
            await uow.activities.announce_credit(worker, "")
            await uow.commit()
