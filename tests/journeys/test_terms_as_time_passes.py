"""The suite is started on one day after another: terms are noticed, quiet hours kept."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lkmr_rig.guard import free_base
from lkmr_rig.threaded import ThreadedSuite, running

from ..support.own_suite import WORKERS, eventually
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
FIRST_DAY = date(2027, 1, 15)
END = FIRST_DAY + timedelta(days=150)  # ivanova's entry, counted from the first start
At = Callable[[int, str], Any]


@pytest.fixture
def at() -> Iterator[At]:
    """Starts the suite so many days before the end, at an hour of Moscow; it keeps its data."""
    home = Path(tempfile.mkdtemp(prefix="lkmr-terms-"))

    @contextmanager
    def started(days_left: int, hour: str) -> Iterator[ThreadedSuite]:
        now = f"{END - timedelta(days=days_left)}T{hour}:00+03:00"
        settings = {"LKMR_REGISTER_WORKERS": WORKERS, "LKMR_NOW": now}
        with running(home, free_base(), env=settings) as suite:
            yield suite

    yield started
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def signed_in(suite: ThreadedSuite, login: str) -> Iterator[Visitor]:
    with Visitor(suite) as person:
        person.sign_in(login)
        yield person


def told(reader: Visitor, query: str = "") -> list[dict[str, Any]]:
    """Messages about terms, newest first."""
    asked = {"group": "TERMS", "page_size": "200"} | ({"query": query} if query else {})
    return [
        {**one, "title": one["title"].replace("\xa0", " ")}
        for one in reader.api("messages", params=asked)["items"]
    ]


def own(reader: Visitor) -> list[str]:
    return [one["title"] for one in told(reader) if one["kind"].startswith("ACCREDITATION_TERM")]


def coming(days: str) -> str:
    return f"До конца аккредитации {days}"


def letters(reader: Visitor, words: str) -> int:
    sent = reader.messages("ivanova@demo.example")
    return sum(words in one["subject"].replace("\xa0", " ") for one in sent)


@pytest.mark.proves("F-021")
def test_a_term_is_noticed_at_each_threshold_until_it_is_solved(at: At) -> None:
    with at(150, "12:00") as suite, signed_in(suite, "ivanova") as doctor:
        first = eventually(lambda: own(doctor), 30, "the first reminder")
        assert first == [coming("150 дней")]
        eventually(lambda: letters(doctor, coming("150 дней")) == 1, 30, "the letter")
        with signed_in(suite, "kuznetsov") as head:  # known to the cabinet from now on
            assert told(head, "150 дней") == []

    with at(60, "12:00") as suite, signed_in(suite, "ivanova") as doctor:
        eventually(lambda: len(own(doctor)) == 2, 30, "the second reminder")
        assert own(doctor) == [coming("60 дней"), coming("150 дней")]
        eventually(lambda: letters(doctor, coming("60 дней")) == 1, 30, "the letter")
        (task,) = (one for one in told(doctor) if one["title"] == coming("60 дней"))
        assert (task["task"], task["deadline"], task["done_time"]) == (True, END.isoformat(), None)
        assert doctor.post(f"messages/{task['id']}/done").status_code == 200
        with signed_in(suite, "kuznetsov") as head:
            (at_staff,) = eventually(lambda: told(head, "60 дней"), 30, "the head is told")
            assert "сотрудник" in at_staff["title"]
            assert "Иванов" not in at_staff["title"] + at_staff["text"]

    with at(30, "22:30") as suite, signed_in(suite, "ivanova") as doctor:
        (newest, *_) = eventually(
            lambda: [one for one in told(doctor) if one["title"] == coming("30 дней")],
            30,
            "a reminder in the cabinet, though it is night",
        )
        assert [one["state"] for one in newest["deliveries"]] == ["QUEUED"]
        assert letters(doctor, coming("30 дней")) == 0

    with at(29, "08:05") as suite, signed_in(suite, "ivanova") as doctor:
        eventually(lambda: letters(doctor, coming("30 дней")) == 1, 30, "the letter of the morning")
        assert own(doctor) == [coming(days) for days in ("30 дней", "60 дней", "150 дней")]
        renewed = {"accreditation_days_left": 1800}
        doctor.control("egisz", "PATCH", "register/workers/900-001-037%2098", renewed)
        eventually(
            lambda: all(one["done_time"] for one in told(doctor)), 60, "the tasks are settled"
        )
        ends = {one["title"]: one["done_by"] for one in told(doctor)}
        assert ends[coming("60 дней")] == "PERSON"
        assert ends[coming("30 дней")] == "FACT"
        (found,) = told(doctor, "30 дней")  # what is done stays to be found
        assert found["id"] == newest["id"]
        assert letters(doctor, coming("30 дней")) == 1
