"""Hands signed reports over to the regional health authority."""

import base64
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote

import httpx2
import orjson
from lkmr.egisz_bridge.v1.report_service_pb2 import ReportReceipt, SendReportRequest

from lkmr_egisz_bridge.clients.guard import BACKGROUND_SECONDS, Attempt, Guard
from lkmr_egisz_bridge.clients.http import Answer, OutsideFault, exchange
from lkmr_egisz_bridge.clients.json_fields import Unreadable, object_of, one_of, text
from lkmr_egisz_bridge.domain.errors import ReportRefused, ReportUnknown
from lkmr_servicekit.clock import Clock

_STATES = frozenset({"RECEIVED", "ACCEPTED", "REJECTED"})
_MAX_BYTES = 256 * 1024
_REFUSED = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class HealthAuthorityClient:
    """The port `HealthAuthority`."""

    def __init__(
        self, base_url: str, *, client: httpx2.AsyncClient, guard: Guard, clock: Clock
    ) -> None:
        self._url = base_url.rstrip("/") + "/authority/v1/reports"
        self._client, self._guard, self._clock = client, guard, clock
        guard.probe = guard.probe_at(self._url, client)

    async def send(self, report: SendReportRequest) -> ReportReceipt:
        """Hand a report over. Raises RegisterUnavailable, ReportRefused."""
        request = self._client.build_request(
            "POST",
            self._url,
            content=_body(report),
            headers={"content-type": "application/json"},
        )
        receipt = await self._guard.call(
            "send_report", self._work(request, _REFUSED), seconds=BACKGROUND_SECONDS
        )
        if receipt is None:
            raise ReportRefused
        return receipt

    async def get(self, number: str) -> ReportReceipt:
        """What became of a report. Raises RegisterUnavailable, ReportUnknown."""
        request = self._client.build_request("GET", f"{self._url}/{quote(number, safe='')}")
        receipt = await self._guard.call(
            "get_report", self._work(request, {HTTPStatus.NOT_FOUND}), seconds=BACKGROUND_SECONDS
        )
        if receipt is None:
            raise ReportUnknown
        return receipt

    def _work(
        self, request: httpx2.Request, refusals: set[HTTPStatus]
    ) -> Callable[[Attempt], Awaitable[ReportReceipt | None]]:
        async def work(attempt: Attempt) -> ReportReceipt | None:
            answer = await exchange(self._client, request, max_bytes=_MAX_BYTES, clock=self._clock)
            attempt.code = str(answer.status)
            if answer.status in refusals:
                attempt.result = "REFUSED"
                return None
            return receipt_of(_expected(answer))

        return work


def receipt_of(body: bytes) -> ReportReceipt:
    """The word of the authority. Raises OutsideFault ANSWER_UNREADABLE."""
    raw = object_of(body)
    receipt = raw.get("receipt")
    try:
        return ReportReceipt(
            number=text(raw, "number", required=True),
            state=one_of(raw, "state", _STATES),
            reason=text(raw, "reason"),
            receipt=b"" if receipt is None else orjson.dumps(receipt),
        )
    except Unreadable:
        raise OutsideFault("ANSWER_UNREADABLE") from None


def _expected(answer: Answer) -> bytes:
    if answer.status not in {HTTPStatus.OK, HTTPStatus.ACCEPTED}:
        raise OutsideFault("ANSWER_UNEXPECTED", str(answer.status))
    return answer.body


def _body(report: SendReportRequest) -> bytes:
    return orjson.dumps(
        {
            "reportId": report.report,
            "organizationOid": report.organization_oid,
            "kind": report.kind,
            "periodStart": report.period_start,
            "periodEnd": report.period_end,
            "version": report.version,
            "content": base64.b64encode(report.content).decode(),
            "signature": base64.b64encode(report.signature).decode(),
            "certificate": base64.b64encode(report.certificate).decode(),
        }
    )
