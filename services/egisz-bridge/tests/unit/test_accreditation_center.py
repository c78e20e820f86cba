from collections.abc import Callable
from typing import Any

import httpx2
import orjson
import pytest
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2 import SendApplicationRequest

from lkmr_egisz_bridge.clients.accreditation_center.client import (
    AccreditationCenterClient,
    news_of,
)
from lkmr_egisz_bridge.clients.guard import ExchangeRecord, Guard
from lkmr_egisz_bridge.clients.http import OutsideFault
from lkmr_egisz_bridge.domain.breaker import Breaker
from lkmr_egisz_bridge.domain.errors import RegisterUnavailable
from lkmr_servicekit.clock import FakeClock, monotonic

ID = "3f0e9a52-3f0e-4a52-8a52-3f0e9a523f0e"


class Records:
    def __init__(self) -> None:
        self.made: list[ExchangeRecord] = []

    def record(self, record: ExchangeRecord) -> None:
        self.made.append(record)


def a_client(
    answer: Callable[[httpx2.Request], httpx2.Response], records: Records
) -> AccreditationCenterClient:
    clock = FakeClock()
    guard = Guard("accreditation_center", records=records, clock=clock, breaker=Breaker(monotonic))
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return AccreditationCenterClient("https://fac.example", client=http, guard=guard, clock=clock)


def asked(act: str = "SUBMIT") -> SendApplicationRequest:
    return SendApplicationRequest(
        name=f"workers/w/applications/{ID}",
        act=act,
        file_set=2,
        snils="90000103798",
        specialty="терапия",
        answers={"phone": "+7 900 000-00-01"},
        agreement="AGREED",
    )


@pytest.mark.parametrize(
    ("act", "method", "path"),
    [
        ("SUBMIT", "PUT", f"/fac/v1/applications/{ID}"),
        ("WITHDRAW", "POST", f"/fac/v1/applications/{ID}/withdrawal"),
        ("APPEAL", "POST", f"/fac/v1/applications/{ID}/appeals"),
    ],
)
async def test_each_act_has_its_address_and_is_recorded_without_data_of_a_person(
    act: str, method: str, path: str
) -> None:
    seen: list[httpx2.Request] = []
    records = Records()

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(202, json={})

    await a_client(answer, records).send(asked(act))

    assert [(one.method, one.url.path) for one in seen] == [(method, path)]
    assert orjson.loads(seen[0].content)["fileSet"] == 2
    (record,) = records.made
    assert (record.operation, record.result, record.code) == (
        f"{act.lower()}_application", "OK", "202",
    )  # fmt: skip
    assert "90000103798" not in repr(record)


@pytest.mark.parametrize("status", [400, 404, 422, 429, 500, 503])
async def test_whatever_the_centre_refuses_is_tried_again_later(status: int) -> None:
    client = a_client(lambda _: httpx2.Response(status, json={}), Records())

    with pytest.raises(RegisterUnavailable):
        await client.send(asked())
    with pytest.raises(RegisterUnavailable):
        await client.news("")


async def test_news_are_read_whole_and_words_that_nobody_knows_pass_through() -> None:
    item = {
        "id": ID, "status": "НЕЧТО", "statusText": "Своими словами", "remarks": ["Нет печати"],
        "registrationNumber": "ФАЦ-1", "registeredOn": "2026-11-24", "meetingOn": "2026-12-22",
        "protocol": {"number": "7", "date": "2026-12-25", "url": "https://fca.example/7"},
    }  # fmt: skip
    page = {"items": [item, {"id": ID, "status": "PASSED"}], "nextCursor": "2"}
    client = a_client(lambda _: httpx2.Response(200, json=page), Records())

    news = await client.news("1")

    assert news.cursor == "2"
    first, second = news.news
    assert (first.state, first.text, list(first.remarks)) == (
        "НЕЧТО", "Своими словами", ["Нет печати"],
    )  # fmt: skip
    assert (first.protocol_number, first.meeting_on) == ("7", "2026-12-22")
    assert (second.state, second.text) == ("PASSED", "")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b'{"items": [1], "nextCursor": "1"}',
        b'{"items": [{"id": 7, "status": "PASSED"}], "nextCursor": "1"}',
        b'{"items": [{"id": "a"}], "nextCursor": "1"}', b'{"items": [], "nextCursor": 1}',
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_read_is_a_fault(body: Any) -> None:
    with pytest.raises(OutsideFault):
        news_of(body)
