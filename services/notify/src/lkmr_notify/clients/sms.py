"""SMS through a provider's HTTP address."""

from http import HTTPStatus

import httpx2

from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.usecases.ports import Dispatch

TIMEOUT_SECONDS = 10.0
_SERVER_FAULT = 500


class SmsSender:
    """The port `Sender` for SMS: `POST {"to", "text"}`, repeats known by Idempotency-Key."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._url, self._client = url, client

    async def send(self, dispatch: Dispatch) -> Result:
        """Hand a text over to the provider."""
        try:
            answer = await self._client.post(
                self._url,
                json={"to": dispatch.to.open(), "text": " ".join(dispatch.paragraphs)},
                headers={"idempotency-key": str(dispatch.delivery)},
                timeout=TIMEOUT_SECONDS,
            )
        except httpx2.HTTPError:
            return Result(Outcome.TEMPORARY, "PROVIDER_AWAY")
        status = answer.status_code
        if answer.is_success:
            return Result(Outcome.HANDED_OVER)
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= _SERVER_FAULT:
            return Result(Outcome.TEMPORARY, f"PROVIDER_{status}")
        if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
            return Result(Outcome.PERMANENT, f"PROVIDER_{status}")
        return Result(Outcome.TECHNICAL, f"PROVIDER_{status}")
