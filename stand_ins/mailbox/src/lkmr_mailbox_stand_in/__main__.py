"""Starts the stand-in: `python -m lkmr_mailbox_stand_in`."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from fastapi import FastAPI

from lkmr_mailbox_stand_in.bounces import ReturnPaths, bounces_router
from lkmr_mailbox_stand_in.browsers import Browsers
from lkmr_mailbox_stand_in.config import MailboxSettings
from lkmr_mailbox_stand_in.http import READING, SYSTEMS, http_router, system_of
from lkmr_mailbox_stand_in.manners import Etiquette, manners_router
from lkmr_mailbox_stand_in.messages import Messages
from lkmr_mailbox_stand_in.push import push_router
from lkmr_mailbox_stand_in.smtp import Taker, smtp_serving
from lkmr_servicekit.clock import Clock, SystemClock
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.control import BehaviourMiddleware, Control, control_router
from lkmr_stand_in_kit.server import Listener, run
from lkmr_stand_in_kit.store import Store


async def start(
    stack: AsyncExitStack, settings: MailboxSettings, clock: Clock
) -> Sequence[Listener]:
    """Open the box, listen for SMTP, and say what listens for HTTP."""
    store = stack.enter_context(Store(settings.data_dir / "mailbox.db"))
    messages, control = Messages(store, clock), Control(clock, systems=SYSTEMS)
    etiquette, paths = Etiquette(SYSTEMS), ReturnPaths(store)
    app = FastAPI(openapi_url=None)
    app.include_router(control_router(control))
    app.include_router(manners_router(etiquette))
    app.include_router(bounces_router(paths, settings.bounce_to))
    app.include_router(http_router(messages, control, etiquette))
    app.include_router(push_router(messages, Browsers(store, clock), etiquette))
    taker = Taker(messages, control.behaviours, etiquette, paths)
    tls = settings.tls()
    serving = partial(smtp_serving, taker, limit=settings.max_letter_bytes, tls=tls)
    port = await stack.enter_async_context(serving(settings.smtp_listen))
    log.info("smtp.serves", port=port)
    if settings.smtps_listen:
        await stack.enter_async_context(serving(settings.smtps_listen, implicit=True))
    wrapped = BehaviourMiddleware(app, control, system_of=system_of, exempt=READING)
    return [Listener(settings.listen, wrapped)]


def main() -> None:
    """Read the settings and run until told to stop."""
    settings = MailboxSettings()  # type: ignore[call-arg] # the environment gives the rest
    clock = SystemClock.from_env()
    run("stand-in-mailbox", lambda stack: start(stack, settings, clock))


if __name__ == "__main__":
    main()
