"""A bulk on its way: an urgent word overtakes it, an operator holds it, lets it go, stops it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from lkmr_rig.threaded import ThreadedSuite

from ..support.own_suite import eventually, own_suite
from ..support.visitor import Form, Visitor

pytestmark = pytest.mark.journey
READERS = ("ivanova", "kuznetsov", "orlova", "smirnova", "fedorov", "belova", "zaytseva", "pavlova")

MOVING = {"QUEUED", "SENDING", "TEMPORARY_FAILURE"}


@pytest.fixture(scope="module")
def suite() -> Iterator[ThreadedSuite]:
    """At noon, with two places for sending, one of them for bulks, and a slow relay."""
    settings = {"LKMR_NOW": "2027-01-15T12:00:00+03:00", "NOTIFY_SEND_PLACES": "2"}
    with own_suite("bulk", **settings) as started:
        yield started


@pytest.fixture(scope="module")
def operator(suite: ThreadedSuite) -> Iterator[Visitor]:
    with ExitStack() as stack:
        for login in READERS:
            stack.enter_context(Visitor(suite)).sign_in(login)
        made = stack.enter_context(Visitor(suite))
        made.sign_in("volkov")
        made.control("mailbox", "PUT", "behaviour", slow())
        yield made


def slow() -> dict[str, Any]:
    return {"system": "smtp", "availability": "slow", "delay_seconds": 1.5}


def publish(operator: Visitor, title: str, **fields: str) -> str:
    """By the form, without a script; gives the page of the announcement."""
    operator.open("/admin/announcements/new")
    form = operator.form_with("key")
    assert form is not None
    given = {"kind": "SERVICE", "title": title, "text": "Текст объявления.", **fields}
    page = operator.submit(with_boxes(form, fields), **given)
    assert "Объявление принято" in page.text
    return operator.at


def with_boxes(form: Form, given: dict[str, str]) -> Form:
    """The form as a browser sends it: without boxes that are not ticked."""
    kept = {
        name: value
        for name, value in form.fields.items()
        if name in given or not (name == "urgent" or name.startswith("role."))
    }
    return replace(form, fields=kept)


def letters(operator: Visitor) -> list[dict[str, str]]:
    """Letters about news, the oldest first."""
    found = operator._client.get(f"{operator.suite.url('mailbox')}/api/messages").json()
    mail = [one for one in reversed(found) if one["channel"] == "EMAIL"]
    return [one for one in mail if "овости" in one["subject"] or "ход" in one["subject"]]


def states(operator: Visitor, page: str) -> dict[str, int]:
    identity = page.partition("?")[0].rpartition("/")[2]
    found: dict[str, int] = operator.api(f"admin/notifications/announcements/{identity}")[
        "deliveries"
    ]
    return found


def steer(operator: Visitor, page: str, action: str) -> str:
    operator.open(page.partition("?")[0])
    form = next(one for one in operator.forms() if one.action.endswith("/steer"))
    return operator.submit(form, action=action).text.replace("\xa0", " ")


def test_an_urgent_announcement_overtakes_a_bulk(operator: Visitor) -> None:
    bulk = publish(operator, "Обычная новость")
    eventually(lambda: len(letters(operator)) >= 1, 30, "the bulk begins")
    before = len(letters(operator))
    publish(operator, "Срочная новость", urgent="on", **{"role.HR": "on"})

    eventually(lambda: not MOVING & set(states(operator, bulk)), 60, "the bulk ends")
    order = [one["to"] for one in letters(operator)]

    assert order.count("smirnova@demo.example") == 2
    urgent = order.index("smirnova@demo.example", before)
    assert urgent - before <= 2
    assert len(order) > urgent + 1


def test_a_bulk_is_held_let_go_and_stopped_by_an_operator(operator: Visitor) -> None:
    page = publish(operator, "Новость, которую остановят")
    start = len(letters(operator))
    eventually(lambda: len(letters(operator)) > start, 30, "the bulk begins")

    assert "приостановлено" in steer(operator, page, "PAUSE")
    eventually(lambda: "SENDING" not in states(operator, page), 10, "what was under way ends")
    held = len(letters(operator))
    waiting = states(operator, page)["QUEUED"]
    operator.control("mailbox", "PUT", "behaviour", {"system": "smtp", "availability": "up"})
    assert len(letters(operator)) == held
    operator.control("mailbox", "PUT", "behaviour", slow())

    assert "Рассылка продолжается" in steer(operator, page, "RESUME")
    eventually(lambda: len(letters(operator)) > held, 30, "the bulk goes on")
    assert "Рассылка отменена" in steer(operator, page, "CANCEL")

    eventually(lambda: "SENDING" not in states(operator, page), 10, "what was under way ends")
    ended = states(operator, page)
    assert not MOVING & set(ended)
    assert 0 < ended["CANCELLED"] < waiting
    again = steer_refused(operator, page)
    assert "Объявление уже перешло в другое состояние" in again


def steer_refused(operator: Visitor, page: str) -> str:
    """A form of a page that is out of date."""
    token = operator.api("session")["csrf_token"]
    answer = operator.request(
        "POST",
        f"{page.partition('?')[0]}/steer",
        data={"csrf_token": token, "action": "RESUME"},
        headers={"origin": operator.base},
    )
    assert answer.status_code == 409
    return answer.text.replace("\xa0", " ")


def test_a_form_sent_twice_is_one_announcement_and_a_wrong_one_comes_back(
    operator: Visitor,
) -> None:
    operator.open("/admin/announcements/new")
    form = operator.form_with("key")
    assert form is not None
    given = {"kind": "SERVICE", "title": "Один раз", "text": "Текст.", "role.AUDITOR": "on"}
    operator.submit(with_boxes(form, given), **given)
    first = operator.at
    operator.at = operator.base
    operator.submit(with_boxes(form, given), **given)
    assert operator.at == first

    wrong = operator.submit(form, **{**given, "kind": "LAW_CHANGE", "title": "Без дня"})
    assert wrong.status_code == 422
    text = wrong.text.replace("\xa0", " ")
    assert "Действует с" in text
    assert 'value="Без дня"' in text
