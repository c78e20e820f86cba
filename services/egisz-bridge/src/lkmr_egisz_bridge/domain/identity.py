"""How a person's data compares with what a register holds; values never leave this module."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum

from lkmr_egisz_bridge.domain.errors import BirthDateInvalid, SnilsInvalid
from lkmr_servicekit.personal import Personal

_DASHES = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")
_SNILS_FORM = re.compile(r"\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}")
_FIRST_CHECKED = 1001998


class Match(Enum):
    """How one field compared; the worse result has the higher value."""

    NOT_COMPARED = 0
    EQUAL = 1
    FORM_DIFFERS = 2
    DIFFERENT = 3


@dataclass(frozen=True, slots=True)
class FullName:
    """Surname, first name and patronymic (ФИО); the patronymic may be empty."""

    family_name: str
    given_name: str
    patronymic: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person says about themselves, as ESIA (ЕСИА) holds it."""

    snils: Personal[str]
    name: Personal[FullName]
    birth_date: Personal[date]
    policy_number: Personal[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for each compared field."""

    in_worker_register: bool
    name: Match = Match.NOT_COMPARED
    birth_date: Match = Match.NOT_COMPARED
    policy_number: Match = Match.NOT_COMPARED


def claim_of(
    *,
    snils: str,
    family_name: str,
    given_name: str,
    patronymic: str,
    birth_date: str,
    policy_number: str,
) -> Claim:
    """A claim from raw texts. Raises SnilsInvalid, BirthDateInvalid."""
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        raise BirthDateInvalid from None
    return Claim(
        Personal(snils_of(snils)),
        Personal(FullName(family_name, given_name, patronymic)),
        Personal(born),
        Personal(digits_of(policy_number)),
    )


def snils_of(text: str) -> str:
    """Eleven digits of a SNILS (СНИЛС) with or without separators. Raises SnilsInvalid.

    Numbers up to 001-001-998 have no check digits. Source: rules of the Pension Fund on the
    insurance number, the sum of digits with weights nine to one.
    """
    if not text.isascii() or not _SNILS_FORM.fullmatch(text.strip()):
        raise SnilsInvalid
    digits = digits_of(text)
    if int(digits[:9]) <= _FIRST_CHECKED:
        return digits
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=False))
    if total % 101 % 100 != int(digits[9:]):
        raise SnilsInvalid
    return digits


def digits_of(text: str) -> str:
    """Only the digits; policy numbers are printed in groups."""
    return "".join(letter for letter in text if letter in "0123456789")


def compare_names(claimed: FullName, registered: FullName) -> Match:
    """The worst result of the three parts; an absent patronymic equals only an absent one."""
    pairs = (
        (claimed.family_name, registered.family_name),
        (claimed.given_name, registered.given_name),
        (claimed.patronymic, registered.patronymic),
    )
    return max((_compare(mine, theirs) for mine, theirs in pairs), key=lambda match: match.value)


def compare_dates(claimed: date, registered: date | None) -> Match:
    """Equal or different; not compared when the register has no birth date."""
    if registered is None:
        return Match.NOT_COMPARED
    return Match.EQUAL if claimed == registered else Match.DIFFERENT


def compare_policies(claimed: str, registered: frozenset[str]) -> Match:
    """Whether the number (номер полиса ОМС) is one that the register holds for the person.

    A stopped policy still tells who the person is. Not compared when one side has none.
    """
    if not claimed or not registered:
        return Match.NOT_COMPARED
    return Match.EQUAL if claimed in registered else Match.DIFFERENT


def _compare(mine: str, theirs: str) -> Match:
    mine, theirs = _normal(mine), _normal(theirs)
    if mine == theirs:
        return Match.EQUAL
    if mine.replace("ё", "е") == theirs.replace("ё", "е"):
        return Match.FORM_DIFFERS
    return Match.DIFFERENT


def _normal(text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("\u00ad", "")
    return " ".join(_DASHES.sub("-", text).split()).casefold()
