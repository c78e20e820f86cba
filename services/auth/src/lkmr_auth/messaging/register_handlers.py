"""Facts from others that concern people and their rights."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from lkmr.accreditation.v1 import events_pb2 as accreditation
from lkmr.egisz_bridge.v1 import events_pb2 as bridge

from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription
from lkmr_servicekit.resource_names import ids_in

Facts = Sequence[tuple[str, Event[Any]]]
Follow = Callable[[str, int, Event[Any]], Awaitable[None]]
FollowCompliance = Callable[[Facts], Awaitable[None]]


class RegisterHandlers:
    """Bring accounts, roles and the right to practise up to date when registers say so."""

    def __init__(self, follow: Follow, follow_compliance: FollowCompliance) -> None:
        self._follow, self._follow_compliance = follow, follow_compliance

    def subscriptions(self) -> list[Subscription]:
        """What auth listens to."""
        return [
            Subscription(bridge.RegisterRecordChanged, self.on_register_record_changed, 8),
            Subscription(
                accreditation.ComplianceChanged,
                self.on_compliance_changed,
                8,
                batch=self.on_compliance_of_many_changed,
            ),
        ]

    async def on_register_record_changed(self, event: Event[bridge.RegisterRecordChanged]) -> None:
        """Read the card that changed and let account, roles and sessions follow."""
        (worker,) = ids_in(event.data.worker, "workers")
        await self._follow(worker, event.data.version, event)

    async def on_compliance_changed(self, event: Event[accreditation.ComplianceChanged]) -> None:
        """Verdicts about a worker changed: the right to practise may have ended or come back."""
        await self.on_compliance_of_many_changed([event])

    async def on_compliance_of_many_changed(
        self, events: Sequence[Event[accreditation.ComplianceChanged]]
    ) -> None:
        """The same for a portion of events, as after a change of law."""
        workers = (ids_in(event.data.worker, "workers")[0] for event in events)
        await self._follow_compliance(list(zip(workers, events, strict=True)))
