"""Personnel enters mentoring, and takes an extract to which the doctor agreed, in a browser."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from lkmr_servicekit.clock import MOSCOW

from ..support.own_suite import eventually
from ..support.visitor import Visitor
from .steps import sign_in

pytestmark = [pytest.mark.journey, pytest.mark.browser]
TODAY = datetime.now(MOSCOW).date()


def rule(person: Visitor) -> str:
    rules = person.api("compliance")["rules"]
    found: str = next(one["verdict"] for one in rules if one["id"] == "R-ACC-06")
    return found


@pytest.fixture
def member(visitor: Callable[..., Visitor]) -> Iterator[Visitor]:
    made = visitor()
    made.sign_in("novikov")
    return made


def test_personnel_enters_mentoring_and_its_document_is_the_worker_s(
    page: Any, visitor: Callable[..., Visitor], member: Visitor
) -> None:
    before = rule(member)
    sign_in(page, visitor(), "smirnova")
    page.goto("/staff?family_name=Новиков")
    eventually(lambda: found(page), 60, "the staff has been judged")
    page.get_by_role("link", name="Внести наставничество").click()
    page.get_by_label("Начало").fill(TODAY.isoformat())
    page.get_by_label("Окончание").fill((TODAY - timedelta(days=1)).isoformat())
    page.get_by_label("Приказ о назначении наставника").fill("7-н")
    page.get_by_role("button", name="Внести наставничество").click()
    page.locator(".error", has_text="Окончание позже начала").wait_for()
    page.get_by_label("Окончание").fill((TODAY + timedelta(days=700)).isoformat())
    page.get_by_role("button", name="Внести наставничество").click()
    page.get_by_text("Решение сохранено").wait_for()

    held = eventually(
        lambda: member.api("documents?kind=MENTORSHIP")["items"], 30, "the document is there"
    )
    assert (held[0]["number"], held[0]["check"]["status"]) == ("7-н", "VERIFIED")
    assert rule(member) == before  # who was accredited before the norm is not concerned
    done = member.api("applications")["items"]
    assert ("F8", "DONE") in {(one["form"], one["state"]) for one in done}


def test_personnel_takes_an_extract_only_after_the_doctor_agrees(
    page: Any, visitor: Callable[..., Visitor], member: Visitor
) -> None:
    personnel = visitor()
    sign_in(page, personnel, "smirnova")
    page.goto("/staff?family_name=Новиков")
    eventually(lambda: found(page), 60, "the staff has been judged")
    page.get_by_role("link", name="Запросить выписку").click()
    page.get_by_label(
        "Куда нужна выписка", exact=True
    ).wait_for()  # and nothing about «не обязательно»
    page.get_by_role("button", name="Отправить запрос сотруднику").click()
    page.locator(".error", has_text="Назовите, куда нужна выписка").wait_for()
    page.get_by_label("Куда нужна выписка").fill("Лицензирование кабинета")
    page.get_by_role("button", name="Отправить запрос сотруднику").click()
    page.get_by_text("Выписка откроется, когда он согласится").wait_for()
    asked = page.url.partition("?")[0].rpartition("/")[2]
    page.goto(f"/api/v1/staff/applications/{asked}/extract.pdf")
    assert "LKMR-ACC-036" in page.content()

    seen = member.api(f"applications/{asked}")
    assert (seen["state"], seen["acts"]) == ("CONSENT_ASKED", ["GRANT", "DENY"])
    assert seen["asked_by"]
    assert member.post(f"applications/{asked}/grant").status_code == 200

    page.goto(f"/staff/applications/{asked}")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Скачать выписку").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF")


def found(page: Any) -> bool:
    link = page.get_by_role("link", name="Новиков").first
    if not link.count():
        page.reload()
        return False
    link.click()
    page.get_by_role("link", name="Внести наставничество").wait_for()
    return True
