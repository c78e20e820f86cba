"""The port `Sender` for browser push: to every browser that a person has subscribed."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

import httpx2
import orjson

from lkmr_notify.clients.push.encryption import browser_keys, encrypt
from lkmr_notify.clients.push.vapid import Vapid
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.usecases.ports import Dispatch, Handover, Subscription

TIMEOUT_SECONDS = 10.0
TTL_SECONDS = 3 * 24 * 3600
_SERVER_FAULT = 500
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class PushSender:
    """`browsers` lists those of a person, `forget` removes one whose subscription has ended."""

    repeats_known = False

    def __init__(
        self,
        vapid: Vapid,
        client: httpx2.AsyncClient,
        *,
        browsers: Callable[[uuid.UUID], Awaitable[Sequence[tuple[uuid.UUID, Subscription]]]],
        forget: Callable[[uuid.UUID], Awaitable[None]],
    ) -> None:
        self._vapid, self._client = vapid, client
        self._browsers, self._forget = browsers, forget

    async def send(self, dispatch: Dispatch, handover: Handover) -> Result:
        """Hand over to the push service of each browser; one that takes it is enough."""
        browsers = await self._browsers(dispatch.person)
        if not browsers:
            return Result(Outcome.PERMANENT, "NO_BROWSER")
        await handover()
        results = [await self._one(name, one, dispatch) for name, one in browsers]
        for outcome in (Outcome.HANDED_OVER, Outcome.UNKNOWN, Outcome.TEMPORARY):
            for result in results:
                if result.outcome is outcome:
                    return result
        return results[0]

    async def _one(self, name: uuid.UUID, browser: Subscription, dispatch: Dispatch) -> Result:
        content = orjson.dumps(
            {
                "title": dispatch.title,
                "body": dispatch.paragraphs[-1] if dispatch.paragraphs else "",
                "url": dispatch.link,
                "tag": dispatch.link.rpartition("/")[2],
            }
        )
        try:
            keys = browser_keys(browser.p256dh, browser.auth)
            answer = await self._client.post(
                browser.endpoint,
                content=encrypt(content, *keys),
                headers={
                    "authorization": self._vapid.authorization(browser.endpoint),
                    "content-encoding": "aes128gcm",
                    "content-type": "application/octet-stream",
                    "ttl": str(TTL_SECONDS),
                    "urgency": "high" if dispatch.urgent else "normal",
                    "topic": dispatch.delivery.hex,
                },
                timeout=TIMEOUT_SECONDS,
            )
        except ValueError:
            await self._forget(name)
            return Result(Outcome.PERMANENT, "BROWSER_KEYS_INVALID")
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            return Result(Outcome.TEMPORARY, "PUSH_SERVICE_AWAY")
        except httpx2.HTTPError:
            return Result(Outcome.UNKNOWN, "PUSH_SERVICE_SILENT")
        return await self._answered(answer.status_code, name)

    async def _answered(self, status: int, name: uuid.UUID) -> Result:
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Result(Outcome.HANDED_OVER)
        if status in _GONE:
            await self._forget(name)
            return Result(Outcome.PERMANENT, "BROWSER_GONE")
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= _SERVER_FAULT:
            return Result(Outcome.TEMPORARY, f"PUSH_SERVICE_{status}")
        return Result(Outcome.TECHNICAL, f"PUSH_SERVICE_{status}")
