"""Facts from others that concern auth: their acts, for the journal."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from lkmr.type.v1 import act_pb2 as pb

from lkmr_auth.domain.journal import Reported
from lkmr_servicekit.audit_wire import ACT_TOPIC, act_from_proto
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription

PRODUCERS = (
    "auth",  # what operators do with its keys; its own acts take the short way
    "accreditation",
    "education",
    "egisz_bridge",
    "notify",
)
"""Services whose acts are heard; a guard compares the list with the services that there are."""

Record = Callable[[Sequence[Reported]], Awaitable[None]]


class ActIntake:
    """Many acts that arrive at once are written in one transaction."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._waiting: list[tuple[Reported, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    def subscriptions(self) -> list[Subscription]:
        """One for each service that reports."""
        return [
            Subscription(pb.Act, self._handler(one), 64, topic=ACT_TOPIC.format(service=one))
            for one in PRODUCERS
        ]

    def _handler(self, producer: str) -> Callable[[Event[Any]], Awaitable[None]]:
        source = producer.replace("_", "-")

        async def on_act_recorded(event: Event[pb.Act]) -> None:
            act = act_from_proto(event.data)
            await self.take(Reported(event_id=event.id, source=source, act=act))

        return on_act_recorded

    async def take(self, reported: Reported) -> None:
        """Return once the act is kept. Raises what the writing raised."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((reported, kept))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await kept

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._record([reported for reported, _ in batch])
            except Exception as fault:  # noqa: BLE001 - each of those who wait decides about its event
                for _, kept in batch:
                    if not kept.done():
                        kept.set_exception(fault)
            else:
                for _, kept in batch:
                    if not kept.done():
                        kept.set_result(None)
