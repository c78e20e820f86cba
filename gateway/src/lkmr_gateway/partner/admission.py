"""Whether a call of a partner may begin: certificate, state, pace, deadline, token, scope."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from lkmr_gateway.limits import Buckets, Rate
from lkmr_gateway.partner import refusals
from lkmr_gateway.partner.certificate import Peer, peer_of
from lkmr_gateway.partner.registry import CHECK, WATCH, Partner, Registry
from lkmr_gateway.partner.tokens import PartnerTokens
from lkmr_servicekit.clock import real_now
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_server import MIN_WORK_SECONDS, SHAVE_SECONDS, Context, current_deadline

SERVICE = "lkmr.partner.v1.SpecialistService"
SCOPE_OF: Mapping[str, str] = {
    f"/{SERVICE}/CheckSpecialist": CHECK,
    f"/{SERVICE}/BatchCheckSpecialists": CHECK,
    f"/{SERVICE}/WatchAccreditations": WATCH,
}
"""The scope that opens each method; a method without one is served to nobody."""

current_partner: ContextVar[Partner] = ContextVar("partner")


@dataclass(slots=True)
class Admission:
    """The checks of one process; rates are its share of what the partner may do in all."""

    registry: Registry
    tokens: PartnerTokens
    warn_days: int
    replicas: int = 1
    factor: float = 1.0
    _buckets: dict[str, tuple[Rate, Buckets]] = field(default_factory=dict)
    _streams: dict[str, int] = field(default_factory=dict)

    def recognise(self, context: Context) -> Peer:
        """The partner at the other end. Raises ServiceError."""
        transport = context.auth_context()
        if list(transport.get("ssl_tls_version", ())) not in ([], [b"TLSv1.3"]):
            raise ServiceError("TLS_VERSION_REFUSED", Category.PERMISSION_DENIED)
        return peer_of(transport, self.registry, real_now(), self.warn_days)

    async def admit(
        self, method: str, partner: Partner, metadata: Mapping[str, str], context: Context
    ) -> float:
        """Returns the seconds for the work. Raises ServiceError."""
        if partner.suspended:
            raise refusals.suspended()
        if wait := self._bucket(partner).take(partner.id):
            raise refusals.rate_limited(wait)
        watching = SCOPE_OF[method] == WATCH
        most = partner.stream_seconds if watching else partner.deadline_seconds
        seconds = _seconds_for(context, most)
        if partner.token_required:
            await self.tokens.check(metadata.get("authorization", ""), partner)
        if SCOPE_OF[method] not in partner.scopes:
            raise refusals.scope_missing(SCOPE_OF[method])
        current_deadline.set(time.monotonic() + seconds)
        current_partner.set(partner)
        return seconds

    @contextmanager
    def stream(self, partner: Partner) -> Iterator[None]:
        """Hold one of the partner's streams. Raises ServiceError PARTNER_STREAMS_EXHAUSTED."""
        share = math.ceil(partner.streams * (1.5 / self.replicas if self.replicas > 1 else 1))
        if self._streams.get(partner.id, 0) >= share:
            raise refusals.streams_exhausted(partner.streams)
        self._streams[partner.id] = self._streams.get(partner.id, 0) + 1
        try:
            yield
        finally:
            self._streams[partner.id] -= 1

    def _bucket(self, partner: Partner) -> Buckets:
        rate = Rate(partner.per_second, partner.burst).scaled(self.factor, self.replicas)
        known = self._buckets.get(partner.id)
        if known is None or known[0] != rate:
            known = self._buckets[partner.id] = (rate, Buckets(rate))
        return known[1]


def _seconds_for(context: Context, most: float) -> float:
    """What the caller's deadline and the partner's limit leave. Raises ServiceError."""
    remaining = context.time_remaining()
    if remaining is None:
        raise ServiceError("DEADLINE_REQUIRED", Category.INVALID_ARGUMENT)
    if remaining < MIN_WORK_SECONDS:
        raise ServiceError("DEADLINE_TOO_SHORT", Category.TIMED_OUT)
    return float(min(remaining - SHAVE_SECONDS, most))
