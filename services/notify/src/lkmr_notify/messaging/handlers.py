"""What others announce → what people are told, and terms that are to be remembered."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import Any

from google.protobuf.message import Message as Proto
from lkmr.accreditation.v1.events_pb2 import LawChangeAnnounced, LawChangeStarted

from lkmr_notify.messaging.facts import event_class, fact_of
from lkmr_notify.usecases.tell_of_fact import Fact
from lkmr_notify.usecases.terms import TermSource
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription

Tell = Callable[[Sequence[Fact], str], Awaitable[object]]
Announce = Callable[..., Awaitable[object]]
Note = Callable[[Sequence[Fact], TermSource, str], Awaitable[object]]


def subscriptions(events: Iterable[str], tell: Tell) -> list[Subscription]:
    """One for each fact that a rule names. Raises when no contract knows the fact."""
    return [_subscription(name, tell) for name in events]


def term_subscriptions(sources: Iterable[TermSource], note: Note) -> list[Subscription]:
    """One for each event that tells of terms. Raises when no contract knows it."""
    return [_term_subscription(source, note) for source in sources]


def law_subscriptions(announce: Announce) -> list[Subscription]:
    """Changes of law that are made known, and those that begin."""
    return [
        _law_subscription(LawChangeAnnounced, announce, started=False),
        _law_subscription(LawChangeStarted, announce, started=True),
    ]


def _law_subscription(kind: type[Proto], announce: Announce, *, started: bool) -> Subscription:
    async def on_law_change(event: Event[Any]) -> None:
        await announce(
            event,
            effective=date.fromisoformat(event.data.effective_date),
            roles=tuple(event.data.roles),
            started=started,
            consumer=consumer,
        )

    made = Subscription(kind, on_law_change)
    consumer = made.durable("notify")
    return made


def _term_subscription(source: TermSource, note: Note) -> Subscription:
    async def on_term(event: Event[Any]) -> None:
        await on_terms([event])

    async def on_terms(events: Sequence[Event[Any]]) -> None:
        await note([fact_of(one) for one in events], source, consumer)

    made = Subscription(event_class(source.event), on_term, batch=on_terms)
    consumer = made.durable("notify")
    return made


def _subscription(name: str, tell: Tell) -> Subscription:
    kind = event_class(name)

    async def on_fact(event: Event[Any]) -> None:
        await on_facts([event])

    async def on_facts(events: Sequence[Event[Any]]) -> None:
        await tell([fact_of(one) for one in events], consumer)

    made = Subscription(kind, on_fact, batch=on_facts)
    consumer = made.durable("notify")
    return made
