"""Questions in the mobile application of Gosuslugi, asked with the person's own access token."""

import re

import httpx2

from lkmr_auth.domain.activation import ApprovalState
from lkmr_auth.domain.errors import ApprovalUnavailable
from lkmr_auth.domain.esia import EsiaTokens
from lkmr_servicekit.telemetry import log

SECONDS = 4.0
_ID = re.compile(r"[A-Za-z0-9-]{8,64}\Z")
_STATES = {
    "PENDING": ApprovalState.PENDING,
    "APPROVED": ApprovalState.APPROVED,
    "DECLINED": ApprovalState.DECLINED,
    "CANCELLED": ApprovalState.EXPIRED,
    "EXPIRED": ApprovalState.EXPIRED,
}
_NOT_FOUND = 404


class HttpApprovals:
    """The port `Approvals`; without an address the application is not offered."""

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        self._url, self._http = url.rstrip("/"), http

    @property
    def offered(self) -> bool:
        return bool(self._url)

    async def ask(self, tokens: EsiaTokens, text: str, seconds: int) -> str:
        body = {"text": text, "expire_seconds": seconds}
        identity = str((await self._call("POST", "", tokens, body)).get("id", ""))
        if not _ID.match(identity):
            raise ApprovalUnavailable
        return identity

    async def state(self, tokens: EsiaTokens, approval_id: str) -> ApprovalState:
        told = await self._call("GET", f"/{approval_id}", tokens)
        return _STATES.get(str(told.get("state", "")), ApprovalState.EXPIRED)

    async def _call(
        self, method: str, path: str, tokens: EsiaTokens, body: object = None
    ) -> dict[str, object]:
        if not self._url:
            raise ApprovalUnavailable
        headers = {"authorization": f"Bearer {tokens.access_token.open()}"}
        try:
            answer = await self._http.request(
                method, self._url + path, json=body, headers=headers, timeout=SECONDS
            )
            if answer.status_code == _NOT_FOUND:
                return {"state": "EXPIRED"}
            told = answer.json() if answer.is_success else None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as fault:
            log.warning("approval.unavailable", kind=type(fault).__name__)
            raise ApprovalUnavailable from None
        if not isinstance(told, dict):
            log.warning("approval.unavailable", http_status=answer.status_code)
            raise ApprovalUnavailable
        return told
