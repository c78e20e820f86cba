"""How far what this gateway remembers may be trusted: events must be able to reach it."""

import asyncio
from collections.abc import Callable

from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.events import NATS_FAULTS, Bus
from lkmr_servicekit.telemetry import log

TRUST_SECONDS = 5.0
_PING_SECONDS = 1.0


class Hearing:
    """Whether revocations would be heard: proven by an answered ping of the bus each second.

    What was learnt at `moment` holds while the bus answered all the time since then, and without
    the bus for 5 s at most. After a gap all that was learnt before it must be asked again.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self.heard = -1e9
        self.since = now()

    def holds(self, learnt: float, now: float) -> bool:
        """Whether something learnt at a moment (of the monotonic clock) may still be used."""
        if learnt >= self.since and now - self.heard < TRUST_SECONDS:
            return True
        return now - learnt < TRUST_SECONDS

    def note(self) -> None:
        """The bus has answered just now; a longer silence before it was a gap."""
        now = self._now()
        if now - self.heard >= TRUST_SECONDS:
            self.since = now
        self.heard = now

    def gap(self) -> None:
        """Facts may have been missed."""
        self.since = self._now()

    async def follow(self, bus: Callable[[], Bus | None]) -> None:
        """Ping the bus until cancelled."""
        while True:
            connected = bus()
            if connected is not None and connected.connected:
                started = self._now()
                try:
                    await connected.client.flush(timeout=2)
                except NATS_FAULTS as fault:
                    log.warning("bus.silent", kind=type(fault).__name__)
                except Exception as fault:  # noqa: BLE001 - nats-py raises its own kinds; silence is the same
                    log.warning("bus.silent", kind=type(fault).__name__)
                else:
                    if self._now() - started < TRUST_SECONDS:
                        self.note()
            await asyncio.sleep(_PING_SECONDS)
