"""SMS through providers' HTTP addresses: when one surely has not taken it, the next is asked."""

from collections.abc import Sequence
from http import HTTPStatus

import httpx2

from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.usecases.ports import Dispatch, Handover

TIMEOUT_SECONDS = 10.0
_SERVER_FAULT = 500
_SURELY_NOT_TAKEN = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class SmsSender:
    """The port `Sender` for SMS: `POST {"to", "text"}`, repeats known by Idempotency-Key.

    Providers are asked in their order. One that was silent may have taken the message: then only
    that one is asked again, under the same key, until it answers.
    """

    repeats_known = True

    def __init__(self, urls: Sequence[str], client: httpx2.AsyncClient) -> None:
        self._providers = {f"sms-{number}": url for number, url in enumerate(urls, 1)}
        self._client = client

    async def send(self, dispatch: Dispatch, handover: Handover) -> Result:
        """Hand a text over to the first provider that takes it."""
        names = [dispatch.provider] if dispatch.provider in self._providers else self._providers
        result = Result(Outcome.TECHNICAL, "CHANNEL_OFF")
        for name in names:
            await handover(name)
            result = await self._ask(self._providers[name], dispatch)
            if result.pinned or result.outcome in {Outcome.HANDED_OVER, Outcome.PERMANENT}:
                return result
        return result

    async def _ask(self, url: str, dispatch: Dispatch) -> Result:
        try:
            answer = await self._client.post(
                url,
                json={"to": dispatch.to.open(), "text": " ".join(dispatch.paragraphs)},
                headers={"idempotency-key": str(dispatch.delivery)},
                timeout=TIMEOUT_SECONDS,
            )
        except _SURELY_NOT_TAKEN:
            return Result(Outcome.TEMPORARY, "PROVIDER_AWAY")
        except httpx2.HTTPError:
            return Result(Outcome.TEMPORARY, "PROVIDER_SILENT", pinned=True)
        return _result(answer.status_code)


def _result(status: int) -> Result:
    """What a provider's answer means; behind 502 and 504 somebody may have taken it."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Result(Outcome.HANDED_OVER)
    if status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}:
        return Result(Outcome.TEMPORARY, "PROVIDER_SILENT", pinned=True)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= _SERVER_FAULT:
        return Result(Outcome.TEMPORARY, f"PROVIDER_{status}")
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
        return Result(Outcome.PERMANENT, f"PROVIDER_{status}")
    return Result(Outcome.TECHNICAL, f"PROVIDER_{status}")
