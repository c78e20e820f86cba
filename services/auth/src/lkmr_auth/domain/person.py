"""People and their accounts."""

import hmac
import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import NewType, Self

from lkmr_auth.domain.lapse import Lapse
from lkmr_servicekit.personal import Personal

PersonId = NewType("PersonId", uuid.UUID)

_SNILS_DIGITS = 11
_PHONE = re.compile(r"\+\d{11,15}\Z")


class AccountState(Enum):
    """Where the account (учётная запись кабинета) stands in its life."""

    NOT_ACTIVATED = "NOT_ACTIVATED"
    ACTIVE = "ACTIVE"
    BLOCKED = "BLOCKED"
    ERASED = "ERASED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Where a person can be reached; either may be unknown."""

    email: Personal[str] = field(default_factory=lambda: Personal(""))
    phone: Personal[str] = field(default_factory=lambda: Personal(""))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalNames:
    """Surname, first name and patronymic (отчество); the last may be empty."""

    family_name: Personal[str]
    given_name: Personal[str]
    patronymic: Personal[str] = field(default_factory=lambda: Personal(""))

    def greeting(self) -> str:
        """First name and patronymic, as a person is addressed."""
        return f"{self.given_name.open()} {self.patronymic.open()}".strip()


NO_NAMES = PersonalNames(family_name=Personal(""), given_name=Personal(""))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterJob:
    """A job in the worker register (личное дело ФРМР), known by the organisation's OID."""

    organization_oid: str
    start_date: date | None = None
    end_date: date | None = None
    organization_name: str = ""
    position: str = ""
    department: str = ""

    def lasts_on(self, day: date) -> bool:
        """Whether the person holds this job on a day; both ends are inclusive."""
        started = self.start_date is None or self.start_date <= day
        return started and (self.end_date is None or day <= self.end_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who has, or is about to have, an account."""

    id: PersonId
    account_number: str
    state: AccountState
    snils: Personal[str]
    names: PersonalNames = NO_NAMES
    contacts: Contacts = field(default_factory=Contacts)
    employee_number: Personal[str] = field(default_factory=lambda: Personal(""))
    worker_id: str = ""
    register_version: str = ""
    register_jobs: tuple[RegisterJob, ...] = ()
    code_lock_time: datetime | None = None
    lapses: tuple[Lapse, ...] = ()

    def with_esia(self, names: PersonalNames, contacts: Contacts) -> Self:
        """Take names and contacts as ESIA holds them.

        An address that it did not give stays, for letters; a telephone that it did not give is
        gone, since codes of a second factor may go only where ESIA says that the person is.
        """
        email = contacts.email if contacts.email.open() else self.contacts.email
        kept = Contacts(email=email, phone=contacts.phone)
        return replace(self, names=names, contacts=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountActivated:
    """An account became active."""

    person: str


def account_number_of(sequence: int) -> str:
    """The number that a person reads out to support: 123 → `ЛК-000123`."""
    return f"ЛК-{sequence:06d}"


def snils_digits(text: str) -> str:
    """SNILS (СНИЛС) as eleven digits. Raises ValueError when it is none.

    The check sum follows the annex to the order of the Pension Fund of 2016: it is defined for
    numbers above 001-001-998.
    """
    digits = re.sub(r"[ \-‑–]", "", text)
    if len(digits) != _SNILS_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise ValueError("SNILS_INVALID")
    number, check = digits[:9], int(digits[9:])
    if int(number) > 1_001_998:  # noqa: PLR2004 - the last number without a check sum
        total = sum(int(digit) * (9 - place) for place, digit in enumerate(number))
        if total % 101 % 100 != check:
            raise ValueError("SNILS_INVALID")
    return digits


def phone_digits(text: str) -> str:
    """A telephone as `+79000000000`; empty when it cannot be read as one."""
    phone = "+" + re.sub(r"\D", "", text)
    return phone if _PHONE.match(phone) else ""


def same_phone(typed: str, phone: str) -> bool:
    """Whether a typed Russian number (8, +7 or ten digits, any separators) is this telephone."""
    national = re.sub(r"^[78](?=\d{10}$)", "", re.sub(r"[^0-9]", "", typed))
    return hmac.compare_digest(f"+7{national}", phone)


def masked_phone(phone: str) -> str:
    """A telephone with its middle hidden: `+7 900 ***-**-06`."""
    return f"+{phone[1:-10]} {phone[-10:-7]} ***-**-{phone[-2:]}"
