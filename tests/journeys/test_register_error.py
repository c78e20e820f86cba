"""A worker sees an error of the register, asks for its correction, and it is gone."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from lkmr_servicekit.clock import MOSCOW

from ..support.own_suite import eventually
from ..support.visitor import Visitor
from .steps import IMAGES, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.browser]
ENTRY = "register/workers/90001555535/accreditations/7726 090000001"
RECORDED = datetime.now(MOSCOW).date() - timedelta(days=400)
RIGHT = RECORDED.replace(year=RECORDED.year + 5, day=min(RECORDED.day, 28))
WRONG = RIGHT.replace(year=RIGHT.year - 1)


def told(until: Any) -> dict[str, Any]:
    return {
        "kind": "PERIODIC", "specialty": "хирургия", "recorded_at": RECORDED.isoformat(),
        "valid_to": until.isoformat(),
    }  # fmt: skip


@pytest.fixture
def surgeon(visitor: Callable[..., Visitor]) -> Iterator[Visitor]:
    """A surgeon about whom the register errs; nobody else's entries are touched."""
    made = visitor()
    made.control("egisz", "PUT", ENTRY, told(WRONG))
    yield made
    made.control("egisz", "DELETE", ENTRY)


def test_an_error_of_the_register_is_seen_reported_corrected_and_gone(
    page: Any, visitor: Callable[..., Visitor], surgeon: Visitor
) -> None:
    sign_in(page, surgeon, "novikov")
    found = "Срок в записи не равен пяти годам"
    eventually(lambda: shown(page, "/compliance", found), 30, "the contradiction is shown")
    page.get_by_role("link", name="Попросить исправить").scroll_into_view_if_needed()
    page.screenshot(path=IMAGES / "register-error.png")
    page.get_by_role("link", name="Попросить исправить").click()
    assert page.get_by_role("radio", name="Исправление данных в ФРМР").is_checked()
    page.get_by_role("button", name="Начать заявление").click()
    page.get_by_role("link", name="Что исправить").click()
    page.get_by_label("Что неверно").select_option("OTHER")
    page.get_by_label("Как записано сейчас").fill(WRONG.strftime("%d.%m.%Y"))
    page.get_by_label("Как должно быть").fill(RIGHT.strftime("%d.%m.%Y"))
    page.get_by_role("button", name="Сохранить раздел").click()
    page.get_by_role("link", name="Проверить данные").click()
    page.get_by_role("heading", name="Проверьте данные").wait_for()
    page.get_by_role("button", name="Отправить заявление").click()
    page.get_by_role("heading", name="Заявление отправлено").wait_for()
    application = page.url.split("/")[-2]

    personnel = visitor()
    personnel.sign_in("smirnova")
    waiting = personnel.api("staff/applications")["items"]
    assert application in [one["id"] for one in waiting]
    assert personnel.post(f"staff/applications/{application}/take").json()["state"] == "IN_WORK"
    surgeon.control("egisz", "PUT", ENTRY, told(RIGHT))  # what personnel writes into ФРМР
    done = personnel.post(f"staff/applications/{application}/finish")
    assert done.json()["state"] == "DONE", done.text

    eventually(lambda: not shown(page, "/compliance", found), 60, "the contradiction is gone")
    assert shown(page, f"/applications/{application}", "Запрос выполнен")


def shown(page: Any, path: str, words: str) -> bool:
    page.goto(path)
    text: str = page.locator("main").inner_text()
    return words in text.replace("\u00a0", " ")
