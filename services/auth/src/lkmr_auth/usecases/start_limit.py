"""How often sign-in may begin from one place."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lkmr_auth.domain.errors import SignInRateLimited
from lkmr_auth.usecases.sign_in_ports import Starts
from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.personal import Personal

PER_ADDRESS = 20
PER_NETWORK = 200
_REMEMBERED = 50_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    time: float


@dataclass(slots=True)
class StartLimit:
    """The limits of a minute: 20 for an address, 200 for its /24 (IPv6: /64), times `factor`.

    They are counted over all instances, in the transaction of the start. The memory of this
    instance keeps token buckets besides: a flood is refused without asking the database.
    """

    factor: float = 1
    seconds: Callable[[], float] = monotonic
    _buckets: OrderedDict[str, _Bucket] = field(default_factory=OrderedDict)

    def take(self, address: str) -> None:
        """Count a start here. Raises SignInRateLimited; an unreadable address is one place."""
        for kind, subject, per_minute in self._places(address):
            self._take(f"{kind} {subject}", per_minute)

    async def take_everywhere(self, address: str, starts: Starts, now: datetime) -> None:
        """Count a start for all instances. Raises SignInRateLimited; then nothing is to stay."""
        for kind, subject, per_minute in self._places(address):
            wait = await starts.take(kind, Personal(subject), per_minute, now)
            if wait is not None:
                raise SignInRateLimited(seconds=max(math.ceil(wait.total_seconds()), 1))

    def _places(self, address: str) -> Iterator[tuple[str, str, float]]:
        yield "NETWORK", _network_of(address), PER_NETWORK * self.factor
        yield "ADDRESS", address[:64], PER_ADDRESS * self.factor

    def _take(self, key: str, per_minute: float) -> None:
        now = self.seconds()
        bucket = self._buckets.pop(key, None) or _Bucket(per_minute, now)
        bucket.tokens = min(per_minute, bucket.tokens + (now - bucket.time) * per_minute / 60)
        bucket.time = now
        self._buckets[key] = bucket
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            raise SignInRateLimited(seconds=math.ceil((1 - bucket.tokens) * 60 / per_minute))
        bucket.tokens -= 1


def _network_of(address: str) -> str:
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        return "unreadable"
    prefix = 24 if host.version == 4 else 64  # noqa: PLR2004 - the version of IP
    return str(ipaddress.ip_network(f"{host}/{prefix}", strict=False).network_address)
