"""A worker records studies, plans, searches, and a head agrees: through the whole cabinet."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from lkmr_servicekit.clock import MOSCOW

from ..support.visitor import Visitor
from .steps import sign_in

pytestmark = [pytest.mark.journey, pytest.mark.browser]
TODAY = datetime.now(MOSCOW).date()
KINDS = {
    "F-049": "PK",
    "F-050": "SEMINAR",
    "F-051": "WEBINAR",
    "F-052": "DISTANCE",
}
WAY = ("APPLIED", "PROVIDER_REVIEW", "ENROLLED", "IN_PROGRESS", "COMPLETED_CLAIMED")


def body(**more: Any) -> dict[str, Any]:
    return {
        "kind": "PK",
        "title": "Аритмии: диагностика и лечение",
        "organizer": "Академия",
        "start_date": (TODAY - timedelta(days=30)).isoformat(),
        "hours": 36,
        **more,
    }


@pytest.fixture
def doctor(visitor: Callable[..., Visitor]) -> Visitor:
    made = visitor()
    made.sign_in("ivanova")
    return made


@pytest.mark.proves("F-049", "F-050", "F-051", "F-052")
@pytest.mark.parametrize("kind", KINDS.values())
def test_each_kind_is_created_and_goes_through_its_states(doctor: Visitor, kind: str) -> None:
    start = TODAY.isoformat()
    made = doctor.post("education/activities", body(kind=kind, start_date=start))
    assert made.status_code == 201, made.text
    item = made.json()
    assert (item["state"], item["state_label"]) == ("PLANNED", "Запланировано")
    for state in WAY:
        answer = doctor.post(f"education/activities/{item['id']}/advance", {"to": state})
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == state, answer.text
    skipped = doctor.post(f"education/activities/{item['id']}/advance", {"to": "CONFIRMED"})
    assert (skipped.status_code, skipped.json()["code"]) == (409, "LKMR-EDU-007")


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("title", marks=pytest.mark.proves("F-053")),
        pytest.param("start_date", marks=pytest.mark.proves("F-054")),
        pytest.param("organizer", marks=pytest.mark.proves("F-055")),
        "kind",
    ],
)
def test_a_missing_field_is_answered_with_its_name(doctor: Visitor, field: str) -> None:
    given = body()
    del given[field]

    answer = doctor.post("education/activities", given)

    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, "REQUIRED")]


def test_a_foreign_activity_looks_like_an_unknown_one(
    doctor: Visitor, visitor: Callable[..., Visitor]
) -> None:
    made = doctor.post("education/activities", body()).json()
    other = visitor()
    other.sign_in("akhmetov")

    for identity in (made["id"], "00000000-0000-4000-8000-000000000000", "x"):
        answer = other.request("GET", f"/api/v1/education/activities/{identity}")
        assert (answer.status_code, answer.json()["code"]) == (404, "LKMR-EDU-006")


@pytest.mark.proves("F-048", "F-069")
def test_the_section_opens_from_home_without_a_second_sign_in_and_a_form_is_never_lost(
    page: Any, visitor: Callable[..., Visitor]
) -> None:
    sign_in(page, visitor(), "sidorova")
    page.get_by_role("link", name="Обучение (НМО)").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "Обучение (НМО)"
    assert re.search(r"0\s+из\s+144", page.locator("main").inner_text())
    assert page.get_by_role("img", name="Засчитано 0 %").count()

    page.get_by_role("link", name="Добавить обучение").click()
    page.get_by_label("Название").fill("Сестринский уход")
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_load_state()
    assert page.get_by_label("Название").input_value() == "Сестринский уход"
    assert "Укажите организатора." in page.locator("main").inner_text()

    page.get_by_label("Вид обучения").select_option("PK")
    page.get_by_label("Организатор").fill("Медицинский колледж")
    page.get_by_label("Дата начала").fill((TODAY - timedelta(days=20)).isoformat())
    page.get_by_label("Часы").fill("36")
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_load_state()
    assert "Завершено, ждём документ" in page.locator("main").inner_text().replace("\u00a0", " ")
