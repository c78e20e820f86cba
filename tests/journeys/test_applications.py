"""A worker renews the accreditation: draft, agreement of the head, the centre, the new record."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from lkmr_rig.threaded import ThreadedSuite
from lkmr_servicekit.clock import MOSCOW

from ..support.own_suite import eventually, own_suite
from ..support.visitor import Visitor
from .steps import IMAGES, sign_in

pytestmark = pytest.mark.journey
SNILS, SPECIALTY = "90002177736", "педиатрия"
TODAY = datetime.now(MOSCOW).date()
ANSWERS = {
    "phone": "+7 900 000-00-21",
    "email": "akhmetov@demo.example",
    "education_level": "HIGHER",
    "diploma": "ЭВ № 000000, 2008, Проверочный университет",
    "report": "Вёл участок из 800 детей, освоил две методики.",
    "agreement": "HEAD",
    "employment": "yes",
    "consent": "yes",
}


@pytest.fixture(scope="module")
def suite() -> Iterator[ThreadedSuite]:
    """A suite of its own: the term, the hours and the entry of a demo doctor become others."""
    with own_suite("applications") as started:
        yield started


@pytest.fixture(scope="module")
def prepared(suite: ThreadedSuite) -> Visitor:
    """The window of renewal is open and reminded of, and the hours are there."""
    made = Visitor(suite)
    path = f"register/workers/{SNILS}"
    made.control("egisz", "PATCH", path, {"accreditation_days_left": 120})
    end = TODAY - timedelta(days=40)
    study = made.control(
        "egisz",
        "POST",
        "nmo/studies",
        {
            "snils": SNILS, "title": "Педиатрия: полный цикл", "organizer": "Академия",
            "start_date": (end - timedelta(days=60)).isoformat(), "end_date": end.isoformat(),
            "hours": 144, "specialty": SPECIALTY,
        },
    )  # fmt: skip
    closing = {"number": "ПК-000144", "issue_date": end.isoformat()}
    made.control("egisz", "POST", f"nmo/studies/{study['id']}/close", closing)
    made.sign_in("akhmetov", profile="org-gp1/DOCTOR")
    eventually(lambda: reminders(made), 90, "the reminder")  # before a form stops reminders
    return made


@pytest.fixture
def doctor(visitor: Callable[..., Visitor], prepared: Visitor) -> Visitor:
    made = visitor()
    made.sign_in("akhmetov", profile="org-gp1/DOCTOR")
    eventually(lambda: hours_of(made) >= 144, 60, "the hours of the course")
    return made


@pytest.fixture
def head(visitor: Callable[..., Visitor]) -> Visitor:
    made = visitor()
    made.sign_in("orlova")
    return made


def hours_of(person: Visitor) -> int:
    standings = person.api("compliance")["specialties"]
    return max((one["hours"]["counted"] for one in standings if one["hours"]), default=0)


def patch(person: Visitor, path: str, body: object, **headers: str) -> Any:
    token = person.api("session")["csrf_token"]
    return person.request(
        "PATCH", f"/api/v1/{path}", json=body, headers={"x-csrf-token": token, **headers}
    )


def state_of(person: Visitor, application: str) -> str:
    found: str = person.api(f"applications/{application}")["state"]
    return found


def reaches(person: Visitor, application: str, state: str) -> None:
    eventually(lambda: state_of(person, application) == state, 40, f"state {state}")


def begun(person: Visitor, form: str = "F1", **answers: str) -> Any:
    made = person.post("applications", {"form": form, "specialty": SPECIALTY, "answers": answers})
    assert made.status_code == 201, made.text
    return made.json()


def agreed(doctor: Visitor, head: Visitor, application: str) -> None:
    asked = doctor.post(f"applications/{application}/ask-agreement")
    assert asked.json()["state"] == "REPORT_APPROVAL", asked.text
    waiting = head.api("staff/applications")["items"]
    assert application in [one["id"] for one in waiting]
    path = f"staff/applications/{application}/agreement"
    if head.api("session")["assurance"] != "STEPPED_UP":
        refused = head.post(path, {"decision": "AGREE"})
        assert (refused.status_code, refused.json()["reason"]) == (403, "STEP_UP_REQUIRED")
        head.step_up("orlova")
    decided = head.post(path, {"decision": "AGREE"})
    assert decided.json()["report"]["agreement"] == "AGREED", decided.text


@pytest.mark.proves("F-038")
def test_an_application_is_filled_agreed_sent_and_registered_by_the_centre(
    doctor: Visitor, head: Visitor
) -> None:
    item = begun(doctor)
    path = f"applications/{item['id']}"
    again = doctor.post("applications", {"form": "F1", "specialty": SPECIALTY})
    assert (again.status_code, again.json()["code"]) == (409, "LKMR-ACC-002")
    early = doctor.post(f"{path}/submit")
    assert early.status_code == 422
    assert {"phone", "report", "consent"} <= {one["field"] for one in early.json()["errors"]}
    wrong = patch(doctor, path, {"answers": {"email": "x"}})
    assert [one["field"] for one in wrong.json()["errors"]] == ["email"]
    kept = patch(doctor, path, {"answers": ANSWERS}, **{"if-match": f'"{item["version"]}"'})
    assert kept.status_code == 200, kept.text
    stale = patch(doctor, path, {"answers": {}}, **{"if-match": f'"{item["version"]}"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "LKMR-ACC-032")
    not_agreed = doctor.post(f"{path}/submit")
    assert (not_agreed.status_code, not_agreed.json()["code"]) == (409, "LKMR-ACC-005")
    agreed(doctor, head, item["id"])

    sent = doctor.post(f"{path}/submit")

    assert sent.json()["state"] == "SUBMITTED", sent.text
    eventually(lambda: state_of(doctor, item["id"]) == "FAC_CHECK", 40, "the check of the centre")
    shown = doctor.api(path)
    assert shown["registration_number"].startswith("ФАЦ-")
    assert [one["after"] for one in shown["history"]] == [
        "REPORT_APPROVAL", "DRAFT", "SUBMITTED", "REGISTERED", "FAC_CHECK",
    ]  # fmt: skip
    head_, body, signature = shown["report"]["signature"].split(".")
    assert json.loads(base64.urlsafe_b64decode(body + "=="))["decision"] == "AGREED"
    assert head_
    assert signature
    refused = doctor.post(f"{path}/revise")
    assert (refused.status_code, refused.json()["code"]) == (409, "LKMR-ACC-031")
    withdrawn = doctor.post(f"{path}/withdraw", {"reason": "Отложила"})
    assert withdrawn.json()["state"] == "WITHDRAWN"
    closed = doctor.post(f"{path}/withdraw")
    assert (closed.status_code, closed.json()["code"]) == (409, "LKMR-ACC-031")


def test_the_head_of_a_department_agrees_for_the_own_department_only(
    doctor: Visitor, head: Visitor, visitor: Callable[..., Visitor]
) -> None:
    nurse, of_department = visitor(), visitor()
    nurse.sign_in("sidorova")
    of_department.sign_in("kuznetsov")
    nurses = nurse.post("applications", {"form": "F1", "answers": ANSWERS}).json()["id"]
    doctors = begun(doctor, **ANSWERS)["id"]
    for person, application in ((nurse, nurses), (doctor, doctors)):
        asked = person.post(f"applications/{application}/ask-agreement")
        assert asked.json()["state"] == "REPORT_APPROVAL", asked.text

    waiting = of_department.api("staff/applications")["items"]
    assert [one["id"] for one in waiting] == [nurses]
    foreign = f"staff/applications/{doctors}"
    assert of_department.request("GET", f"/api/v1/{foreign}").status_code == 404
    of_department.step_up("kuznetsov")
    refused = of_department.post(f"{foreign}/agreement", {"decision": "AGREE"})
    assert refused.status_code == 404
    decided = of_department.post(f"staff/applications/{nurses}/agreement", {"decision": "AGREE"})

    assert decided.json()["report"]["decided_as"] == "HEAD_DEPT", decided.text
    head.step_up("orlova")
    answer = head.post(f"{foreign}/agreement", {"decision": "REFUSE", "reason": "Дополните"})
    assert answer.json()["report"]["decided_as"] == "HEAD_ORG", answer.text
    for person, application in ((nurse, nurses), (doctor, doctors)):
        gone = delete(person, f"applications/{application}")
        assert gone.status_code == 204, gone.text
        assert application not in [one["id"] for one in person.api("applications")["items"]]
        told = person.open(f"/applications/{application}")  # messages about it lead here
        assert (told.status_code, "Удалено" in told.text) == (200, True)


def delete(person: Visitor, path: str) -> Any:
    token = person.api("session")["csrf_token"]
    return person.request("DELETE", f"/api/v1/{path}", headers={"x-csrf-token": token})


@pytest.mark.proves("F-039")
@pytest.mark.parametrize(
    ("form", "answers"),
    [
        ("F4", {"subject": "NAME", "register_value": "Ахметов", "proposed_value": "Ахмедов"}),
        ("F9", {"change": "SUSPEND_REMINDERS", "until": "2027-06-01", "reason": "Отпуск"}),
    ],
)
def test_a_change_of_status_goes_through_personnel_and_refuses_wrong_steps(
    doctor: Visitor, visitor: Callable[..., Visitor], form: str, answers: dict[str, str]
) -> None:
    personnel = visitor()
    personnel.sign_in("smirnova")
    item = begun(doctor, form, **answers)
    own, theirs = f"applications/{item['id']}", f"staff/applications/{item['id']}"
    assert personnel.request("GET", f"/api/v1/{theirs}").status_code == 404
    assert doctor.post(f"{own}/submit").json()["state"] == "SUBMITTED"
    early = personnel.post(f"{theirs}/finish")
    assert (early.status_code, early.json()["code"]) == (409, "LKMR-ACC-031")
    assert personnel.post(f"{theirs}/take").json()["state"] == "IN_WORK"
    late = doctor.post(f"{own}/withdraw")
    assert (late.status_code, late.json()["code"]) == (409, "LKMR-ACC-031")
    assert personnel.post(f"{theirs}/finish").json()["state"] == "DONE"
    assert state_of(doctor, item["id"]) == "DONE"


def test_a_request_that_waits_is_withdrawn_by_its_worker(doctor: Visitor) -> None:
    item = begun(doctor, "F9", change="END_OF_PRACTICE", reason="Другая специальность")
    doctor.post(f"applications/{item['id']}/submit")

    assert doctor.post(f"applications/{item['id']}/withdraw").json()["state"] == "WITHDRAWN"


def test_fifty_attempts_at_once_make_one_application(doctor: Visitor) -> None:
    from concurrent.futures import ThreadPoolExecutor

    import httpx2

    token = doctor.api("session")["csrf_token"]
    headers = {
        "cookie": doctor.cookie_header(), "x-csrf-token": token, "user-agent": doctor.user_agent,
    }  # fmt: skip
    body = {"form": "F5", "specialty": SPECIALTY}

    def attempt(_: int) -> tuple[int, str]:
        answer = httpx2.post(
            f"{doctor.base}/api/v1/applications", json=body, headers=headers, timeout=30
        )
        return answer.status_code, answer.json().get("code", answer.json().get("id", ""))

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(attempt, range(50)))

    made = [what for status, what in found if status == 201]
    assert len(made) == 1, found
    assert {what for status, what in found if status != 201} == {"LKMR-ACC-002"}


def test_while_the_centre_is_away_nothing_is_lost(doctor: Visitor, head: Visitor) -> None:
    item = begun(doctor, **ANSWERS)
    agreed(doctor, head, item["id"])
    doctor.control("egisz", "PUT", "behaviour", {"availability": "down", "system": "fac"})
    try:
        sent = doctor.post(f"applications/{item['id']}/submit").json()
        assert (sent["state"], sent["waiting_for_center"]) == ("SUBMITTED", True)
        eventually(
            lambda: doctor.api(f"applications/{item['id']}")["delivery"]["attempts"] > 0,
            30,
            "a failed attempt",
        )
    finally:
        doctor.control("egisz", "PUT", "behaviour", {"availability": "up", "system": "fac"})
    doctor.control("egisz", "PUT", "fac/pace", {"lost_answers": 1})

    eventually(lambda: state_of(doctor, item["id"]) == "FAC_CHECK", 90, "the check of the centre")

    doctor.control(
        "egisz", "POST", f"fac/applications/{item['id']}",
        {"status": "НА_СОГЛАСОВАНИИ_7", "text": "Ждём ответа ведомства"},
    )  # fmt: skip
    reaches(doctor, item["id"], "UNKNOWN_EXTERNAL")
    assert doctor.api(f"applications/{item['id']}")["state_text"] == "Ждём ответа ведомства"
    doctor.control(
        "egisz", "POST", f"fac/applications/{item['id']}",
        {"status": "RETURNED", "remarks": ["Нет подписи на последнем листе"]},
    )  # fmt: skip
    reaches(doctor, item["id"], "RETURNED")
    assert doctor.post(f"applications/{item['id']}/revise").json()["file_set"] == 2
    assert doctor.post(f"applications/{item['id']}/submit").json()["state"] == "SUBMITTED"
    reaches(doctor, item["id"], "FAC_CHECK")
    doctor.control("egisz", "POST", f"fac/applications/{item['id']}", {"status": "NOT_ADMITTED"})
    reaches(doctor, item["id"], "NOT_ADMITTED")
    appealed = doctor.post(f"applications/{item['id']}/appeal", {"reason": "Подпись есть"})
    assert appealed.json()["state"] == "APPEAL_FILED"
    doctor.control("egisz", "POST", f"fac/applications/{item['id']}", {"status": "APPEAL_DENIED"})
    reaches(doctor, item["id"], "APPEAL_DENIED")


@pytest.mark.browser
def test_a_worker_renews_from_the_reminder_to_the_new_record(
    page: Any, browser: Any, visitor: Callable[..., Visitor], doctor: Visitor
) -> None:
    sign_in(page, visitor(), "akhmetov", profile="org-gp1/DOCTOR")
    (reminder,) = eventually(lambda: reminders(doctor), 60, "the reminder")
    page.goto(f"/messages/{reminder}")
    assert "До конца аккредитации 120 дней" in text_of(page)
    page.screenshot(path=IMAGES / "reminder.png")
    page.locator("article a.button").click()
    page.get_by_role("link", name="начните заявление").click()
    page.get_by_role("radio", name="Периодическая аккредитация").check()
    page.get_by_role("button", name="Начать заявление").click()
    page.wait_for_load_state()
    identity = page.url.rsplit("/", 1)[1]
    fill(page, "Как с вами связаться", "Телефон", ANSWERS["phone"])
    page.get_by_label("Электронная почта").fill(ANSWERS["email"])
    page.get_by_text("Сохранено в").wait_for(timeout=8000)
    page.get_by_role("link", name="К списку разделов").click()
    assert "Заполнено" in page.locator("main").inner_text()
    answers = {k: v for k, v in ANSWERS.items() if k not in {"phone", "email"}}
    patch(doctor, f"applications/{identity}", {"answers": answers})
    page.reload()
    page.screenshot(path=IMAGES / "application.png")
    page.get_by_role("button", name="Отправить отчёт руководителю").click()
    page.wait_for_load_state()
    assert "Отчёт на согласовании" in text_of(page)
    agree_in_browser(browser, page.url, visitor(), identity)
    page.goto(f"/applications/{identity}")
    page.get_by_role("link", name="Проверить данные").click()
    page.get_by_role("heading", name="Проверьте данные").wait_for()
    page.get_by_role("button", name="Отправить заявление").click()
    page.get_by_role("heading", name="Заявление отправлено").wait_for()
    reaches(doctor, identity, "FAC_CHECK")
    for status in ("CAC_REVIEW", "PASSED", "RECORDED"):
        doctor.control("egisz", "POST", f"fac/applications/{identity}", {"status": status})
    reaches(doctor, identity, "RECORDED")
    page.goto(f"/applications/{identity}")
    assert "Внесено в ЕГИСЗ" in text_of(page)
    page.get_by_role("link", name="Открыть записи реестра").click()
    page.wait_for_load_state()
    until = date(TODAY.year + 5, TODAY.month, min(TODAY.day, 28))
    assert str(until.year) in text_of(page)
    assert "Действует" in text_of(page)


def reminders(person: Visitor) -> list[str]:
    """Messages that tell how long the accreditation still lasts, also of what is done."""
    found = person.api("messages", params={"group": "TERMS", "page_size": "200"})["items"]
    return [one["id"] for one in found if "120" in one["title"]]


def agree_in_browser(browser: Any, url: str, reader: Visitor, application: str) -> None:
    """The head opens the report on an own screen and agrees, with a fresh second factor."""
    context = browser.new_context(
        base_url=url.split("/applications", maxsplit=1)[0], locale="ru-RU",
        viewport={"width": 1280, "height": 900},
    )  # fmt: skip
    try:
        screen = context.new_page()
        sign_in(screen, reader, "orlova")
        screen.goto("/staff/applications")
        screen.locator(f"a[href='/staff/applications/{application}']").click()
        screen.get_by_role("heading", name="Согласование отчёта").wait_for()
        screen.screenshot(path=IMAGES / "report-agreement.png")
        screen.get_by_role("button", name="Согласовать отчёт").click()
        screen.get_by_role("heading", name="Подтвердите, что это вы").wait_for()
        screen.get_by_role("button", name="Получить код").click()
        screen.get_by_label("Код из SMS").fill(reader.code_for(reader._phone_of("orlova")))
        screen.get_by_role("button", name="Подтвердить", exact=True).click()
        screen.get_by_text("Решение сохранено").wait_for()
    finally:
        context.close()


def fill(page: Any, section: str, label: str, value: str) -> None:
    page.get_by_role("link", name=section).click()
    page.get_by_label(label).fill(value)


def text_of(page: Any) -> str:
    found: str = page.locator("main").inner_text()
    return found.replace("\u00a0", " ")
