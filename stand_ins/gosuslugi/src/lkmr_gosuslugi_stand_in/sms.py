"""One-time codes leave through the mailbox stand-in, or wait here when none is configured."""

from collections import deque
from types import TracebackType
from typing import Any, Self

import httpx2

from lkmr_servicekit.telemetry import log

_TIMEOUT_SECONDS = 5


class SmsNotSent(RuntimeError):
    """The operator of messages did not take the message."""


class SmsSender:
    """Posts {"to", "text"} to a URL; with an empty URL keeps the last messages in memory."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)
        self.kept: deque[dict[str, Any]] = deque(maxlen=200)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def send(self, phone: str, text: str) -> None:
        """Hand a message over. Raises SmsNotSent."""
        if not self._url:
            self.kept.appendleft({"to": phone, "text": text})
            return
        try:
            answer = await self._client.post(self._url, json={"to": phone, "text": text})
            answer.raise_for_status()
        except httpx2.HTTPError as fault:
            log.warning("sms.not_sent", kind=type(fault).__name__)
            raise SmsNotSent from fault
