"""From no account at all to the cabinet."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from ..support.newcomer import Newcomer, answer, register
from ..support.visitor import Form, Visitor

pytestmark = pytest.mark.journey
PHONE, SNILS, EMAIL = "+79015550101", "90155501064", "newcomer@demo.example"
PASSWORD = "Novaya-Sestra-7"
NAMES = {"family_name": "Новосёлова", "given_name": "Алёна", "patronymic": "Петровна"}
NEWCOMER = Newcomer(phone=PHONE, snils=SNILS, email=EMAIL, password=PASSWORD, names=NAMES)


@pytest.mark.proves("F-094")
def test_without_an_account_at_the_portal_there_is_no_session(
    visitor: Callable[..., Visitor],
) -> None:
    person = visitor()
    person.open("/auth/login")
    form = person.form_with("password")
    assert form is not None

    page = person.submit(form, login="nobody-of-this-name", password=PASSWORD)

    assert "LKMR-AUTH-001" in page.text
    assert 'href="/registration"' in page.text
    assert person.request("GET", "/api/v1/session").status_code == 401


@pytest.mark.proves("F-112", "F-128")
@pytest.mark.parametrize("start", ["/", "/app"])
def test_from_the_portal_s_pages_and_its_application_the_way_leads_to_the_cabinet(
    visitor: Callable[..., Visitor], start: str
) -> None:
    person = visitor()
    portal = person.suite.url("gosuslugi")
    person.open(f"{portal}/login?to=/app")
    form = person.form_with("password")
    assert form is not None
    person.submit(form, login="ivanova", password="Kabinet-2026!")
    form = person.form_with("code")
    assert form is not None
    person.submit(form, code=person.code_for("+79000000001"))
    assert urlsplit(person.at).path == "/app"

    person.open(f"{portal}{start}")
    person.open(f"{portal}{link(person, 'Медицинский кабинет')}")
    person.open(link(person, "Подтверждение учетной записи"))
    if person.form_with("decision"):
        person.submit(person.consent_form())

    assert urlsplit(person.at).netloc == urlsplit(person.base).netloc
    assert person.api("session")["person"]["family_name"] == "Иванова"


def link(person: Visitor, label: str) -> str:
    """Where a link of the present page leads."""
    found = re.search(rf'href="([^"]+)">{label}</a>', person.last.text)
    assert found is not None, label
    return found.group(1)


@pytest.mark.proves("F-106", "F-115", "F-158")
def test_who_registered_at_the_portal_enters_once_the_worker_register_knows_them(
    visitor: Callable[..., Visitor],
) -> None:
    person = visitor()
    register(person, NEWCOMER)

    unknown = person.sign_in(EMAIL, password=PASSWORD, phone=PHONE)
    assert "LKMR-IDENT-006" in unknown.text
    worker = {**NAMES, "gender": "F", "birth_date": "1991-04-05", "jobs": [JOB]}
    person.control("egisz", "PATCH", f"register/workers/{SNILS}", worker)
    person.cookies.clear()
    page = person.sign_in(EMAIL, password=PASSWORD, phone=PHONE)

    assert urlsplit(person.at).path == "/auth/activation"
    assert page.status_code == 200
    assert "LKMR-" not in page.text
    activate(person, identifier_from(visitor()))

    session = person.api("session")
    assert session["roles"] == ["NURSE"]
    assert session["organization"]["id"] == "org-gp1"
    assert person.request("GET", "/api/v1/accreditations").status_code == 200


def identifier_from(admin: Visitor) -> str:
    """What the administrator of the organisation tells the newcomer."""
    admin.sign_in("morozov")
    (found,) = admin.api("admin/people", params={"query": SNILS})["items"]
    card = admin.api(f"admin/people/{found['id']}")
    assert (card["state"], card["family_name"]) == ("NOT_ACTIVATED", NAMES["family_name"])
    assert card["employee_number"] in admin.open(f"/admin/people/{found['id']}").text
    return str(card["employee_number"])


def activate(person: Visitor, number: str) -> None:
    """Terms, consents, identifier with a password, code: no step asks an administrator."""

    def form_to(step: str) -> Form:
        return next(one for one in person.forms() if one.action == f"/auth/activation/{step}")

    person.submit(form_to("terms"), decision="accept")
    consents = form_to("consents")
    person.submit(consents, **dict.fromkeys(consents.choices, "no"))
    person.submit(form_to("employee"), employee_number=number, password="Svoj-Kabinet-1")
    approve_after_all(person, form_to)
    person.submit(form_to("confirm"))
    assert urlsplit(person.at).path == "/"


def approve_after_all(person: Visitor, form_to: Callable[[str], Form]) -> None:
    """The application says no, then nothing, then yes."""
    person.submit(form_to("approval"))
    answer(person, EMAIL, "DECLINED")
    assert "Запрос отклонён в приложении" in shown(person)
    person.submit(form_to("approval"))
    person.control("gosuslugi", "PUT", "switches", {"clock_offset_seconds": 121})
    try:
        assert "Ответ не пришёл вовремя" in shown(person)
        assert person.request("GET", "/api/v1/session").status_code == 401
        shown(person)
        person.submit(form_to("approval"))
    finally:
        person.control("gosuslugi", "PUT", "switches", {"clock_offset_seconds": 0})
    answer(person, EMAIL, "APPROVED")
    assert "Запрос в приложении Госуслуг подтверждён" in shown(person)


def shown(person: Visitor) -> str:
    """The page of the activation as it is now."""
    return person.open("/auth/activation").text.replace("\xa0", " ")


JOB = {
    "organization": "org-gp1",
    "roles": ["NURSE"],
    "position": "медицинская сестра участковая",
    "specialty": "сестринское дело",
}
