"""Five main tasks of a working day, done by links and forms only: their clicks and their time.

`LKMR_RENEW_DOCS=1` writes what was counted and measured to `docs/main-tasks.md`. Clicks are held to
what stands there; times are records of one machine and are never asserted.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
RECORD = Path(__file__).parents[2] / "docs" / "main-tasks.md"
MOST_CLICKS = 4


@dataclass
class Walk:
    """A person who starts at home; each click and the seconds until its answer are counted."""

    person: Visitor
    clicks: int = 0
    seconds: float = 0.0

    def follow(self, href: str) -> httpx2.Response:
        """Click a link of the present page whose address looks so. Raises AssertionError."""
        found = re.search(rf'<a [^>]*href="({href})"', self.person.last.text)
        assert found is not None, f"{self.person.at} has no link {href}"
        with self._timed():
            return self.person.open(found.group(1).replace("&amp;", "&"))

    def search(self, action: str, **typed: str) -> httpx2.Response:
        """Press the button of a form that asks for something."""
        form = next(one for one in self.person.forms() if one.action == action)
        assert set(typed) <= set(form.fields), form
        with self._timed():
            return self.person.open(f"{action}?{httpx2.QueryParams(typed)}")

    @contextmanager
    def _timed(self) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - start
        self.clicks += 1
        assert self.person.last.status_code == 200, self.person.at


def see_the_term(walk: Walk) -> None:
    walk.follow(r"/accreditations/[0-9a-f-]{36}")
    assert "Вы можете работать" in walk.person.last.text.replace("\xa0", " ")


def take_the_extract(walk: Walk) -> None:
    walk.follow(r"/accreditations/[0-9a-f-]{36}")
    answer = walk.follow(r"/api/v1/accreditations/[^\"]+/extract\.pdf")
    assert answer.content.startswith(b"%PDF-")


def see_what_is_missing(walk: Walk) -> None:
    walk.follow("/compliance")
    assert "R-ACC-01" in walk.person.last.text


def find_a_programme(walk: Walk) -> None:
    walk.follow("/education")
    walk.follow("/education/catalog")
    walk.search("/education/catalog", query="терапия")
    assert "терапи" in walk.person.last.text.lower()


def see_who_may_not_work(walk: Walk) -> None:
    walk.follow("/staff")
    assert urlsplit(walk.person.at).path == "/staff"


TASKS = {
    "Узнать, до какого дня можно работать": ("ivanova", see_the_term),
    "Получить выписку": ("ivanova", take_the_extract),
    "Узнать, чего не хватает до аккредитации": ("ivanova", see_what_is_missing),
    "Найти программу обучения": ("ivanova", find_a_programme),
    "Узнать, кто из отделения не допущен к работе": ("kuznetsov", see_who_may_not_work),
}


@pytest.mark.proves("F-139")
def test_clicks_and_time_of_the_main_tasks_are_recorded(visitor: NewVisitor) -> None:
    walks = {}
    for name, (login, task) in TASKS.items():
        person = visitor()
        person.sign_in(login)
        walks[name] = Walk(person)
        task(walks[name])

    if os.environ.get("LKMR_RENEW_DOCS"):
        RECORD.write_text(record_of(walks), encoding="utf-8")
    written = re.findall(
        r"^\| ([^|]+) \| (\d+) \| ([\d,]+) \|$", RECORD.read_text("utf-8"), re.MULTILINE
    )
    assert {name: int(clicks) for name, clicks, _ in written} == {
        name: walk.clicks for name, walk in walks.items()
    }, "renew it with LKMR_RENEW_DOCS=1"
    assert max(walk.clicks for walk in walks.values()) <= MOST_CLICKS
    assert all(walk.seconds > 0 for walk in walks.values())


def record_of(walks: dict[str, Walk]) -> str:
    lines = [
        "# Main tasks: clicks and time",
        "",
        "Written by `tests/journeys/test_main_tasks.py`, which does each task from home by links",
        f"and forms of the pages only; none may need more than {MOST_CLICKS} clicks. Seconds are",
        "what one machine needed to answer them, with all services and stand-ins on two cores.",
        "",
        "| Task | Clicks | Seconds |",
        "| --- | --- | --- |",
    ]
    for name, walk in walks.items():
        seconds = f"{walk.seconds:.2f}".replace(".", ",")
        lines.append(f"| {name} | {walk.clicks} | {seconds} |")
    return "\n".join(lines) + "\n"
