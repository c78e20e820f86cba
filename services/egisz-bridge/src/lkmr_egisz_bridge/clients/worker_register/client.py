"""Calls to the worker register (ФРМР)."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

import httpx2
from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2 import WorkerCard

from lkmr_egisz_bridge.clients.guard import BACKGROUND_SECONDS, Attempt, Guard
from lkmr_egisz_bridge.clients.http import Answer, OutsideFault, exchange
from lkmr_egisz_bridge.clients.worker_register.response import (
    RawPage,
    card_or_fault,
    cards_of,
    changes_of,
    found_of,
    page_of,
    single_of,
)
from lkmr_egisz_bridge.domain.errors import CursorInvalid, WorkerCardNotFound
from lkmr_egisz_bridge.usecases.ports import CardPage, ChangePage
from lkmr_servicekit.clock import Clock, monotonic

PAGE = 1000
SLICE = 100
POLL_PAGE = 500
REMEMBER_SECONDS = 60.0
REMEMBER_CARDS = 2000
_CARD_BYTES = 1024**2
_PAGE_BYTES = 32 * 1024**2
_CURSOR_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}
_MAX_CURSOR = 512


@dataclass(frozen=True, slots=True)
class _Remembered:
    card: WorkerCard
    etag: str
    moment: float


class WorkerRegisterClient:
    """The port `WorkerRegister` over the REST of ФРМР; cards are our messages from here on."""

    def __init__(
        self, base_url: str, *, client: httpx2.AsyncClient, guard: Guard, clock: Clock
    ) -> None:
        self._base = base_url.rstrip("/") + "/frmr/v1"
        self._client, self._guard, self._clock = client, guard, clock
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        guard.probe = self._probe

    async def find(self, snils: str) -> WorkerCard | None:
        """The present card behind a SNILS, always from the register."""

        async def work(attempt: Attempt) -> WorkerCard | None:
            answer = await self._get(attempt, "/workers", {"snils": snils})
            if answer.status == HTTPStatus.NOT_FOUND:
                return None
            raw = found_of(_expected(answer))
            if raw is None:
                attempt.result = "NOT_FOUND"
                return None
            return card_or_fault(raw, self._now())

        card = await self._guard.call("find_worker", work)
        if card is not None:
            self._remember(card, "")
        return card

    async def get(self, worker: str, *, min_version: int = 0) -> WorkerCard:
        """The card of a worker; a remembered one is confirmed with the register by its ETag."""
        held = self._recall(worker)
        if held is not None and 0 < min_version <= held.card.version:
            return held.card

        async def work(attempt: Attempt) -> WorkerCard | None:
            headers = {"if-none-match": held.etag} if held and held.etag else {}
            answer = await self._get(attempt, f"/workers/{worker}", {}, headers)
            if answer.status == HTTPStatus.NOT_FOUND:
                return None
            if answer.status == HTTPStatus.NOT_MODIFIED and held:
                fresh = WorkerCard()
                fresh.CopyFrom(held.card)
                fresh.fetch_time.CopyFrom(self._now())
                self._remember(fresh, held.etag)
                return fresh
            card = card_or_fault(single_of(_expected(answer)), self._now())
            if card.name != f"workers/{worker}":
                raise OutsideFault("ANSWER_UNREADABLE", str(answer.status))
            self._remember(card, answer.headers.get("etag", ""))
            return card

        card = await self._guard.call("get_worker", work)
        if card is None:
            self._remembered.pop(worker, None)
            raise WorkerCardNotFound
        return card

    async def pages(self, cursor: str) -> AsyncIterator[CardPage[WorkerCard]]:
        """All cards to the present end; the next page is on its way while one is converted."""
        ahead: asyncio.Task[RawPage] | None = asyncio.create_task(self._page(cursor))
        try:
            while ahead is not None:
                raw = await ahead
                stuck, cursor = raw.cursor == cursor, raw.cursor
                go_on = raw.more and not stuck
                ahead = asyncio.create_task(self._page(cursor)) if go_on else None
                yield await self._converted(raw)
        finally:
            if ahead is not None:
                ahead.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await ahead

    async def _converted(self, raw: RawPage) -> CardPage[WorkerCard]:
        """A page read in slices, so that a load never holds up a person's sign-in for long."""
        now, cards = self._now(), []
        for start in range(0, len(raw.cards), SLICE):
            cards += cards_of(raw.cards[start : start + SLICE], now)
            await asyncio.sleep(0)
        return CardPage(cards, raw.cursor, raw.total)

    async def end(self) -> str:
        """The cursor of the present end."""
        return (await self._changes("latest", 1, single_only=True)).cursor

    async def changes(self, cursor: str) -> ChangePage:
        """Single changes after a cursor, without mass imports."""
        raw = await self._changes(cursor, POLL_PAGE, single_only=True)
        return ChangePage(changes_of(raw), raw.cursor, raw.more)

    async def _page(self, cursor: str) -> RawPage:
        return await self._changes(cursor, PAGE)

    async def _changes(self, cursor: str, limit: int, *, single_only: bool = False) -> RawPage:
        if len(cursor) > _MAX_CURSOR:
            raise CursorInvalid
        query = {"since": cursor, "limit": str(limit)}
        if single_only:
            query["bulk"] = "false"  # mass imports come by the stream only

        async def work(attempt: Attempt) -> RawPage | None:
            answer = await self._get(attempt, "/changes", query, max_bytes=_PAGE_BYTES)
            if cursor and answer.status in _CURSOR_REFUSALS:
                return None
            return page_of(_expected(answer))

        operation = "poll_changes" if single_only else "load_changes"
        page = await self._guard.call(operation, work, seconds=BACKGROUND_SECONDS)
        if page is None:
            raise CursorInvalid
        return page

    async def _probe(self) -> None:
        async def work(attempt: Attempt) -> None:
            _expected(await self._get(attempt, "/changes", {"since": "latest", "limit": "1"}))

        await self._guard.call("probe", work, seconds=1.0)

    async def _get(
        self,
        attempt: Attempt,
        path: str,
        query: dict[str, str],
        headers: dict[str, str] | None = None,
        *,
        max_bytes: int = _CARD_BYTES,
    ) -> Answer:
        request = self._client.build_request(
            "GET", self._base + path, params=query, headers=headers
        )
        answer = await exchange(self._client, request, max_bytes=max_bytes, clock=self._clock)
        attempt.code = str(answer.status)
        if answer.status == HTTPStatus.NOT_FOUND:
            attempt.result = "NOT_FOUND"
        return answer

    def _now(self) -> Timestamp:
        moment = Timestamp()
        moment.FromDatetime(self._clock.now())
        return moment

    def _recall(self, worker: str) -> _Remembered | None:
        held = self._remembered.get(worker)
        if held is not None and monotonic() - held.moment > REMEMBER_SECONDS:
            del self._remembered[worker]
            return None
        return held

    def _remember(self, card: WorkerCard, etag: str) -> None:
        worker = card.name.removeprefix("workers/")
        self._remembered[worker] = _Remembered(card, etag, monotonic())
        self._remembered.move_to_end(worker)
        if len(self._remembered) > REMEMBER_CARDS:
            self._remembered.popitem(last=False)


def _expected(answer: Answer) -> bytes:
    if answer.status != HTTPStatus.OK:
        raise OutsideFault("ANSWER_UNEXPECTED", str(answer.status))
    return answer.body
