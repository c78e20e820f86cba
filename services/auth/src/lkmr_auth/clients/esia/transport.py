"""HTTP to one host of ESIA: time limits, size limits, no redirects, and what was seen last."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2

from lkmr_auth.clients.esia.response import Answer, refusal_of_status
from lkmr_auth.domain.errors import (
    EsiaAnswerRefused,
    EsiaMaintenance,
    EsiaOverloaded,
    EsiaUnavailable,
)
from lkmr_auth.domain.health import EsiaHealth, EsiaState
from lkmr_auth.usecases.measure import outside
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Refusal

MAX_ANSWER = 64 * 1024
CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0
_SERVER_FAULT, _TOO_MANY = 500, 429


def new_http(ca_bundle: str = "") -> httpx2.AsyncClient:
    """A client with the time limits for ESIA; standard verification, own CA bundle if given.

    It takes no cookies: calls for different people must not be tied together.
    """
    return httpx2.AsyncClient(
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx2.Timeout(
            connect=CONNECT_SECONDS, read=READ_SECONDS, write=CONNECT_SECONDS, pool=CONNECT_SECONDS
        ),
        limits=httpx2.Limits(max_connections=100, max_keepalive_connections=20),
        verify=httpx2.create_ssl_context(verify=ca_bundle) if ca_bundle else True,
        follow_redirects=False,
        trust_env=False,
    )


@dataclass(slots=True)
class Transport:
    """Calls one base address. Whatever the network does comes out as a refusal of ours."""

    base_url: str
    http: httpx2.AsyncClient
    clock: Clock
    health: EsiaHealth = field(default_factory=EsiaHealth)

    async def call(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        bearer: str = "",
        seconds: float | None = None,
    ) -> Answer:
        """An answer of whatever status. Raises EsiaUnavailable, EsiaAnswerRefused when too long."""
        headers = {"accept": "application/json"}
        if bearer:
            headers["authorization"] = f"Bearer {bearer}"
        more: dict[str, Any] = {"data": dict(form)} if form is not None else {}
        try:
            with outside():
                async with (
                    asyncio.timeout(seconds),
                    self.http.stream(
                        method, self.base_url + path, headers=headers, **more
                    ) as response,
                ):
                    body = await _read(response)
                    answer = Answer(response.status_code, _headers(response), body)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, TimeoutError):
            self._saw(EsiaState.DOWN)
            raise EsiaUnavailable from None
        self._judge(answer)
        return answer

    def refusal(self, answer: Answer) -> Refusal:
        """Why ESIA as a whole does not serve."""
        return refusal_of_status(answer, self.clock.now())

    def _judge(self, answer: Answer) -> None:
        if answer.status < _SERVER_FAULT and answer.status != _TOO_MANY:
            self._saw(EsiaState.UP)
            return
        refusal = self.refusal(answer)
        if isinstance(refusal, EsiaMaintenance):
            self._saw(EsiaState.MAINTENANCE)
        else:
            overloaded = isinstance(refusal, EsiaOverloaded)
            self._saw(EsiaState.OVERLOADED if overloaded else EsiaState.DOWN)

    def _saw(self, state: EsiaState) -> None:
        self.health = EsiaHealth(state, self.clock.now())


async def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MAX_ANSWER:
            raise EsiaAnswerRefused
    return bytes(body)


def _headers(response: httpx2.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
