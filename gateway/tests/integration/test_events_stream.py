"""Server-sent events over a real connection."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from lkmr.accreditation.v1 import events_pb2 as accreditation_events
from lkmr.auth.v1 import events_pb2 as auth_events
from lkmr.education.v1 import events_pb2 as education_events
from lkmr.notify.v1 import events_pb2 as notify_events
from played_cabinet import (
    COOKIE,
    ENTRY_ID,
    PERSON,
    WORKER,
    Cabinet,
    a_message,
    document,
    refusing,
    until,
)

from lkmr_gateway import sse
from lkmr_gateway.entry import key_of
from lkmr_servicekit.errors import Category


class Page:
    """An open page that reads its stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.head = b""

    async def event(self) -> dict[str, Any]:
        """The next event, comments and `retry` skipped; empty at the end of the stream."""
        while True:
            found: dict[str, Any] = {}
            while line := (await asyncio.wait_for(self._line(), 5)).rstrip("\n"):
                name, _, value = line.partition(": ")
                if name in {"event", "id", "data"}:
                    found[name] = value
            if found:
                found["data"] = json.loads(found["data"])
                return found
            if self.reader.at_eof():
                return {}

    async def _line(self) -> str:
        """A line of the stream without the frames of the chunked coding."""
        while not self.reader.at_eof():
            line = (await self.reader.readline()).decode()
            stripped = line.strip()
            if stripped == "0":
                self.reader.feed_eof()
                return ""
            if stripped and all(sign in "0123456789abcdef" for sign in stripped):
                continue
            if line == "\r\n":
                continue
            return line
        return ""


@asynccontextmanager
async def a_page(cabinet: Cabinet, last_id: str = "") -> AsyncIterator[Page]:
    reader, writer = await asyncio.open_connection("127.0.0.1", cabinet.port)
    resume = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
    head = f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{cabinet.port}\r\n"
    agent = cabinet.client.headers["user-agent"]
    cookie = cabinet.headers["cookie"]
    writer.write(f"{head}User-Agent: {agent}\r\nCookie: {cookie}\r\n{resume}\r\n".encode())
    page = Page(reader, writer)
    page.head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    try:
        yield page
    finally:
        writer.close()


def ids(count: int) -> list[str]:
    return [str(uuid.UUID(int=1000 + number)) for number in range(count)]


async def created(cabinet: Cabinet, identity: str) -> None:
    name = f"persons/{PERSON}/messages/{identity}"
    await cabinet.parts.streams.message_created(PERSON, name)


async def test_a_message_reaches_the_open_page(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    async with a_page(cabinet) as page:
        assert b"200 OK" in page.head
        assert b"text/event-stream" in page.head
        await until(lambda: cabinet.parts.streams.count == 1)
        (one,) = ids(1)

        await created(cabinet, one)
        got = await page.event()

    assert (got["event"], got["id"]) == ("message", one)
    assert set(got["data"]) == set(a_message())
    assert cabinet.notify.tokens[-1] == "Bearer token-of-ivanova"
    await until(lambda: cabinet.parts.streams.count == 0)


async def test_a_message_told_twice_reaches_the_page_once(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    one, two = ids(2)
    async with a_page(cabinet) as page:
        await until(lambda: cabinet.parts.streams.count == 1)
        for identity in (one, one, two):
            await created(cabinet, identity)

        assert [(await page.event())["id"], (await page.event())["id"]] == [one, two]


async def test_a_page_resumes_after_the_last_message_that_it_saw(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    first, *missed = ids(4)

    def since(request: Any) -> Any:
        seen = request.last_name.split("/")[-1]
        rest = missed[missed.index(seen) + 1 :] if seen in missed else missed
        return document({"items": [a_message(one) for one in rest]})

    cabinet.notify.on["ListMessagesSince"] = since

    async with a_page(cabinet, last_id=first) as page:
        got = [(await page.event())["id"] for _ in missed]

    assert got == missed
    assert cabinet.notify.calls[0][1].last_name == f"persons/{PERSON}/messages/{first}"


@pytest.mark.parametrize("last_id", ["no-such-message", "../x", "a" * 100])
async def test_a_strange_last_id_does_not_break_the_stream(cabinet: Cabinet, last_id: str) -> None:
    cabinet.signed_in()
    cabinet.notify.on["ListMessagesSince"] = refusing("MESSAGE_NOT_FOUND", Category.NOT_FOUND)
    (one,) = ids(1)
    cabinet.notify.on["ListMessages"] = lambda _: document({"items": [a_message(one)]})
    async with a_page(cabinet, last_id=last_id) as page:
        await until(lambda: cabinet.parts.streams.count == 1)
        await created(cabinet, one)

        assert (await page.event())["id"] == one


async def test_what_was_missed_while_a_service_was_away_comes_later_and_once(
    cabinet: Cabinet,
) -> None:
    cabinet.signed_in()
    one, two, three = ids(3)
    lying: list[str] = []
    cabinet.notify.on["ListMessagesSince"] = lambda request: document(
        {
            "items": [
                a_message(identity)
                for identity in lying[lying.index(request.last_name.split("/")[-1]) + 1 :]
            ]
        }
    )
    async with a_page(cabinet) as page:
        await until(lambda: cabinet.parts.streams.count == 1)
        lying.append(one)
        await created(cabinet, one)
        assert (await page.event())["id"] == one

        working = cabinet.notify.on["ListMessagesSince"]
        reading = cabinet.notify.on["ReadMessage"]
        away = refusing("DATABASE_UNAVAILABLE", Category.UNAVAILABLE)
        cabinet.notify.on["ReadMessage"] = cabinet.notify.on["ListMessagesSince"] = away
        lying.append(two)
        await created(cabinet, two)
        cabinet.notify.on["ReadMessage"], cabinet.notify.on["ListMessagesSince"] = reading, working
        lying.append(three)
        await created(cabinet, three)

        assert [(await page.event())["id"], (await page.event())["id"]] == [two, three]


async def test_after_a_gap_of_the_bus_pages_get_what_they_missed(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    (one,) = ids(1)
    cabinet.notify.on["ListMessages"] = lambda _: document(
        {"items": [a_message(one), a_message(create_time="2020-01-01T00:00:00.000Z")]}
    )
    async with a_page(cabinet) as page:
        await until(lambda: cabinet.parts.streams.count == 1)

        cabinet.parts.streams.all_behind()
        got = [await page.event(), await page.event()]

    assert [one["event"] for one in got] == ["changed", "message"]
    assert got[0]["data"] == {"name": f"workers/{WORKER}/accreditations"}
    assert got[1]["id"] == one


async def test_facts_reach_pages_caches_and_sessions(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    await cabinet.get("/api/v1/accreditations")
    name = f"workers/{WORKER}/accreditations/{ENTRY_ID}"
    async with a_page(cabinet) as page:
        await until(lambda: cabinet.parts.streams.count == 1)

        await cabinet.facts._accreditation_changed(
            "", accreditation_events.AccreditationChanged(accreditation=name, version=2)
        )
        assert (await page.event())["data"] == {"name": name}
        assert cabinet.parts.cache.bytes == 0

        renewal = f"workers/{WORKER}/applications/{ENTRY_ID}"
        await cabinet.get("/api/v1/accreditations")
        await cabinet.facts._application_changed(
            "",
            accreditation_events.ApplicationChanged(
                application=renewal, worker=f"workers/{WORKER}", state="SUBMITTED"
            ),
        )
        assert (await page.event())["data"] == {"name": renewal}
        assert cabinet.parts.cache.bytes == 0

        many = education_events.CreditsLoaded(workers=["workers/" + ids(1)[0], f"workers/{WORKER}"])
        await cabinet.facts._credits_loaded("", many)
        assert (await page.event())["data"] == {"name": f"workers/{WORKER}"}

        await cabinet.facts._message_created(
            "", notify_events.MessageCreated(message=f"persons/{PERSON}/messages/{ids(1)[0]}")
        )
        assert sum(lane.qsize() for lane in cabinet.facts._lanes) == 1

        await cabinet.facts._session_revoked(
            "",
            auth_events.SessionRevoked(
                session="persons/1/sessions/2",
                session_hash=key_of(COOKIE.encode()),
                reason="OTHER_DEVICE",
            ),
        )
        got = await page.event()
        assert (got["event"], got["data"]) == ("session_ended", {"code": "LKMR-AUTH-021"})
        assert await page.event() == {}
    assert len(cabinet.parts.sessions) == 0


async def test_what_is_kept_about_a_person_is_forgotten_with_the_order_to_destroy_it(
    cabinet: Cabinet,
) -> None:
    cabinet.signed_in()
    for worker in (f"workers/{WORKER}", ""):
        await cabinet.get("/api/v1/accreditations")
        assert cabinet.parts.cache.bytes > 0
        order = auth_events.ErasureOrdered(person=f"persons/{PERSON}", worker=worker)
        await cabinet.facts._erasure_ordered("", order)
        assert (cabinet.parts.cache.bytes == 0) is bool(worker)


async def test_a_stopping_gateway_asks_pages_to_connect_elsewhere(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    async with a_page(cabinet) as page:
        await until(lambda: cabinet.parts.streams.count == 1)

        cabinet.parts.streams.drain()
        got = await page.event()

        assert got["event"] == "reconnect"
        assert 0 <= got["data"]["delay_milliseconds"] <= 5000
        assert await page.event() == {}
    assert (await cabinet.get("/api/v1/events")).status_code == 503


async def test_streams_of_a_session_are_bounded(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    pages = [a_page(cabinet) for _ in range(5)]
    for page in pages:
        await page.__aenter__()
    await until(lambda: cabinet.parts.streams.count == 5)

    answer = await cabinet.get("/api/v1/events")

    assert answer.status_code == 429
    assert answer.json()["code"] == "LKMR-SYS-003"
    for page in pages:
        await page.__aexit__(None, None, None)
    await until(lambda: cabinet.parts.streams.count == 0)


async def test_heartbeats_notice_the_end_of_a_session(cabinet: Cabinet) -> None:
    cabinet.parts.streams._heartbeat = 0.1
    cabinet.signed_in()
    async with a_page(cabinet) as page:
        await until(lambda: cabinet.parts.streams.count == 1)
        entry = next(iter(cabinet.parts.sessions._entries.values()))
        cabinet.auth.on["ResolveSession"] = refusing("SESSION_EXPIRED", Category.UNAUTHENTICATED)
        entry.valid_until = 0

        got = await page.event()

    assert (got["event"], got["data"]) == ("session_ended", {"code": "LKMR-AUTH-002"})


async def test_a_page_that_does_not_read_is_dropped(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    async with a_page(cabinet):
        await until(lambda: cabinet.parts.streams.count == 1)
        (stream,) = cabinet.parts.streams._by_person[PERSON]
        for _ in range(sse.QUEUE + 1):
            stream.push(b"x" * 10)
        await until(lambda: cabinet.parts.streams.count == 0)
