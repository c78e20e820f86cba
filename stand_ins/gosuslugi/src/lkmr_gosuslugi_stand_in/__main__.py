"""`python -m lkmr_gosuslugi_stand_in`: run the stand-in until SIGTERM or SIGINT."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from lkmr_gosuslugi_stand_in import registration
from lkmr_gosuslugi_stand_in.app import build_app
from lkmr_gosuslugi_stand_in.approvals import forget_answered
from lkmr_gosuslugi_stand_in.config import Settings
from lkmr_gosuslugi_stand_in.flows import forget_late
from lkmr_gosuslugi_stand_in.grants import forget_old
from lkmr_gosuslugi_stand_in.sms import SmsSender
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.server import Listener, run
from lkmr_stand_in_kit.store import Store

_TIDY_SECONDS = 300
_FORGETTING = (forget_old, forget_late, forget_answered, registration.forget_late)


async def start(stack: AsyncExitStack) -> Sequence[Listener]:
    """Open the memory, load people and clients, make the keys."""
    settings = Settings()  # type: ignore[call-arg] # data_dir comes from the environment
    store = stack.enter_context(Store(settings.data_dir / "gosuslugi.sqlite3"))
    sms = await stack.enter_async_context(SmsSender(settings.sms_url))
    world = World(settings, store, SystemClock.from_env(), sms)
    stack.push_async_callback(cancel, asyncio.create_task(keep_tidy(world)))
    return [Listener(settings.listen, build_app(world))]


async def keep_tidy(world: World) -> None:
    """Forget what ended: codes and tokens after a day, sign-ins after half an hour."""
    while True:
        gone = sum(forget(world) for forget in _FORGETTING)
        if gone:
            log.info("memory.tidied", gone=gone)
        await asyncio.sleep(_TIDY_SECONDS)


async def cancel(task: asyncio.Task[None]) -> None:
    """End a background task and wait for its end."""
    task.cancel()
    await asyncio.wait([task])


if __name__ == "__main__":
    run("gosuslugi", start)
