"""All of a service that needs NATS, in one background task: it starts and serves without it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from google.protobuf.message import Message
from nats.aio.msg import Msg

from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database
from lkmr_servicekit.events import Bus, subject_of
from lkmr_servicekit.inbox import Consumer, Subscription
from lkmr_servicekit.outbox import Relay
from lkmr_servicekit.settings import Settings

Watcher = Callable[[Msg], Awaitable[None]]


async def run_messaging(
    settings: Settings,
    *,
    service: str,
    database: Database,
    clock: Clock,
    subscriptions: Sequence[Subscription] = (),
    watchers: Mapping[type[Message], Watcher] | None = None,
) -> None:
    """Bring out what lies in the outbox, handle subscriptions, hear facts that only pass by.

    Waits for NATS as long as it takes; runs until cancelled.
    """
    secret = settings.nats_password.get_secret_value()
    replicas = settings.nats_replicas
    async with Bus(settings.nats_url, secret, name=service, replicas=replicas) as bus:
        for kind, action in (watchers or {}).items():
            await bus.watch(subject_of(kind), action)
        async with asyncio.TaskGroup() as group:
            group.create_task(Relay(database, bus, service=service, clock=clock).run())
            for subscription in subscriptions:
                consumer = Consumer(
                    subscription, service=service, bus=bus, database=database, clock=clock
                )
                group.create_task(consumer.run())
