"""The second proof of a partner: its system token of ESIA (`client_credentials`)."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from lkmr_esia import TokenPolicy, TokenRefused, verify_access_token
from lkmr_gateway.partner.refusals import token_refused
from lkmr_gateway.partner.registry import Partner
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import log

_MAX_SEEN = 1_000
_AT_ONCE = 2


class _Verified(NamedTuple):
    client_id: str
    expire_time: datetime


class PartnerTokens:
    """Verified tokens are remembered by their hash until they expire; nothing else is kept."""

    def __init__(self, policy: Callable[[], TokenPolicy], clock: Clock) -> None:
        self._policy, self._clock = policy, clock
        self._seen: OrderedDict[bytes, _Verified] = OrderedDict()
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def check(self, authorization: str, partner: Partner) -> None:
        """Raises ServiceError PARTNER_TOKEN_REFUSED unless the token is this partner's own."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise self._refused(partner, "TOKEN_MISSING")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._seen.get(digest) or await self._verified(digest, token, partner)
        leeway = timedelta(seconds=self._policy().leeway_seconds)
        if self._clock.now() >= known.expire_time + leeway:
            self._seen.pop(digest, None)
            raise self._refused(partner, "EXPIRED")
        if known.client_id not in partner.esia_client_ids:
            raise self._refused(partner, "CLIENT_WRONG")

    async def _verified(self, digest: bytes, token: str, partner: Partner) -> _Verified:
        try:
            async with self._gate:
                claims = await asyncio.to_thread(
                    verify_access_token, token, policy=self._policy(), now=self._clock.now()
                )
        except TokenRefused as refusal:
            raise self._refused(partner, str(refusal.reason)) from None
        known = self._seen[digest] = _Verified(claims.client_id, claims.expire_time)
        if len(self._seen) > _MAX_SEEN:
            self._seen.popitem(last=False)
        return known

    def _refused(self, partner: Partner, reason: str) -> Exception:
        log.warning("partner.token_refused", partner=partner.id, reason=reason)
        return token_refused()
