"""From no account at all to the cabinet."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
PHONE, SNILS, EMAIL = "+79015550101", "90155501064", "newcomer@demo.example"
PASSWORD = "Novaya-Sestra-7"
NAMES = {"family_name": "Новосёлова", "given_name": "Алёна", "patronymic": "Петровна"}


def register(person: Visitor) -> None:
    """All items of the registration at the portal, as a browser without scripts."""
    portal = person.suite.url("gosuslugi")
    person.open(f"{portal}/registration")
    person.submit(person.forms()[0], phone=PHONE)
    person.submit(person.forms()[0], code=person.code_for(PHONE))
    person.submit(person.forms()[0], **NAMES, gender="F", birth_date="1991-04-05")
    person.submit(person.forms()[0], series="4510", number="123456", snils=SNILS)
    person.submit(person.forms()[0], email=EMAIL, password=PASSWORD, repeat=PASSWORD)
    link = re.search(r"http\S+", person.messages(EMAIL)[0]["text"])
    assert link is not None
    person.open(link.group())
    person.submit(person.forms()[0])
    person.open(f"{portal}/registration")
    done = person.submit(person.forms()[0], sample="video")
    assert "личность подтверждена онлайн" in done.text


def test_who_registered_at_the_portal_enters_once_the_worker_register_knows_them(
    visitor: Callable[..., Visitor],
) -> None:
    person = visitor()
    register(person)

    unknown = person.sign_in(EMAIL, password=PASSWORD, phone=PHONE)
    assert "LKMR-IDENT-006" in unknown.text
    worker = {**NAMES, "gender": "F", "birth_date": "1991-04-05", "jobs": [JOB]}
    person.control("egisz", "PATCH", f"register/workers/{SNILS}", worker)
    person.cookies.clear()
    page = person.sign_in(EMAIL, password=PASSWORD, phone=PHONE)

    assert urlsplit(person.at).path == "/auth/activation"
    assert page.status_code == 200
    assert "LKMR-" not in page.text


JOB = {
    "organization": "org-gp1",
    "roles": ["NURSE"],
    "position": "медицинская сестра участковая",
    "specialty": "сестринское дело",
}
