"""Hand over what is due."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lkmr_notify.domain.delivery import Channel, NextStep, Outcome, Result, next_step
from lkmr_notify.domain.texts import Texts
from lkmr_notify.usecases.ports import Contacts, Delivery, Dispatch, NewUnitOfWork, People, Sender
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.telemetry import log

PORTION = 20
FINISH_TRIES = 60
FINISH_PAUSE_SECONDS = 1.0  # tries and pauses end before the lease does


@dataclass(frozen=True, slots=True)
class Deliverer:
    """What delivering needs; made once by `main.py`."""

    people: People
    senders: Mapping[Channel, Sender]
    texts: Texts
    new_uow: NewUnitOfWork
    clock: Clock
    cabinet_url: str
    jitter: Callable[[], float]
    pause: Callable[[float], Awaitable[None]]
    observe: Callable[[Delivery, Result], None]

    async def deliver_due(self) -> int:
        """Take a portion, try each of it once, store how it ended; returns its size.

        A delivery is taken in one transaction and finished in another: between them nothing is
        locked, and a crash there makes it due again when its lease ends. If the crash came after
        the mail system had accepted the letter, the letter goes out once more under the same
        Message-ID: no protocol closes that window. A database that is away for less than the
        lease is waited for.
        Raises ServiceError DATABASE_UNAVAILABLE.
        """
        async with self.new_uow() as uow:
            taken = await uow.deliveries.take(self.clock.now(), PORTION)
            await uow.commit()
        async with asyncio.TaskGroup() as group:
            for delivery in taken:
                group.create_task(self._deliver(delivery))
        return len(taken)

    async def _deliver(self, delivery: Delivery) -> None:
        result = await self._try(delivery)
        self.observe(delivery, result)
        now = self.clock.now()
        step = next_step(
            result,
            attempts=delivery.attempts,
            create_time=delivery.create_time,
            now=now,
            jitter=self.jitter(),
        )
        for _ in range(FINISH_TRIES):
            try:
                await self._finish(delivery, step, result, now)
            except ServiceError as away:
                log.warning("delivery.not_noted", delivery=str(delivery.id), reason=away.reason)
                await self.pause(FINISH_PAUSE_SECONDS)
            else:
                return
        log.error("delivery.end_lost", delivery=str(delivery.id), outcome=result.outcome.name)

    async def _finish(
        self, delivery: Delivery, step: NextStep, result: Result, now: datetime
    ) -> None:
        async with self.new_uow() as uow:
            mine = await uow.deliveries.finish(delivery, step, result.reason, now)
            if mine and step.given_up:
                await uow.announce_failed(delivery, result.reason)
            await uow.commit()

    async def _try(self, delivery: Delivery) -> Result:
        try:
            contacts = await self.people.contacts(delivery.person)
        except ServiceError as away:
            return Result(Outcome.TECHNICAL, away.reason)
        if contacts is None:
            return Result(Outcome.PERMANENT, "PERSON_UNKNOWN")
        address = _address(contacts, delivery.channel)
        if not address.open():
            return Result(Outcome.PERMANENT, "ADDRESS_UNKNOWN")
        sender = self.senders.get(delivery.channel)
        if sender is None:
            return Result(Outcome.TECHNICAL, "CHANNEL_OFF")
        template = self.texts.version(delivery.kind, delivery.template_version)
        sms = delivery.channel is Channel.SMS
        dispatch = Dispatch(
            delivery=delivery.id,
            to=address,
            subject=template.subject,
            paragraphs=(template.sms,) if sms else template.letter,
            link=f"{self.cabinet_url.rstrip('/')}/messages/{delivery.message}",
            create_time=delivery.create_time,
        )
        return await sender.send(dispatch)


def _address(contacts: Contacts, channel: Channel) -> Personal[str]:
    return contacts.phone if channel is Channel.SMS else contacts.email
