"""Text messages over the HTTP interface of an operator: POST {"to", "text"}."""

import httpx2

from lkmr_auth.domain.errors import CodeNotDelivered
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.telemetry import log

SECONDS = 4.0


class HttpCodeSender:
    """The port `CodeSender`. A message is never sent twice: a new try is the person's decision."""

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        self._url, self._http = url, http

    async def send(self, phone: Personal[str], text: Personal[str]) -> None:
        body = {"to": phone.open(), "text": text.open()}
        try:
            answer = await self._http.post(self._url, json=body, timeout=SECONDS)
        except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
            log.warning("sms.not_sent", kind=type(fault).__name__)
            raise CodeNotDelivered from None
        if not answer.is_success:
            log.warning("sms.not_sent", http_status=answer.status_code)
            raise CodeNotDelivered
