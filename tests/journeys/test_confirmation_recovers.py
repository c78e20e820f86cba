"""Causes of a refused confirmation: each has its code, and following its steps lets in."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from ..support.own_suite import eventually, rows
from ..support.visitor import PASSWORD, Form, Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
LOGIN, PHONE, SNILS = "novikov", "+79000000015", "900-015-555 35"
NEW_PHONE = "+79015550202"
# The clock of a running suite does not jump: the sent code becomes six minutes older instead.
AGED = (
    "UPDATE one_time_code SET create_time = create_time - interval '6 minutes',"
    " expire_time = expire_time - interval '6 minutes' RETURNING id"
)


def to_the_portal(person: Visitor) -> None:
    """Login and password at Gosuslugi, which asks no second factor of this person."""
    person.open("/auth/login")
    if form := person.form_with("password"):  # the portal remembers who was there
        person.submit(form, login=LOGIN, password=PASSWORD)
    while urlsplit(person.at).netloc != urlsplit(person.base).netloc:
        person.submit(person.consent_form())


def code_form(person: Visitor) -> Form:
    form = person.form_with("code")
    assert form is not None
    return form


def enter_code(person: Visitor) -> None:
    person.submit(code_form(person), code=person.code_for(PHONE))


def wrong_code(person: Visitor, _: NewVisitor) -> str:
    to_the_portal(person)
    right = int(person.code_for(PHONE))
    page = person.submit(code_form(person), code=f"{(right + 1) % 10**6:06d}").text
    enter_code(person)
    return page


def old_code(person: Visitor, _: NewVisitor) -> str:
    to_the_portal(person)
    assert rows(person.suite, "auth", AGED)
    page = person.submit(code_form(person), code=person.code_for(PHONE)).text
    resend = next(one for one in person.forms() if one.action == "/auth/code/resend")
    person.submit(resend)
    enter_code(person)
    return page


def three_errors(person: Visitor, visitor: NewVisitor) -> str:
    to_the_portal(person)
    right = person.code_for(PHONE)
    for _ in range(3):
        page = person.submit(code_form(person), code=f"{(int(right) + 1) % 10**6:06d}").text
    support = visitor()
    support.sign_in("egorov")
    support.step_up("egorov")
    (found,) = support.api("admin/people", params={"query": SNILS})["items"]
    assert found["code_locked"]
    lifted = support.post(
        f"admin/people/{found['id']}/account",
        {"act": "LIFT_CODE_LOCK", "reason": "личность проверена по телефону"},
    )
    assert lifted.status_code == 204, lifted.text
    assert person.request("GET", "/api/v1/session").status_code == 401
    auditor = visitor()
    auditor.sign_in("nikitina")
    eventually(lambda: journalled(auditor, found["id"]), 10, "the lock and its end are journalled")
    to_the_portal(person)
    enter_code(person)
    return page


def no_phone(person: Visitor, _: NewVisitor) -> str:
    person.control("gosuslugi", "PATCH", f"people/{LOGIN}", {"phone": None})
    try:
        to_the_portal(person)
        page = person.last.text
        save_phone(person, page, PHONE)
    finally:
        person.control("gosuslugi", "PATCH", f"people/{LOGIN}", {"phone": PHONE})
    to_the_portal(person)
    enter_code(person)
    return page


def save_phone(person: Visitor, page: str, phone: str) -> None:
    """Follow the page to the profile at Gosuslugi and put a number in."""
    (where,) = set(re.findall(r'href="(http[^"]+/profile)"', page))
    person.open(where)
    form = person.form_with("phone")
    assert form is not None
    assert "Изменения сохранены" in person.submit(form, phone=phone).text


def journalled(auditor: Visitor, person: str) -> bool:
    """Whether the journal tells who closed the account and who opened it again, in this order."""
    wanted = {"page_size": "200", "object": f"persons/{person}"}
    acts = auditor.api("audit-events", params=wanted)["items"][::-1]
    told = [one["operation"] for one in acts]
    opened = [one for one in acts if one["operation"] == "account.change"]
    return (
        "account.code_lock" in told
        and bool(opened)
        and told.index("account.code_lock") < told.index("account.change")
        and opened[0]["actor"] not in {"", f"persons/{person}"}
    )


def lost_cookie(person: Visitor, _: NewVisitor) -> str:
    to_the_portal(person)
    form = code_form(person)
    jar = person.cookies[urlsplit(person.base).netloc]
    kept = jar.pop("__Host-lkmr-login")
    page = person.submit(form, code=person.code_for(PHONE)).text
    jar["__Host-lkmr-login"] = kept
    person.submit(form, code=person.code_for(PHONE))
    return page


CAUSES = {
    "LKMR-CONF-001": wrong_code,
    "LKMR-CONF-002": old_code,
    "LKMR-CONF-004": no_phone,
    "LKMR-CONF-005": three_errors,
    "LKMR-CONF-006": lost_cookie,
}


@pytest.mark.proves("F-205")
@pytest.mark.parametrize("code", CAUSES)
def test_each_cause_has_its_code_and_ends_in_the_cabinet(visitor: NewVisitor, code: str) -> None:
    person = visitor()

    page = CAUSES[code](person, visitor)

    assert code in page
    assert person.api("session")["person"]["family_name"] == "Новиков"


@pytest.mark.proves("F-201")
def test_a_number_typed_again_that_differs_is_mended_in_the_profile_and_gets_the_code(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    to_the_portal(person)
    try:
        differs = person.submit(phone_form(person), phone=NEW_PHONE)
        assert (differs.status_code, "LKMR-CONF-014" in differs.text) == (422, True)
        assert not person.messages(NEW_PHONE)
        save_phone(person, differs.text, NEW_PHONE)

        to_the_portal(person)

        person.submit(code_form(person), code=person.code_for(NEW_PHONE))
        assert person.api("session")["person"]["family_name"] == "Новиков"
    finally:
        person.control("gosuslugi", "PATCH", f"people/{LOGIN}", {"phone": PHONE})


def phone_form(person: Visitor) -> Form:
    form = person.form_with("phone")
    assert form is not None
    return form
