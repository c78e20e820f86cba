"""The first entry of a person: from terms of use to the home page of the organisation."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2
import pytest

from ..support.own_suite import rows
from ..support.visitor import Form, Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
PHONE, NUMBER, PASSWORD = "+79000000016", "E7016", "Svoj-Kabinet-1"
STORED = "SELECT * FROM cabinet_password ORDER BY set_time DESC LIMIT 1"
SECTIONS = ("/", "/accreditations", "/messages", "/security")


def form_to(person: Visitor, step: str) -> Form:
    return next(one for one in person.forms() if one.action == f"/auth/activation/{step}")


def shown(person: Visitor) -> str:
    return person.last.text.replace("\xa0", " ")


def refuse_the_terms(person: Visitor) -> None:
    person.sign_in("popova")
    assert urlsplit(person.at).path == "/auth/activation"
    assert "Условия использования" in shown(person)
    answer = person.submit(form_to(person, "terms"), decision="refuse")
    assert (answer.status_code, "LKMR-AUTH-022" in answer.text) == (412, True)
    assert person.open("/auth/activation").status_code == 400


def decide(person: Visitor) -> None:
    person.sign_in("popova")
    person.submit(form_to(person, "terms"), decision="accept")
    consents = form_to(person, "consents")
    assert len(consents.choices) == 3
    assert not [name for name in consents.fields if name.startswith("consent-")]
    assert "checked" not in person.last.text
    incomplete = person.submit(consents, **{"consent-notices": "yes"})
    assert incomplete.status_code == 422
    answers = dict.fromkeys(consents.choices, "no") | {"consent-notices": "yes"}
    person.submit(form_to(person, "consents"), **answers)


def name_the_employee(person: Visitor) -> None:
    for number in ("E9999", "E7001"):
        refused = person.submit(
            form_to(person, "employee"), employee_number=number, password=PASSWORD
        )
        assert (refused.status_code, "LKMR-AUTH-019" in refused.text) == (401, True)
        assert form_to(person, "employee").fields["employee_number"] == number
    weak = person.submit(form_to(person, "employee"), employee_number=NUMBER, password="kabinet")
    assert weak.status_code == 422
    for rule in ("Не короче 8 знаков", "заглавная буква", "цифра", "специальный знак"):
        assert rule in shown(person)
    person.submit(form_to(person, "employee"), employee_number=NUMBER, password=PASSWORD)


def decline_in_the_application(person: Visitor) -> None:
    person.submit(form_to(person, "approval"))
    assert "Ждём ответа в приложении" in shown(person)
    (asked,) = [
        one
        for one in person.control("gosuslugi", "GET", "people/popova/approvals")
        if one["state"] == "PENDING"
    ]
    person.control(
        "gosuslugi", "POST", f"people/popova/approvals/{asked['id']}", {"decision": "DECLINED"}
    )
    person.open("/auth/activation")
    assert "Запрос отклонён в приложении" in shown(person)


def prove(person: Visitor) -> httpx2.Response:
    person.submit(form_to(person, "code"))
    assert '<button class="button" type="submit" data-needs="code">Подтвердить</button>' in (
        person.last.text
    )
    too_soon = person.submit(form_to(person, "code"))
    assert (too_soon.status_code, "LKMR-CONF-009" in too_soon.text) == (429, True)
    right = person.code_for(PHONE)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    refused = person.submit(form_to(person, "confirm"), code=wrong)
    assert (refused.status_code, "LKMR-CONF-001" in refused.text) == (400, True)
    assert "Осталось попыток: 2" in shown(person)
    short = person.submit(form_to(person, "confirm"), code=right[:5])
    assert (short.status_code, "LKMR-CONF-008" in short.text) == (400, True)
    return person.submit(form_to(person, "confirm"), code=f" {right[:3]} {right[3:]} ")


@pytest.mark.proves(
    "F-111",
    "F-114",
    "F-116",
    "F-117",
    "F-124",
    "F-130",
    "F-131",
    "F-132",
    "F-133",
    "F-134",
    "F-193",
    "F-266",
)
def test_a_first_entry_walks_through_activation_to_the_home_of_its_organisation(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    refuse_the_terms(person)
    person.cookies.clear()
    decide(person)
    name_the_employee(person)
    decline_in_the_application(person)
    for section in SECTIONS:  # nothing is open before the confirmation
        assert person.request("GET", f"/api/v1{section}").status_code in (401, 404)
    assert person.request("GET", "/api/v1/session").status_code == 401
    person.open("/auth/activation")

    home = prove(person)

    assert (home.status_code, urlsplit(person.at).path) == (200, "/")
    session = person.api("session")
    assert session["organization"]["id"] == "org-kb2"
    assert session["roles"] == ["DOCTOR"]
    every_section_answers(person)
    again = visitor()
    again.sign_in("popova")
    assert urlsplit(again.at).path == "/"
    step_up_with_the_password(person)
    take_a_consent_back(person)
    enter_without_gosuslugi(visitor())


def every_section_answers(person: Visitor) -> None:
    """What home of the role leads to, and what must be among it."""
    menu = set(re.findall(r'<a [^>]*href="(/[^"#?]*)"', person.open("/").text))
    assert menu > {*SECTIONS, "/documents", "/education", "/profile"}
    answers = {path: person.open(path) for path in menu}
    assert {path: one.text for path, one in answers.items() if one.status_code != 200} == {}


def enter_without_gosuslugi(person: Visitor) -> None:
    """While ESIA is away: identifier, cabinet password and a code open own data for reading."""
    person.open("/auth/reduced")
    refused = person.submit(form_with_password(person), employee_number=NUMBER, password=PASSWORD)
    assert (refused.status_code, "LKMR-AUTH-028" in refused.text) == (409, True)
    person.control("gosuslugi", "PUT", "behaviour", {"availability": "down"})
    try:
        assert person.request("GET", "/auth/login").status_code == 503
        person.open("/auth/reduced?return_to=/accreditations")
        wrong = person.submit(form_with_password(person), employee_number=NUMBER, password="x")
        assert (wrong.status_code, "LKMR-AUTH-019" in wrong.text) == (401, True)
        person.submit(form_with_password(person), employee_number=NUMBER, password=PASSWORD)
        code = person.form_with("code")
        assert code is not None
        page = person.submit(code, code=person.code_for(PHONE))
        assert (page.status_code, urlsplit(person.at).path) == (200, "/accreditations")
        assert "Вы вошли без Госуслуг" in shown(person)
        assert person.api("session")["assurance"] == "REDUCED"
        assert person.api("accreditations")["items"] is not None
        for closed in ("consents/consent-surveys", "step-up/code"):
            answer = person.post(closed)
            assert (answer.status_code, answer.json()["code"]) == (403, "LKMR-SESS-004")
    finally:
        person.control("gosuslugi", "PUT", "behaviour", {"availability": "up"})


def form_with_password(person: Visitor) -> Form:
    form = person.form_with("password")
    assert form is not None
    return form


def take_a_consent_back(person: Visitor) -> None:
    """«Мои данные»: account number, what was decided at the first entry, and its withdrawal."""
    told = person.api("profile")
    assert told["account_number"].startswith("ЛК-")
    decided = {one["id"]: one["decision"] for one in told["consents"]}
    assert decided["terms"] == "GIVEN"
    assert decided["consent-notices"] == "GIVEN"
    assert decided["consent-surveys"] == "DECLINED"
    person.open("/profile")
    form = next(one for one in person.forms() if one.action.endswith("/consent-notices"))
    person.submit(form, decision="WITHDRAWN")
    assert "Согласие отозвано" in shown(person)
    history = person.api("profile")["history"]
    assert (history[0]["document"], history[0]["decision"]) == ("consent-notices", "WITHDRAWN")
    assert {len(one["text_hash"]) for one in history} == {64}


def step_up_with_the_password(person: Visitor) -> None:
    """The password of the cabinet is no second login; it stands beside the code of a step-up."""
    (kept,) = rows(person.suite, "auth", STORED)
    assert kept["password_hash"].startswith("$argon2id$")
    assert PASSWORD not in str(dict(kept))
    assert person.api("session")["assurance"] == "SIGNED_IN"
    assert person.post("step-up/code").json()["password_required"] is True
    code = person.code_for(PHONE)
    refused = person.post("step-up/confirm", {"code": code, "password": "Wrong-Kabinet-1"})
    assert (refused.status_code, refused.json()["code"]) == (401, "LKMR-AUTH-019")
    before = person.cookie_header()
    proven = person.post("step-up/confirm", {"code": code, "password": PASSWORD})
    assert proven.status_code == 200, proven.text
    assert person.cookie_header() != before
    assert person.api("session")["assurance"] == "STEPPED_UP"
    assert person.post("step-up/confirm", {"code": code, "password": PASSWORD}).json()["code"] == (
        "LKMR-CONF-015"
    )
