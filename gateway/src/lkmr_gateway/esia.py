"""The gateway's own check of the ESIA tokens of the sessions that it keeps."""

import asyncio
import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta

from lkmr_esia import TokenPolicy, TokenRefused, verify_access_token
from lkmr_servicekit.clock import Clock, monotonic
from lkmr_servicekit.telemetry import counter, log

_MAX_SEEN = 100_000
_MAX_REFUSED = 5_000
_REFUSED_SECONDS = 2.0
_AT_ONCE = 4
NEEDED_SCOPE = "snils"

_checks = counter("lkmr_gateway_esia_checks_total", "ESIA tokens checked, by outcome", ("outcome",))


class EsiaTokens:
    """Verified tokens are remembered by their hash until they expire; nothing else is kept."""

    def __init__(self, policy: TokenPolicy, clock: Clock) -> None:
        self._policy, self._clock = policy, clock
        self._seen: OrderedDict[bytes, datetime] = OrderedDict()
        self._refused: OrderedDict[bytes, float] = OrderedDict()
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def verify(self, token: str) -> bool:
        """Whether a session with this access token may be kept.

        No token means that ESIA is away: `auth` lets a session go on whose token could not be
        renewed, and opens reduced ones.
        """
        if not token:
            return True
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        end = self._seen.get(digest)
        leeway = timedelta(seconds=self._policy.leeway_seconds)
        if end is not None and self._clock.now() < end + leeway:
            return True
        if self._refused.get(digest, 0) > monotonic():
            return False
        try:
            async with self._gate:
                claims = await asyncio.to_thread(
                    verify_access_token, token, policy=self._policy, now=self._clock.now()
                )
        except TokenRefused as refusal:
            self._note_refusal(digest, str(refusal.reason))
            return False
        if not claims.grants(NEEDED_SCOPE):
            self._note_refusal(digest, "SCOPE_MISSING")
            return False
        _checks.labels("accepted").inc()
        self._seen[digest] = claims.expire_time
        if len(self._seen) > _MAX_SEEN:
            self._seen.popitem(last=False)
        return True

    def _note_refusal(self, digest: bytes, reason: str) -> None:
        _checks.labels("refused").inc()
        log.warning("esia.token_refused", reason=reason)
        self._refused[digest] = monotonic() + _REFUSED_SECONDS
        if len(self._refused) > _MAX_REFUSED:
            self._refused.popitem(last=False)
