"""Subscribe and forget browsers for push."""

import base64
import binascii
import uuid
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from lkmr_notify.domain.errors import PushSubscriptionInvalid
from lkmr_notify.usecases.ports import Subscription
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.identity import Caller

_POINT, _SECRET, _UNCOMPRESSED = 65, 16, 4
MAX_ENDPOINT = 1024


@dataclass(frozen=True, slots=True)
class PushHosts:
    """Push services that may be called: nobody can make this service call another address.

    `names` are hosts, or endings that begin with a dot; `plain` are origins of development that
    may be called without TLS.
    """

    names: frozenset[str]
    plain: frozenset[str] = frozenset()

    @classmethod
    def listed(cls, text: str) -> Self:
        """Those of a list by comma; an origin with `http://` is one of development."""
        found = frozenset(one.strip() for one in text.split(",") if one.strip())
        plain = frozenset(one for one in found if one.startswith("http://"))
        return cls(found - plain, plain)

    def allow(self, endpoint: str) -> bool:
        """Whether this is an address of a known push service."""
        try:
            parts = urlsplit(endpoint)
            origin, host, port = f"{parts.scheme}://{parts.netloc}", parts.hostname, parts.port
        except ValueError:
            return False
        if origin in self.plain:
            return True
        if parts.scheme != "https" or not host or port not in {None, 443} or "@" in parts.netloc:
            return False
        return any(host.endswith(one) if one.startswith(".") else host == one for one in self.names)


async def subscribe_browser(
    given: Subscription, *, caller: Caller, hosts: PushHosts, new_uow: NewUnitOfWork
) -> None:
    """Keep the subscription of a browser of the caller. Raises PushSubscriptionInvalid."""
    if len(given.endpoint) > MAX_ENDPOINT or not hosts.allow(given.endpoint):
        raise PushSubscriptionInvalid(field="endpoint")
    point, secret = _decoded(given.p256dh), _decoded(given.auth)
    if len(point) != _POINT or point[0] != _UNCOMPRESSED:
        raise PushSubscriptionInvalid(field="p256dh")
    if len(secret) != _SECRET:
        raise PushSubscriptionInvalid(field="auth")
    async with new_uow() as uow:
        await uow.browsers.put(uuid.UUID(caller.subject), given)
        await uow.commit()


async def unsubscribe_browser(endpoint: str, *, caller: Caller, new_uow: NewUnitOfWork) -> None:
    """Forget a browser of the caller; all of them for an empty address."""
    async with new_uow() as uow:
        await uow.browsers.drop(uuid.UUID(caller.subject), endpoint)
        await uow.commit()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
