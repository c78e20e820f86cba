"""Tells subscribers that a card changed: `frmr.worker.changed`, repeated until they take it."""

import asyncio
import ssl

import httpx2

from lkmr_egisz_stand_in.config import EgiszSettings
from lkmr_egisz_stand_in.register import Register
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.behaviour import Behaviours
from lkmr_stand_in_kit.store import Store

DELIVERED = "webhook"
FIRST_PAUSE, LONGEST_PAUSE, TIMEOUT = 0.2, 5.0, 5.0


class Webhook:
    """Calls one subscriber in the order of changes; what it took is remembered over a restart.

    A subscriber that is new hears of changes from now on. Several changes of one card that wait
    are one call with the last version. A register that is down or in maintenance calls nobody.
    """

    def __init__(
        self,
        url: str,
        *,
        register: Register,
        store: Store,
        behaviours: Behaviours,
        http: httpx2.AsyncClient,
    ) -> None:
        self._url, self._register, self._store = url, register, store
        self._behaviours, self._http = behaviours, http
        if store.find(DELIVERED, url) is None:
            store.put(DELIVERED, url, register.last_change)

    async def run(self) -> None:
        """Deliver for ever."""
        pause = FIRST_PAUSE
        while True:
            self._register.changed.clear()
            if await self._deliver_waiting():
                pause = FIRST_PAUSE
                await self._register.changed.wait()
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _deliver_waiting(self) -> bool:
        """Whether the subscriber took all that waited."""
        while waiting := self._register.changes_after(self._store.find(DELIVERED, self._url)):
            for place, card in waiting:
                if self._behaviours.of("frmr").silent or not await self._post(card):
                    return False
                self._store.put(DELIVERED, self._url, place)
        return True

    async def _post(self, card: dict[str, object]) -> bool:
        body = {
            "event": "frmr.worker.changed",
            "workerId": card["id"],
            "version": card["version"],
        }
        try:
            answer = await self._http.post(self._url, json=body, timeout=TIMEOUT)
        except httpx2.HTTPError as fault:
            log.warning("webhook.failed", kind=type(fault).__name__)
            return False
        if not answer.is_success:
            log.warning("webhook.refused", status=answer.status_code)
        return answer.is_success


def client_context(settings: EgiszSettings) -> ssl.SSLContext:
    """The client's side of TLS for subscribers. Raises OSError when a file is unreadable."""
    context = ssl.create_default_context(cafile=settings.webhook_ca)
    if settings.webhook_cert:
        context.load_cert_chain(settings.webhook_cert, settings.webhook_key)
    return context
