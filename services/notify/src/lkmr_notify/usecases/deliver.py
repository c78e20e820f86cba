"""Hand over what is due, at most once over each channel."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lkmr_notify.domain.channel import Channel, Priority
from lkmr_notify.domain.delivery import LeaseLost, NextStep, Outcome, Result, next_step
from lkmr_notify.domain.rules import Rules
from lkmr_notify.domain.texts import Texts
from lkmr_notify.usecases.ports import Contacts, Delivery, Dispatch, Jitter, People, Sender
from lkmr_notify.usecases.work import NewUnitOfWork, UnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.telemetry import log

FINISH_TRIES = 60
FINISH_PAUSE_SECONDS = 1.0  # tries and pauses end before the lease does
_NO_ADDRESS = Personal("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """What delivering needs; made once by `main.py`."""

    people: People
    senders: Mapping[Channel, Sender]
    texts: Texts
    rules: Rules
    new_uow: NewUnitOfWork
    clock: Clock
    cabinet_url: str
    unsubscribe: Callable[[Delivery, str], str]
    jitter: Jitter
    pause: Callable[[float], Awaitable[None]]
    observe: Callable[[Delivery, Result], None]


async def take_due(free: int, free_for_bulk: int, *, parts: Delivering) -> list[Delivery]:
    """Take what is due, urgent before usual before bulk. Raises ServiceError.

    A bulk takes only its own share of the places, so that an urgent one never waits for a place.
    """
    taken: list[Delivery] = []
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        for priority in Priority:
            room = free - len(taken)
            if priority is Priority.BULK:
                room = min(room, free_for_bulk)
            if room > 0:
                taken += await uow.deliveries.take(now, room, priority.value)
        await uow.commit()
    return taken


async def deliver(delivery: Delivery, *, parts: Delivering) -> None:
    """Try a delivery once and store how it ended.

    It was taken in one transaction. Before the other side can have it, a second one notes that the
    point of no return is passed; the end is stored in a third. A crash before the second repeats
    the try when the lease ends; a crash after it leaves an end that nobody knows, and such a
    delivery is not repeated unless the other side recognises repeats: another channel stands in.
    A database that is away for less than the lease is waited for.
    """
    try:
        result = await _try(delivery, parts)
    except LeaseLost:
        log.info("delivery.lease_lost", delivery=str(delivery.id))
        return
    except ServiceError as away:
        result = Result(Outcome.TECHNICAL, away.reason)
    except Exception as fault:  # noqa: BLE001 - one message must not stop the queue
        log.error("delivery.broken", delivery=str(delivery.id), kind=type(fault).__name__)
        result = Result(Outcome.TECHNICAL, "TEMPLATE_OR_CHANNEL_BROKEN")
    parts.observe(delivery, result)
    now = parts.clock.now()
    step = next_step(
        result,
        attempts=delivery.attempts,
        due_time=delivery.due_time,
        now=now,
        jitter=parts.jitter(),
    )
    for _ in range(FINISH_TRIES):
        try:
            await _finish(delivery, step, result, now, parts)
        except ServiceError as away:
            log.warning("delivery.not_noted", delivery=str(delivery.id), reason=away.reason)
            await parts.pause(FINISH_PAUSE_SECONDS)
        else:
            return
    log.error("delivery.end_lost", delivery=str(delivery.id), outcome=result.outcome.name)


async def _finish(
    delivery: Delivery, step: NextStep, result: Result, now: datetime, parts: Delivering
) -> None:
    async with parts.new_uow() as uow:
        mine = await uow.deliveries.finish(delivery, step, result, now)
        if mine and step.given_up:
            await uow.announce_failed(delivery, result.reason)
            await fall_back(delivery, uow=uow, now=now)
        await uow.commit()


async def fall_back(failed: Delivery, *, uow: UnitOfWork, now: datetime) -> Channel | None:
    """Let the next channel that was not used for this message stand in for a failed one."""
    used = await uow.deliveries.used_channels(failed.message, failed.create_time)
    for channel in failed.fallback:
        if channel not in used:
            await uow.deliveries.stand_in(failed, channel, now)
            return channel
    return None


async def _try(delivery: Delivery, parts: Delivering) -> Result:
    address = _NO_ADDRESS
    if delivery.channel is not Channel.PUSH:
        contacts = await parts.people.contacts(delivery.person)
        if contacts is None:
            return Result(Outcome.PERMANENT, "PERSON_UNKNOWN")
        address = _address(contacts, delivery.channel)
        if not address.open():
            return Result(Outcome.PERMANENT, "ADDRESS_UNKNOWN")
    sender = parts.senders.get(delivery.channel)
    if sender is None:
        return Result(Outcome.TECHNICAL, "CHANNEL_OFF")
    if delivery.handed_over and not sender.repeats_known:
        return Result(Outcome.UNKNOWN, "END_UNKNOWN")

    async def handover(provider: str = "") -> None:
        async with parts.new_uow() as uow:
            now = parts.clock.now()
            if not await uow.deliveries.begin_handover(delivery, provider, now):
                raise LeaseLost
            await uow.commit()

    return await sender.send(_dispatch(delivery, address, parts), handover)


def _dispatch(delivery: Delivery, address: Personal[str], parts: Delivering) -> Dispatch:
    template = parts.texts.version(delivery.kind, delivery.template_version)
    outside = template.outside(delivery.safe)
    rule = parts.rules.find_kind(delivery.kind)
    group = rule.group.value if rule is not None else ""
    stoppable = rule is not None and not rule.critical
    home = parts.cabinet_url.rstrip("/")
    path = f"/messages/{delivery.message}" if delivery.message.int else "/messages"
    return Dispatch(
        delivery=delivery.id,
        person=delivery.person,
        to=address,
        title=template.heading(delivery.safe),
        subject=outside.subject,
        paragraphs=(outside.sms,) if delivery.channel is Channel.SMS else outside.paragraphs,
        link=home + path,
        create_time=delivery.create_time,
        unsubscribe=parts.unsubscribe(delivery, group) if stoppable else "",
        group=group,
        urgent=delivery.priority == Priority.URGENT.value,
        provider=delivery.provider if delivery.handed_over else "",
    )


def _address(contacts: Contacts, channel: Channel) -> Personal[str]:
    return contacts.phone if channel is Channel.SMS else contacts.email


class Courier:
    """Runs deliveries side by side, as many as there are places.

    A place that a slow relay holds is lost for a while; the others go on.
    """

    def __init__(self, parts: Delivering, *, places: int = 48, bulk_places: int = 24) -> None:
        self._parts, self._places, self._bulk_places = parts, places, bulk_places
        self._running: dict[asyncio.Task[None], int] = {}

    async def take(self) -> int:
        """Start what is due and fits; returns how many were started. Raises ServiceError."""
        free = self._places - len(self._running)
        bulk = sum(1 for priority in self._running.values() if priority == Priority.BULK.value)
        if free <= 0:
            return 0
        taken = await take_due(free, max(0, self._bulk_places - bulk), parts=self._parts)
        for delivery in taken:
            task = asyncio.create_task(deliver(delivery, parts=self._parts))
            self._running[task] = delivery.priority
            task.add_done_callback(self._done)
        return len(taken)

    async def place(self, seconds: float) -> None:
        """Wait until one of the running deliveries ends, at most so long."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    @property
    def busy(self) -> bool:
        """Whether a delivery is under way."""
        return bool(self._running)

    async def finish(self, seconds: float) -> None:
        """Let what is under way end; called when the process stops."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    def _done(self, task: "asyncio.Task[None]") -> None:
        del self._running[task]
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("delivery.crashed", kind=type(fault).__name__)
