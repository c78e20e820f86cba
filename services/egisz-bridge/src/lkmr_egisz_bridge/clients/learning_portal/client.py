"""Calls to the portal of continuing education (НМО)."""

from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2
import orjson
from lkmr.egisz_bridge.v1.learning_service_pb2 import (
    CatalogueProgramme,
    RedeemedCode,
    StudyNotice,
)

from lkmr_egisz_bridge.clients.guard import BACKGROUND_SECONDS, Attempt, Guard
from lkmr_egisz_bridge.clients.http import Answer, OutsideFault, exchange
from lkmr_egisz_bridge.clients.learning_portal.response import (
    NoticePage,
    ProgrammePage,
    notices_of,
    programmes_of,
    redeemed_of,
)
from lkmr_egisz_bridge.domain.errors import CursorInvalid, StudyFileNotFound
from lkmr_egisz_bridge.usecases.ports import CyclePeriod
from lkmr_servicekit.clock import Clock

PAGE = 1000
_MAX_CURSOR = 512
_SMALL, _PAGE_BYTES, _FILE_BYTES = 1024**2, 32 * 1024**2, 20 * 1024**2
_CURSOR_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}


class LearningPortalClient:
    """The port `LearningPortal`; notices and programmes are our messages from here on."""

    def __init__(
        self, base_url: str, *, client: httpx2.AsyncClient, guard: Guard, clock: Clock
    ) -> None:
        self._base = base_url.rstrip("/") + "/nmo/v1"
        self._client, self._guard, self._clock = client, guard, clock
        guard.probe = self._probe

    async def notices(self, cursor: str) -> AsyncIterator[tuple[Sequence[StudyNotice], str]]:
        """Pages to the present end, each with the cursor behind it. Raises CursorInvalid."""
        if len(cursor) > _MAX_CURSOR:
            raise CursorInvalid
        while True:
            page = await self._notices(cursor)
            if page.cursor == cursor:
                return
            cursor = page.cursor
            yield page.notices, cursor
            if not page.more:
                return

    async def programmes(
        self, known_edition: str
    ) -> AsyncIterator[tuple[Sequence[CatalogueProgramme], str]]:
        """Pages with their edition; ends before the first when the edition is the known one.

        Raises RegisterUnavailable, also when the edition changes on the way.
        """
        place, edition, more = 0, "", True
        while more:
            page = await self._programmes(place)
            if page.edition == known_edition:
                return
            if edition and page.edition != edition:
                raise self._guard.refusal("EDITION_CHANGED")
            edition, more = page.edition, page.more and page.place > place
            place = page.place
            yield page.programmes, edition

    async def redeem(self, worker: str, code: str, cycles: Sequence[CyclePeriod]) -> RedeemedCode:
        """The portal's answer to a code (ИКП)."""
        body = {
            "personId": worker,
            "code": code,
            "cycles": [
                {"specialty": one.specialty, "startDate": one.start, "endDate": one.end}
                for one in cycles
            ],
        }

        async def work(attempt: Attempt) -> RedeemedCode:
            return redeemed_of(_expected(await self._send(attempt, "/codes/redeem", body)))

        return await self._guard.call("redeem_code", work)

    async def file(self, identity: str) -> bytes:
        """The file of a document, at most 20 MiB. Raises StudyFileNotFound."""

        async def work(attempt: Attempt) -> bytes | None:
            answer = await self._get(
                attempt,
                f"/studies/{quote(identity, safe='')}/certificate",
                {},
                max_bytes=_FILE_BYTES,
            )
            return None if answer.status == HTTPStatus.NOT_FOUND else _expected(answer)

        found = await self._guard.call("download_file", work, seconds=BACKGROUND_SECONDS)
        if found is None:
            raise StudyFileNotFound
        return found

    async def _notices(self, cursor: str) -> NoticePage:
        async def work(attempt: Attempt) -> NoticePage | None:
            query = {"since": cursor, "limit": str(PAGE)}
            answer = await self._get(attempt, "/notices", query, max_bytes=_PAGE_BYTES)
            if cursor and answer.status in _CURSOR_REFUSALS:
                return None
            return notices_of(_expected(answer))

        page = await self._guard.call("load_notices", work, seconds=BACKGROUND_SECONDS)
        if page is None:
            raise CursorInvalid
        return page

    async def _programmes(self, after: int) -> ProgrammePage:
        async def work(attempt: Attempt) -> ProgrammePage:
            query = {"after": str(after), "limit": str(PAGE)}
            answer = await self._get(attempt, "/programmes", query, max_bytes=_PAGE_BYTES)
            return programmes_of(_expected(answer))

        return await self._guard.call("load_programmes", work, seconds=BACKGROUND_SECONDS)

    async def _probe(self) -> None:
        async def work(attempt: Attempt) -> None:
            _expected(await self._get(attempt, "/notices", {"since": "latest", "limit": "1"}))

        await self._guard.call("probe", work, seconds=1.0)

    async def _get(
        self, attempt: Attempt, path: str, query: dict[str, str], *, max_bytes: int = _SMALL
    ) -> Answer:
        request = self._client.build_request("GET", self._base + path, params=query)
        return await self._exchanged(attempt, request, max_bytes)

    async def _send(self, attempt: Attempt, path: str, body: dict[str, Any]) -> Answer:
        headers = {"content-type": "application/json"}
        request = self._client.build_request(
            "POST", self._base + path, content=orjson.dumps(body), headers=headers
        )
        return await self._exchanged(attempt, request, _SMALL)

    async def _exchanged(self, attempt: Attempt, request: httpx2.Request, max_bytes: int) -> Answer:
        answer = await exchange(self._client, request, max_bytes=max_bytes, clock=self._clock)
        attempt.code = str(answer.status)
        if answer.status == HTTPStatus.NOT_FOUND:
            attempt.result = "NOT_FOUND"
        return answer


def _expected(answer: Answer) -> bytes:
    if answer.status != HTTPStatus.OK:
        raise OutsideFault("ANSWER_UNEXPECTED", str(answer.status))
    return answer.body
