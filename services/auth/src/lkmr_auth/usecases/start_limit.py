"""How often sign-in may begin from one place."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from lkmr_auth.domain.errors import SignInRateLimited
from lkmr_servicekit.clock import monotonic

PER_ADDRESS = 20
PER_NETWORK = 200
_REMEMBERED = 50_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    time: float


@dataclass(slots=True)
class StartLimit:
    """Token buckets by address and by its network, in the memory of this instance.

    `factor` multiplies the limits of a minute: 20 for an address, 200 for its /24 (IPv6: /64).
    """

    factor: float = 1
    seconds: Callable[[], float] = monotonic
    _buckets: OrderedDict[str, _Bucket] = field(default_factory=OrderedDict)

    def take(self, address: str) -> None:
        """Count a start. Raises SignInRateLimited; an address that cannot be read is one place."""
        network = _network_of(address)
        for key, per_minute in ((f"n:{network}", PER_NETWORK), (f"a:{address[:64]}", PER_ADDRESS)):
            self._take(key, per_minute * self.factor)

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
