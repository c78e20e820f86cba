"""Accounts of people at Gosuslugi: the demo set and what was changed in it."""

import hmac
import re
from datetime import datetime, timedelta
from typing import Any

from lkmr_gosuslugi_stand_in.config import Switches
from lkmr_stand_in_kit.people import (
    Document,
    Person,
    UnknownFields,
    load_people,
    merge_person,
    person_from,
)
from lkmr_stand_in_kit.store import Store

_KIND, _PASSPORT, _FAILURES = "person", "passport", "failures"
_FIRST_NEW_OID = 1000299101
_PHONE_DIGITS = 11
_DEMO_PASSWORD = "Kabinet-2026!"  # noqa: S105 - the published password of invented people
LOGIN_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


class Accounts:
    """People by login, oid, phone, e-mail and SNILS; a change is stored before it is seen."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._documents: dict[str, Document] = {
            document["login"]: document for document in load_people().documents
        }
        self._documents.update(store.documents(_KIND))
        self._people = {login: person_from(one) for login, one in self._documents.items()}
        self._by_oid = {person.esia_oid: person for person in self._people.values()}

    def all(self) -> list[Person]:
        return list(self._people.values())

    def get(self, login: str) -> Person | None:
        return self._people.get(login)

    def by_oid(self, oid: int) -> Person | None:
        return self._by_oid.get(oid)

    def document(self, login: str) -> Document:
        """The person as stored, field names of the demo set. Raises KeyError."""
        return dict(self._documents[login])

    def change(self, login: str, change: dict[str, Any]) -> Person:
        """Merge fields of a person, creating who is absent.

        Raises UnknownFields, InvalidField, and ValueError for a login that is taken or malformed.
        """
        if not LOGIN_FORM.fullmatch(login) or change.get("login", login) != login:
            raise ValueError("the login cannot be changed and has Latin letters, digits, . _ @ + -")
        before = self._documents.get(login) or self._new(login)
        merged = merge_person(before, change)
        person = person_from(merged)
        taken = self._by_oid.get(person.esia_oid)
        if taken is not None and taken.login != login:
            raise ValueError(f"esia_oid {person.esia_oid} belongs to another person")
        self._store.put(_KIND, login, merged)
        if login in self._people:
            del self._by_oid[self._people[login].esia_oid]
        self._documents[login], self._people[login] = merged, person
        self._by_oid[person.esia_oid] = person
        return person

    def add(self, fields: dict[str, Any], passport: dict[str, str]) -> Person:
        """A new person under a login of their own, with the passport that was shown."""
        last = max(oid for oid in self._by_oid if oid is not None)
        oid = max(last + 1, _FIRST_NEW_OID)
        self._store.put(_PASSPORT, str(oid), passport)
        return self.change(f"u{oid}", {**fields, "esia_oid": oid})

    def passport(self, oid: int) -> dict[str, str]:
        """Series and number; people of the demo set have invented ones."""
        invented = {"series": "9900", "number": f"{oid % 10**6:06d}"}
        return dict(self._store.find(_PASSPORT, str(oid)) or invented)

    def _new(self, login: str) -> Document:
        last = max(oid for oid in self._by_oid if oid is not None)
        return {
            "login": login,
            "password": _DEMO_PASSWORD,
            "esia_oid": max(last + 1, _FIRST_NEW_OID),
        }

    def find(self, name: str) -> Person | None:
        """Who signs in under a login, phone, e-mail or SNILS, whatever its separators."""
        text = name.strip().casefold()
        digits = re.sub(r"[\s()+-]", "", text)
        number = _phone_digits(digits)
        for person in self._people.values():
            if text in {person.login.casefold(), (person.email or "-").casefold()}:
                return person
            if digits == person.snils and person.esia_level != "simplified":
                return person
            if number and number == _phone_digits(re.sub(r"\D", "", person.phone or "")):
                return person
        return None


def _phone_digits(digits: str) -> str:
    """`79000000001` from the same number with 8, or without either; else an empty text."""
    if digits.isascii() and digits.isdigit():
        if len(digits) == _PHONE_DIGITS and digits[0] in "78":
            return "7" + digits[1:]
        if len(digits) == _PHONE_DIGITS - 1:
            return "7" + digits
    return ""


def password_fits(person: Person | None, password: str) -> bool:
    """Compare in constant time; an unknown person costs the same and never fits."""
    expected = person.password if person else "no such person"
    same = hmac.compare_digest(expected.encode(), password.encode())
    return same and person is not None and bool(person.password)


class Locks:
    """Failed sign-ins by name: five within 15 minutes close the account for 30 minutes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def locked_until(self, name: str, now: datetime) -> datetime | None:
        """When the account opens again; None when it is open."""
        until = (self._store.find(_FAILURES, name) or {}).get("locked_until")
        end = datetime.fromisoformat(until) if until else None
        return end if end and end > now else None

    def fail(self, name: str, now: datetime, switches: Switches) -> datetime | None:
        """Note a failure; the moment until which the account is now closed, if it is."""
        known = self._store.find(_FAILURES, name) or {}
        start = now - timedelta(seconds=switches.lock_window_seconds)
        times = [one for one in known.get("times", []) if datetime.fromisoformat(one) > start]
        times.append(now.isoformat())
        if len(times) >= switches.lock_failures:
            until = now + timedelta(seconds=switches.lock_seconds)
            self._store.put(_FAILURES, name, {"times": [], "locked_until": until.isoformat()})
            return until
        self._store.put(_FAILURES, name, {"times": times})
        return None

    def clear(self, name: str) -> bool:
        """Open the account; False when nothing was noted against it."""
        return self._store.delete(_FAILURES, name)


__all__ = ["Accounts", "Locks", "Person", "UnknownFields", "password_fits"]
