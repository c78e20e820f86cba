"""What others announce → what people are told."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message as Proto
from lkmr.accreditation.v1.events_pb2 import (
    AccreditationAnnulled,
    AccreditationChanged,
    AccreditationRecorded,
)

from lkmr_notify.usecases.ports import Tell
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription

_KINDS: dict[type[Proto], str] = {
    AccreditationRecorded: "ACCREDITATION_RECORDED",
    AccreditationChanged: "ACCREDITATION_CHANGED",
    AccreditationAnnulled: "ACCREDITATION_ANNULLED",
}
KINDS = frozenset(_KINDS.values())


def subscriptions(tell: Tell) -> list[Subscription]:
    """One for each fact that people are told about."""
    return [Subscription(fact, _handler(kind, tell)) for fact, kind in _KINDS.items()]


def _handler(kind: str, tell: Tell) -> Callable[[Event[Any]], Awaitable[None]]:
    consumer = f"notify-{kind.lower().replace('_', '-')}"

    async def on_accreditation(event: Event[Any]) -> None:
        await tell(kind, event.data.accreditation, consumer=consumer, event=event)

    return on_accreditation
