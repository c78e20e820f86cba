"""HTTP to outside registers: mutual TLS 1.3, no redirects, answers bounded in size."""

import ssl
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path

import httpx2

from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import traceparent

CONNECT_SECONDS = 3.0
_MAX_PAUSE = 24 * 3600
_FAILURES = 500


class OutsideFault(Exception):
    """An outside system did not answer as it should; `cause` is a word for logs and pages."""

    def __init__(self, cause: str, code: str = "", retry_after_seconds: int = 0) -> None:
        super().__init__(cause)
        self.cause, self.code, self.retry_after_seconds = cause, code, retry_after_seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers and the whole body."""

    status: int
    headers: httpx2.Headers
    body: bytes


def new_client(
    *, ca: Path | None, cert: Path | None, key: Path | None, connections: int
) -> httpx2.AsyncClient:
    """A client that trusts one authority and shows one certificate; hosts only by settings."""
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if cert:
        context.load_cert_chain(cert, key)
    return httpx2.AsyncClient(
        verify=context,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(20, connect=CONNECT_SECONDS),
        limits=httpx2.Limits(max_connections=connections, keepalive_expiry=30),
        headers={"user-agent": "lkmr-egisz-bridge"},
    )


async def exchange(
    client: httpx2.AsyncClient,
    request: httpx2.Request,
    *,
    max_bytes: int,
    clock: Clock,
    may_carry_fault: bool = False,
) -> Answer:
    """Send and read the whole answer.

    SOAP carries its faults with status 500 (`may_carry_fault`).
    Raises OutsideFault for 429, 5xx, redirects and answers above `max_bytes`, and
    httpx2.TransportError when nobody answers.
    """
    request.headers["traceparent"] = traceparent()
    response = await client.send(request, stream=True)
    try:
        status = response.status_code
        fault = may_carry_fault and status == HTTPStatus.INTERNAL_SERVER_ERROR
        if status == HTTPStatus.TOO_MANY_REQUESTS or (status >= _FAILURES and not fault):
            raise _refused(status, response.headers.get("retry-after", ""), clock.now())
        if response.is_redirect and status != HTTPStatus.NOT_MODIFIED:
            raise OutsideFault("REDIRECT_REFUSED", str(status))
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > max_bytes:
                raise OutsideFault("ANSWER_TOO_LARGE", str(status))
        return Answer(status, response.headers, bytes(body))
    finally:
        await response.aclose()


def _refused(status: int, retry_after: str, now: datetime) -> OutsideFault:
    cause = {429: "OVERLOADED", 503: "NOT_AVAILABLE", 504: "TIMED_OUT"}.get(status, "FAILED")
    return OutsideFault(cause, str(status), retry_after_seconds(retry_after, now))


def retry_after_seconds(text: str, now: datetime) -> int:
    """Seconds in a Retry-After header, a number or a date; 0 when it tells nothing sensible."""
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), _MAX_PAUSE)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        return 0
    return min(max(0, int((moment - now).total_seconds())), _MAX_PAUSE)
