"""The demo people: one invented set that every stand-in starts from.

A stand-in keeps a person as a JSON document with the field names of `people.json`; `merge_person`
applies a change to it, and `person_from` reads it into a typed value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import orjson

from lkmr_stand_in_kit.snils import is_snils, normalise_snils

Document = dict[str, Any]
EsiaLevel = Literal["confirmed", "standard", "simplified"]
SecondFactor = Literal["sms", "totp", "none"]
Gender = Literal["F", "M"]
AccountState = Literal["active", "not_activated", "blocked"]

PEOPLE_FILE = Path(__file__).with_name("people.json")


class UnknownFields(ValueError):
    """A change names fields that a person of the demo set does not have."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"unknown fields: {', '.join(names)}")
        self.names = names


class InvalidField(ValueError):
    """A change gives a field a value of a wrong form."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A medical or governing organisation (организация); `oid` is its number in ФРМО."""

    id: str
    oid: str
    name: str
    short_name: str
    region_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A place of work: `organization` is the organisation's id, `roles` those of the cabinet.

    `end_date` (YYYY-MM-DD) is the last day of a job that is over.
    """

    organization: str
    roles: tuple[str, ...] = ()
    position: str = ""
    specialty: str | None = None
    department: str | None = None
    end_date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An invented person as all outside systems know them; `snils` holds digits only.

    `accreditation_days_left` counts from the day of the first start; None means 900.
    The overrides are what one register knows differently.
    """

    login: str
    esia_oid: int | None = None
    family_name: str
    given_name: str
    patronymic: str | None = None
    gender: Gender
    birth_date: date
    snils: str
    policy_number: str | None = None
    phone: str | None = None
    email: str | None = None
    password: str = ""
    second_factor: SecondFactor = "sms"
    esia_level: EsiaLevel = "confirmed"
    account_state: AccountState = "active"
    employee_number: str | None = None
    jobs: tuple[Job, ...] = ()
    case: str = ""
    accreditation_days_left: int | None = None
    in_worker_register: bool = True
    worker_register_overrides: Mapping[str, Any]
    insured_register_overrides: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DemoSet:
    """The organisations and people of the demo set, people also as documents ready to be merged."""

    organizations: tuple[Organization, ...]
    people: tuple[Person, ...]
    documents: tuple[Document, ...]

    def organization(self, key: str) -> Organization | None:
        """The organisation with this id or OID, if the set has it."""
        return next((o for o in self.organizations if key in (o.id, o.oid)), None)


PERSON_FIELDS = frozenset(field.name for field in fields(Person))
JOB_FIELDS = frozenset(field.name for field in fields(Job))
_CHOICES = {
    "gender": get_args(Gender),
    "esia_level": get_args(EsiaLevel),
    "second_factor": get_args(SecondFactor),
    "account_state": get_args(AccountState),
}
_OPTIONAL = frozenset(
    {"patronymic", "policy_number", "phone", "email", "employee_number", "esia_oid"}
    | {"accreditation_days_left"}
)


@cache
def load_people(path: Path = PEOPLE_FILE) -> DemoSet:
    """The demo set of a file. Raises ValueError when the file is not such a set."""
    content = orjson.loads(path.read_bytes())
    documents = tuple(merge_person({}, person) for person in content["people"])
    return DemoSet(
        organizations=tuple(Organization(**one) for one in content["organizations"]),
        people=tuple(person_from(document) for document in documents),
        documents=documents,
    )


def merge_person(document: Mapping[str, Any], change: Mapping[str, Any]) -> Document:
    """The document with the fields of the change; `jobs` are replaced whole, overrides are merged.

    SNILS are kept as digits. Raises UnknownFields, InvalidField, and leaves the document alone.
    """
    if unknown := sorted(set(change) - PERSON_FIELDS):
        raise UnknownFields(unknown)
    merged = dict(document)
    for name, value in change.items():
        _check(name, value)
        if name == "snils":
            merged[name] = normalise_snils(value)
        elif name.endswith("_overrides"):
            merged[name] = {**document.get(name, {}), **value}
        else:
            merged[name] = value
    return merged


def person_from(document: Mapping[str, Any]) -> Person:
    """A typed person from a whole document. Raises InvalidField when a needed field is absent."""
    needed = ("login", "family_name", "given_name", "gender", "birth_date", "snils")
    for name in needed:
        if not document.get(name):
            raise InvalidField(name, "is needed")
    values = {name: value for name, value in document.items() if name in PERSON_FIELDS}
    values["birth_date"] = date.fromisoformat(document["birth_date"])
    values["jobs"] = tuple(
        Job(**{**job, "roles": tuple(job.get("roles", ()))}) for job in document.get("jobs") or ()
    )
    for name in ("worker_register_overrides", "insured_register_overrides"):
        values[name] = dict(document.get(name) or {})
    return Person(**values)


def _check(name: str, value: Any) -> None:
    if value is None and name in _OPTIONAL:
        return
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise InvalidField(name, f"must be one of {', '.join(_CHOICES[name])}")
    elif name in _CHECKS:
        _CHECKS[name](name, value)
    else:
        _check_type(name, value, str, "a text")


def _check_type(name: str, value: Any, kind: type, words: str) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InvalidField(name, f"must be {words}")


def _check_date(name: str, value: Any) -> None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidField(name, "must be a date such as 1984-03-12") from None


def _check_snils(name: str, value: Any) -> None:
    if not isinstance(value, str) or not is_snils(value):
        raise InvalidField(name, "must be 11 digits with right check digits")


def _check_flag(name: str, value: Any) -> None:
    _check_type(name, value, bool, "true or false")


def _check_number(name: str, value: Any) -> None:
    _check_type(name, value, int, "a whole number")


def _check_overrides(name: str, value: Any) -> None:
    _check_type(name, value, dict, "an object")
    if unknown := sorted(set(value) - PERSON_FIELDS):
        raise UnknownFields([f"{name}.{one}" for one in unknown])
    for inner, inner_value in value.items():
        _check(inner, inner_value)


def _check_jobs(name: str, value: Any) -> None:
    _check_type(name, value, list, "a list")
    for place, job in enumerate(value):
        _check_type(f"jobs[{place}]", job, dict, "an object")
        if unknown := sorted(set(job) - JOB_FIELDS):
            raise UnknownFields([f"jobs[{place}].{name}" for name in unknown])
        for key, inner in job.items():
            _check_job_field(f"jobs[{place}].{key}", key, inner)
        if not job.get("organization"):
            raise InvalidField(f"jobs[{place}].organization", "is needed")


def _check_job_field(path: str, name: str, value: Any) -> None:
    if name == "roles":
        _check_type(path, value, list, "a list of texts")
        for role in value:
            _check_type(path, role, str, "a list of texts")
    elif name == "end_date" and value is not None:
        _check_date(path, value)
    elif not (value is None and name in ("specialty", "department", "end_date")):
        _check_type(path, value, str, "a text")


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "birth_date": _check_date,
    "snils": _check_snils,
    "in_worker_register": _check_flag,
    "esia_oid": _check_number,
    "accreditation_days_left": _check_number,
    "jobs": _check_jobs,
    "worker_register_overrides": _check_overrides,
    "insured_register_overrides": _check_overrides,
}
