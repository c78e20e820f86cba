"""What others announce → what people are told, and terms that are to be remembered."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from lkmr_notify.messaging.facts import event_class, fact_of
from lkmr_notify.usecases.tell_of_fact import Fact
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription

Tell = Callable[[Fact, str], Awaitable[object]]


def subscriptions(events: Iterable[str], tell: Tell) -> list[Subscription]:
    """One for each fact that a rule names. Raises when no contract knows the fact."""
    return [_subscription(name, tell) for name in events]


def _subscription(name: str, tell: Tell) -> Subscription:
    kind = event_class(name)

    async def on_fact(event: Event[Any]) -> None:
        await tell(fact_of(event), consumer)

    made = Subscription(kind, on_fact)
    consumer = made.durable("notify")
    return made
