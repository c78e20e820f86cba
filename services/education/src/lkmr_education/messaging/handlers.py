"""Facts from others that concern education."""

from datetime import datetime
from typing import Any

from lkmr.accreditation.v1 import events_pb2 as accreditation
from lkmr.auth.v1 import events_pb2 as auth

from lkmr_education.usecases.keep_consent import keep_consent
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription
from lkmr_servicekit.resource_names import ids_in

CONSENT = "consent-education"
"""The consent on which ФИС ФРДО is asked: its text stands in `legal.toml` of auth."""


class Handlers:
    """Note that what is kept about a worker is out of date, and what the worker decided."""

    def __init__(self, *, new_uow: NewUnitOfWork, clock: Clock) -> None:
        self._new_uow, self._clock = new_uow, clock

    def subscriptions(self) -> list[Subscription]:
        """What this service listens to."""
        return [
            Subscription(accreditation.AccreditationRecorded, self.on_accreditation_recorded, 8),
            Subscription(accreditation.AccreditationChanged, self.on_accreditation_changed, 8),
            Subscription(accreditation.AccreditationAnnulled, self.on_accreditation_annulled, 8),
            Subscription(auth.ConsentDecided, self.on_consent_decided, 8),
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

    async def on_consent_decided(self, event: Event[auth.ConsentDecided]) -> None:
        """A worker lets registers be asked about documents, or does so no more."""
        decided = event.data
        if decided.consent != CONSENT or not decided.worker:
            return
        (worker,) = ids_in(decided.worker, "workers")
        async with self._new_uow() as uow:
            if not await uow.inbox.first_time("consent-decided", event):
                return
            await keep_consent(
                worker,
                given=decided.decision == "GIVEN",
                time=datetime.fromisoformat(decided.decide_time),
                uow=uow,
                clock=self._clock,
            )
            await uow.commit()

    async def _forget(self, consumer: str, event: Event[Any]) -> None:
        worker, _ = ids_in(event.data.accreditation, "workers", "accreditations")
        async with self._new_uow() as uow:
            if not await uow.inbox.first_time(consumer, event):
                return
            await uow.workers.forget_record(worker)
            await uow.activities.announce_credit(worker, "")
            await uow.commit()
