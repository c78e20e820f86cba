"""Home is near to everything: each role follows links only and reaches each of its pages.

`LKMR_RENEW_DOCS=1` writes what was found to `docs/navigation.md`.
"""

import os
from collections import deque
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from lkmr_gateway.access import RULES, Entrance, route_for

from ..support.visitor import Visitor

pytestmark = pytest.mark.journey

PEOPLE = {
    "ivanova": "DOCTOR",
    "sidorova": "NURSE",
    "kuznetsov": "HEAD_DEPT",
    "orlova": "HEAD_ORG",
    "smirnova": "HR",
    "pavlova": "EDU_COORD",
    "morozov": "IT_ADMIN",
    "volkov": "SEC_ADMIN",
    "nikitina": "AUDITOR",
    "egorov": "SUPPORT",
    "lebedeva": "REGULATOR",
}
SECTIONS = {
    "/accreditations",
    "/applications",
    "/documents",
    "/education",
    "/messages",
    "/staff",
    "/law-changes",
    "/security",
    "/profile",
    "/audit",
    "/admin/people",
    "/admin/requests",
    "/admin/incidents",
}
MAP = Path(__file__).parents[2] / "docs" / "navigation.md"
ABOUT_OWN_WORK = {"/compliance", "/education/plan", "/education/catalog"}
WITHOUT_OWN_WORK = {"SUPPORT", "REGULATOR"}
CLICKS = 4
BY_ANOTHER_WAY = {
    "/access-log/export": "a file beside the list",
    "/step-up": "asked for by an act",
    "/verify/keys.json": "a file for programs",
}


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href") and "download" not in given:
            self.found.append(str(given["href"]))


def page_of(path: str) -> str:
    """The route of a page, empty for a path that is none."""
    return "" if path.startswith(("/api/", "/auth/", "/static/")) else route_for("GET", path)


def walk(visitor: Visitor) -> tuple[dict[str, int], dict[str, int]]:
    """Pages by the fewest clicks from home, and the status of each that did not open."""
    clicks, broken = {"/": 0}, {}
    waiting = deque(["/"])
    while waiting:
        here = waiting.popleft()
        answer = visitor.open(here)
        if answer.status_code != 200:
            broken[here] = answer.status_code
            continue
        far = clicks[page_of(urlsplit(here).path)]
        clicks.setdefault(page_of(urlsplit(visitor.at).path), far)
        for link in _Links(answer.text).found:
            address = urlsplit(urljoin(urljoin(visitor.base, here), link))
            page = page_of(address.path) if address.netloc == urlsplit(visitor.base).netloc else ""
            if page and page not in clicks:
                clicks[page] = far + 1
                waiting.append(address.path + (f"?{address.query}" if address.query else ""))
    return clicks, broken


@pytest.fixture(scope="module")
def maps(suite: Any) -> Mapping[str, tuple[dict[str, int], dict[str, int]]]:
    found = {}
    for login, role in PEOPLE.items():
        with Visitor(suite) as visitor:
            visitor.sign_in(login)
            found[role] = walk(visitor)
    return found


def own_pages(role: str) -> set[str]:
    """Pages without a name in their address that the matrix opens to a role."""
    return {
        route
        for (method, route), rule in RULES.items()
        if method == "GET"
        and rule.entrance in {Entrance.SESSION, Entrance.OPTIONAL}
        and "{" not in route
        and page_of(route)
        and not route.startswith(("/healthz", "/readyz"))
        and rule.scope_for([role])
    }


@pytest.mark.proves("F-280")
@pytest.mark.parametrize("role", PEOPLE.values())
def test_each_page_of_a_role_is_a_few_clicks_from_home(maps: Any, role: str) -> None:
    clicks, _ = maps[role]

    elsewhere = set(BY_ANOTHER_WAY) | (ABOUT_OWN_WORK if role in WITHOUT_OWN_WORK else set())
    assert sorted(own_pages(role) - set(clicks) - elsewhere) == []
    assert {page: far for page, far in clicks.items() if far > CLICKS} == {}


def test_no_link_leads_to_a_page_that_does_not_open(maps: Any) -> None:
    assert {role: broken for role, (_, broken) in maps.items() if broken} == {}


def test_each_page_is_reached_by_somebody(maps: Any) -> None:
    reached = {page for clicks, _ in maps.values() for page in clicks}
    pages = {
        route
        for (method, route), rule in RULES.items()
        if method == "GET"
        and rule.entrance is not Entrance.PUBLIC
        and "{" not in route
        and page_of(route)
    }

    assert sorted(pages - reached - set(BY_ANOTHER_WAY)) == []


@pytest.mark.proves("F-002")
@pytest.mark.parametrize("role", PEOPLE.values())
def test_home_leads_to_each_section_of_the_role_under_one_session(maps: Any, role: str) -> None:
    clicks, broken = maps[role]

    assert {page: clicks[page] for page in SECTIONS & own_pages(role)} == dict.fromkeys(
        SECTIONS & own_pages(role), 1
    )
    assert broken == {}


def test_the_map_of_pages_in_the_documents_is_true(maps: Any) -> None:
    drawn = drawn_map({role: clicks for role, (clicks, _) in maps.items()})
    if os.environ.get("LKMR_RENEW_DOCS"):
        MAP.write_text(drawn, encoding="utf-8")

    assert MAP.read_text(encoding="utf-8") == drawn, "renew it with LKMR_RENEW_DOCS=1"


def drawn_map(maps: Mapping[str, Mapping[str, int]]) -> str:
    """Each page with the fewest clicks from home and the roles that get there."""
    found = {page for clicks in maps.values() for page in clicks if "{" not in page}
    pages = sorted(found - set(BY_ANOTHER_WAY))
    lines = [
        "# Map of the pages",
        "",
        "Written by `tests/journeys/test_navigation.py`, which follows every link as each role;",
        f"no page may be further than {CLICKS} clicks from home.",
        "",
        "| Page | Clicks | Roles |",
        "| --- | --- | --- |",
    ]
    for page in pages:
        near = {role: clicks[page] for role, clicks in maps.items() if page in clicks}
        who = "all" if len(near) == len(maps) else ", ".join(sorted(near))
        lines.append(f"| `{page}` | {min(near.values())} | {who} |")
    return "\n".join(lines) + "\n"
