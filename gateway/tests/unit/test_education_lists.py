"""Lists of «Обучение (НМО)»: links keep what was asked for, an absent owner costs its part."""

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from lkmr_gateway.problems import problem
from lkmr_gateway.routes.education_lists import Lists
from lkmr_servicekit.errors import Category, ServiceError


class Inbox:
    async def unread(self, _: str) -> int:
        return 7


class Composer:
    def __init__(self) -> None:
        self.drawn: list[dict[str, Any]] = []

    def page(self, _: Any, view: object, **more: Any) -> object:
        self.drawn.append(more)
        return view


@pytest.fixture
def composer() -> Composer:
    return Composer()


@pytest.fixture
def lists(composer: Composer) -> Lists:
    return Lists(SimpleNamespace(inbox=Inbox(), composer=composer))  # type: ignore[arg-type]


ENTRY: Any = SimpleNamespace(token="t")


async def answer(*items: int, token: str = "") -> tuple[bytes, str]:
    return orjson.dumps({"items": items, "next_page_token": token, "waiting": 3}), "etag"


async def away() -> tuple[bytes, str]:
    raise ServiceError("DATABASE_UNAVAILABLE", Category.UNAVAILABLE)


async def test_links_lead_on_and_back_with_what_was_asked_for(lists: Lists) -> None:
    first = await lists.listed(ENTRY, answer(1, 2, token="a b"), "/list", kind="PK", query="")
    second = await lists.listed(ENTRY, answer(3), "/list", "a b", kind="PK")
    plain = await lists.listed(ENTRY, answer(), "/list", "a b")

    assert (first.items, first.page["waiting"], first.unread) == ([1, 2], 3, 7)
    assert (first.next_href, first.first_href) == ("/list?kind=PK&page_token=a+b", "")
    assert (second.next_href, second.first_href) == ("", "/list?kind=PK")
    assert plain.first_href == "/list"


async def test_an_owner_that_is_away_costs_only_its_part(lists: Lists) -> None:
    found = await lists.listed(ENTRY, away(), "/list", "token")

    assert found.items == []
    assert found.away is not None
    assert found.unread == 7


def test_a_page_with_a_refusal_has_its_status(lists: Lists, composer: Composer) -> None:
    refusal = problem("REPORT_INVALID")
    for fault in (None, refusal):
        lists.drawn(SimpleNamespace(), "view", 7, fault)  # type: ignore[arg-type]

    assert composer.drawn == [
        {"unread": 7, "status": 200},
        {"unread": 7, "status": refusal.status},
    ]
