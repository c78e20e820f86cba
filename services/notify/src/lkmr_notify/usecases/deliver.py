"""Hand over what is due, at most once over each channel."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from lkmr_notify.domain.channel import Channel, Priority
from lkmr_notify.domain.delivery import LeaseLost, Outcome, Result, next_step
from lkmr_notify.domain.rules import Rules
from lkmr_notify.domain.texts import Texts
from lkmr_notify.usecases.digests import KIND as DIGEST
from lkmr_notify.usecases.notes import Notes
from lkmr_notify.usecases.ports import (
    Contacts,
    Delivery,
    Dispatch,
    Ending,
    Handing,
    Jitter,
    People,
    Sender,
)
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
    notes: Notes
    clock: Clock
    cabinet_url: str
    unsubscribe: Callable[[Delivery, str], str]
    jitter: Jitter
    pause: Callable[[float], Awaitable[None]]
    observe: Callable[[Delivery, Result], None]


async def deliver(delivery: Delivery, *, parts: Delivering) -> None:
    """Try a delivery once and store how it ended.

    It was taken in one transaction. Before the other side can have it, a second one notes that the
    point of no return is passed; the end is stored in a third. Deliveries side by side share these
    transactions. A crash before the second repeats the try when the lease ends; a crash after it
    leaves an end that nobody knows, and such a delivery is not repeated unless the other side
    recognises repeats: another channel stands in. A database that is away for less than the lease
    is waited for.
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
    step = next_step(
        result,
        attempts=delivery.attempts,
        due_time=delivery.due_time,
        now=parts.clock.now(),
        jitter=parts.jitter(),
    )
    for _ in range(FINISH_TRIES):
        try:
            await parts.notes.end(Ending(delivery, step, result))
        except ServiceError as away:
            log.warning("delivery.not_noted", delivery=str(delivery.id), reason=away.reason)
            await parts.pause(FINISH_PAUSE_SECONDS)
        else:
            return
    log.error("delivery.end_lost", delivery=str(delivery.id), outcome=result.outcome.name)


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
        if not await parts.notes.hand_over(Handing(delivery, provider)):
            raise LeaseLost

    return await sender.send(_dispatch(delivery, address, parts), handover)


def _dispatch(delivery: Delivery, address: Personal[str], parts: Delivering) -> Dispatch:
    template = parts.texts.version(delivery.kind, delivery.template_version)
    outside = template.outside(delivery.safe)
    rule = parts.rules.find_kind(delivery.kind)
    group = rule.group.value if rule is not None else ""
    stream = DIGEST if delivery.kind == DIGEST else group
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
        unsubscribe=parts.unsubscribe(delivery, stream) if stoppable else "",
        group=stream,
        urgent=delivery.priority == Priority.URGENT.value,
        provider=delivery.provider if delivery.handed_over else "",
    )


def _address(contacts: Contacts, channel: Channel) -> Personal[str]:
    return contacts.phone if channel is Channel.SMS else contacts.email
