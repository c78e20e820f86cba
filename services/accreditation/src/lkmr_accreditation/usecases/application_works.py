"""The background works of applications, each until it is cancelled."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from lkmr_accreditation.usecases.application_parts import ApplicationParts
from lkmr_accreditation.usecases.application_ports import Center
from lkmr_accreditation.usecases.exchange_applications import follow_center, send_next
from lkmr_accreditation.usecases.turn_applications import (
    PORTION,
    finish_extracts,
    record_passed,
    turn_applications,
)
from lkmr_servicekit.background import repeated

SEND_SECONDS, FEED_SECONDS, TURN_SECONDS, FAULT_SECONDS = 1.0, 2.0, 30.0, 5.0
Hold = Callable[[str], AbstractAsyncContextManager[None]]


class ApplicationWorks:
    """Sends, follows, turns. `hold` gives one instance the right to follow the centre."""

    def __init__(self, *, center: Center, parts: ApplicationParts, hold: Hold) -> None:
        self._center, self._parts, self._hold = center, parts, hold

    def works(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Each work by its name."""
        again = partial(repeated, fault_seconds=FAULT_SECONDS)
        return {
            "applications-send": again("applications-send", self._send, seconds=SEND_SECONDS),
            "applications-feed": again("applications-feed", self._follow, seconds=FEED_SECONDS),
            "applications-turn": again("applications-turn", self._turn, seconds=TURN_SECONDS),
        }

    async def _send(self) -> None:
        while await send_next(center=self._center, parts=self._parts):
            pass
        await finish_extracts(self._parts)

    async def _follow(self) -> None:
        async with self._hold("applications-feed"):
            while await follow_center(center=self._center, parts=self._parts):
                pass
        await record_passed(self._parts)

    async def _turn(self) -> None:
        while await turn_applications(self._parts) >= PORTION:
            pass
