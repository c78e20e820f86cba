"""Somebody of a test's own: registered at the portal, then known to the worker register."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .own_suite import eventually
from .visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What is typed at the registration."""

    phone: str
    snils: str
    email: str
    password: str
    names: Mapping[str, str]
    number: str = "123456"


def register(person: Visitor, who: Newcomer) -> None:
    """All items of the registration at the portal, as a browser without scripts."""
    portal = person.suite.url("gosuslugi")
    person.open(f"{portal}/registration")
    person.submit(person.forms()[0], phone=who.phone)
    person.submit(person.forms()[0], code=person.code_for(who.phone))
    person.submit(person.forms()[0], **who.names, gender="F", birth_date="1991-04-05")
    person.submit(person.forms()[0], series="4510", number=who.number, snils=who.snils)
    person.submit(person.forms()[0], email=who.email, password=who.password, repeat=who.password)
    letters = eventually(lambda: person.messages(who.email), 20, "the letter of the portal")
    link = re.search(r"http\S+", letters[0]["text"])
    assert link is not None
    person.open(link.group())
    person.submit(person.forms()[0])
    person.open(f"{portal}/registration")
    done = person.submit(person.forms()[0], sample="video")
    assert "личность подтверждена онлайн" in done.text


def answer(person: Visitor, email: str, decision: str) -> None:
    """What the person says to the newest request in the application of the portal."""
    logins = [one["login"] for one in person.control("gosuslugi", "GET", "people")]
    known = {one: person.control("gosuslugi", "GET", f"people/{one}") for one in logins}
    (login,) = [one for one, record in known.items() if record.get("email") == email]
    path = f"people/{login}/approvals"
    asked = person.control("gosuslugi", "GET", path)[0]
    assert asked["state"] == "PENDING"
    person.control("gosuslugi", "POST", f"{path}/{asked['id']}", {"decision": decision})
