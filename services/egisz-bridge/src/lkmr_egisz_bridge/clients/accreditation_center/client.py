"""Calls to the accreditation centre (ФАЦ).

Its interface is not published; the one of the stand-in is used until it is (docs/divergences.md).
"""

from http import HTTPStatus
from typing import Any

import httpx2
import orjson
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2 import (
    ApplicationNews,
    ListApplicationNewsResponse,
    SendApplicationRequest,
)

from lkmr_egisz_bridge.clients.guard import BACKGROUND_SECONDS, Attempt, Guard
from lkmr_egisz_bridge.clients.http import Answer, OutsideFault, exchange
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.resource_names import ids_in

PAGE = 200
_BYTES = 4 * 1024**2
_TAKEN = {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED}
_PLACES = {"SUBMIT": "", "WITHDRAW": "/withdrawal", "APPEAL": "/appeals"}


class AccreditationCenterClient:
    """The port `AccreditationCenter` over REST with JSON."""

    def __init__(
        self, base_url: str, *, client: httpx2.AsyncClient, guard: Guard, clock: Clock
    ) -> None:
        self._base = base_url.rstrip("/") + "/fac/v1"
        self._client, self._guard, self._clock = client, guard, clock
        guard.probe = guard.probe_at(f"{self._base}/changes?limit=1", client)

    async def send(self, asked: SendApplicationRequest) -> None:
        """Hand an act over; the centre knows a repeat by application, act and version.

        Raises RegisterUnavailable.
        """
        _, application = ids_in(asked.name, "workers", "applications")
        path = f"/applications/{application}{_PLACES[asked.act]}"
        body = {
            "fileSet": asked.file_set,
            "snils": asked.snils,
            "specialty": asked.specialty,
            "educationLevel": asked.education_level,
            "answers": dict(asked.answers),
            "agreement": asked.agreement,
            "agreementSignature": asked.agreement_signature,
            "reason": asked.reason,
        }

        async def work(attempt: Attempt) -> None:
            method = "PUT" if asked.act == "SUBMIT" else "POST"
            answer = await self._exchange(attempt, method, path, content=orjson.dumps(body))
            if answer.status not in _TAKEN:
                raise OutsideFault("ANSWER_UNEXPECTED", str(answer.status))

        await self._guard.call(f"{asked.act.lower()}_application", work, seconds=BACKGROUND_SECONDS)

    async def news(self, cursor: str) -> ListApplicationNewsResponse:
        """What changed after a cursor. Raises RegisterUnavailable."""

        async def work(attempt: Attempt) -> ListApplicationNewsResponse:
            query = {"since": cursor, "limit": str(PAGE)}
            answer = await self._exchange(attempt, "GET", "/changes", query=query)
            if answer.status != HTTPStatus.OK:
                raise OutsideFault("ANSWER_UNEXPECTED", str(answer.status))
            return news_of(answer.body)

        return await self._guard.call("poll_applications", work, seconds=BACKGROUND_SECONDS)

    async def _exchange(
        self,
        attempt: Attempt,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        request = self._client.build_request(
            method,
            self._base + path,
            params=query,
            content=content,
            headers={"content-type": "application/json"} if content else None,
        )
        answer = await exchange(self._client, request, max_bytes=_BYTES, clock=self._clock)
        attempt.code = str(answer.status)
        return answer


def news_of(body: bytes) -> ListApplicationNewsResponse:
    """A page of changes. Raises OutsideFault when it cannot be read."""
    try:
        page = orjson.loads(body)
        return ListApplicationNewsResponse(
            news=[_news(one) for one in page["items"]], cursor=_text(page["nextCursor"])
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise OutsideFault("ANSWER_UNREADABLE", type(fault).__name__) from None


def _news(given: dict[str, Any]) -> ApplicationNews:
    protocol = given.get("protocol") or {}
    return ApplicationNews(
        application=_text(given["id"]),
        state=_text(given["status"]),
        text=_text(given.get("statusText")),
        registration_number=_text(given.get("registrationNumber")),
        registered_on=_text(given.get("registeredOn")),
        meeting_on=_text(given.get("meetingOn")),
        protocol_number=_text(protocol.get("number")),
        protocol_on=_text(protocol.get("date")),
        protocol_url=_text(protocol.get("url")),
        remarks=[_text(one) for one in given.get("remarks") or ()],
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
