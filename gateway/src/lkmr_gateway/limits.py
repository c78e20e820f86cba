"""Fast limits of one gateway: token buckets, and shedding of load by priority.

Limits that guard secrets are counted in `auth`, not here.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from lkmr_servicekit.clock import monotonic

_MAX_BUCKETS = 50_000
_SLICE_SECONDS = 0.05
MAX_LAG_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Rate:
    """So many per second, and so many at once."""

    per_second: float
    burst: float

    def scaled(self, factor: float, replicas: int) -> "Rate":
        """The share of one gateway: limit / replicas x 1.5, times the factor of the suite."""
        share = factor * (1.5 / replicas if replicas > 1 else 1.0)
        return Rate(self.per_second * share, max(1.0, self.burst * share))


SESSION_RATE = Rate(20, 40)
PERSON_RATE = Rate(40, 80)
ADDRESS_RATE = Rate(100, 200)
HEAVY_RATE = Rate(10 / 60, 10)


class Buckets:
    """Token buckets by key, bounded in number; the least used is forgotten first."""

    def __init__(self, rate: Rate, now: Callable[[], float] = monotonic) -> None:
        self._rate, self._now = rate, now
        self._held: OrderedDict[Hashable, list[float]] = OrderedDict()

    def take(self, key: Hashable) -> int:
        """0 when one more is allowed, else the whole seconds to wait."""
        now = self._now()
        bucket = self._held.get(key)
        if bucket is None:
            self._held[key] = [self._rate.burst - 1, now]
            if len(self._held) > _MAX_BUCKETS:
                self._held.popitem(last=False)
            return 0
        self._held.move_to_end(key)
        left = min(self._rate.burst, bucket[0] + (now - bucket[1]) * self._rate.per_second)
        bucket[1] = now
        if left < 1:
            bucket[0] = left
            return max(1, int((1 - left) / self._rate.per_second + 0.999))
        bucket[0] = left - 1
        return 0


class Load:
    """How busy this process is; decides what is let in: sign-in before read, write, export."""

    def __init__(self, limit: int) -> None:
        self.in_flight = 0
        self.lag = 0.0
        self._limit = limit

    def admits(self, method: str, path: str) -> bool:
        """Whether one more request of this kind may enter."""
        if path.startswith("/auth/"):
            return self.in_flight < self._limit * 1.2
        if self.lag > MAX_LAG_SECONDS:
            return False
        if path.endswith(".pdf"):
            return self.in_flight < self._limit * 0.5
        return self.in_flight < self._limit * (1.0 if method == "GET" else 0.9)

    async def measure(self) -> None:
        """Follow how long ready work waits for the event loop; runs until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            start = loop.time()
            await asyncio.sleep(_SLICE_SECONDS)
            self.lag = 0.5 * self.lag + 0.5 * max(0.0, loop.time() - start - _SLICE_SECONDS)
