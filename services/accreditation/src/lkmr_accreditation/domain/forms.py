"""Built-in forms as data: what is asked, and whether an answer fits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

from lkmr_accreditation.domain.application import Path
from lkmr_accreditation.domain.errors import FormUnknown
from lkmr_servicekit.errors import FieldFault

TEXT, LONG = 500, 4000
YES = "yes"
LONGEST = timedelta(days=3 * 366)  # a parental leave, ТК ст. 256
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}\Z")
_PHONE = re.compile(r"\+?[0-9 ()-]{10,20}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question; `when` names another field and the value with which this one is asked.

    `days` of a date: PAST (today too), AHEAD (after today), or any.
    """

    name: str
    label: str
    type: str
    required: bool = False
    hint: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    days: str = ""
    when: tuple[str, str] | None = None

    def asked(self, answers: Mapping[str, str]) -> bool:
        """Whether the question stands with these answers."""
        return self.when is None or answers.get(self.when[0], "") == self.when[1]

    def fault(self, value: str) -> FieldFault | None:
        """Why a value cannot be taken, even in a draft; an empty one always can."""
        if not value:
            return None
        words = _complaint(self, value)
        return FieldFault(self.name, words[0], words[1]) if words else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Questions of one page."""

    id: str
    title: str
    fields: tuple[Field, ...]

    def missing(self, answers: Mapping[str, str]) -> tuple[Field, ...]:
        """Required questions without an answer."""
        return tuple(
            one
            for one in self.fields
            if one.required and one.asked(answers) and not answers.get(one.name, "").strip()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form; `path` is None for forms that are an act on an application of another one."""

    id: str
    title: str
    summary: str
    path: Path | None
    who: tuple[str, ...]
    sections: tuple[Section, ...] = ()

    def fields(self) -> Iterator[Field]:
        """Every question."""
        for section in self.sections:
            yield from section.fields

    def faults(self, answers: Mapping[str, str]) -> list[FieldFault]:
        """What cannot be kept, even in a draft: unknown fields and values of another kind."""
        known = {one.name: one for one in self.fields()}
        found = [
            FieldFault(name, "UNKNOWN_FIELD", "Такого поля нет.")
            for name in answers
            if name not in known
        ]
        for name, one in known.items():
            fault = one.fault(answers.get(name, "").strip())
            found += [fault] if fault else []
        return found

    def untimely(self, answers: Mapping[str, str], today: date) -> list[FieldFault]:
        """Days that do not fit on the day on which the form is sent."""
        asked = [one for one in self.fields() if one.days and one.asked(answers)]
        found = ((one, _untimely(one.days, answers.get(one.name, ""), today)) for one in asked)
        return [FieldFault(one.name, code, words) for one, (code, words) in found if code]

    def missing(self, answers: Mapping[str, str]) -> list[FieldFault]:
        """What has to be answered before the form is sent."""
        return [
            FieldFault(one.name, "REQUIRED", f"Заполните поле «{one.label}».")
            for section in self.sections
            for one in section.missing(answers)
        ]


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms, by id."""

    all: Mapping[str, Form]

    def get(self, form: str) -> Form:
        """Raises FormUnknown."""
        if form not in self.all:
            raise FormUnknown
        return self.all[form]

    @classmethod
    def from_data(cls, content: Mapping[str, Any]) -> Self:
        """Read `forms.toml`. Raises KeyError, TypeError or ValueError for another form."""
        made = [_form(one) for one in content["form"]]
        return cls({one.id: one for one in made})


def _form(given: Mapping[str, Any]) -> Form:
    path = str(given["path"])
    return Form(
        id=str(given["id"]),
        title=str(given["title"]),
        summary=str(given["summary"]),
        path=None if path == "ACT" else Path(path),
        who=tuple(given["who"]),
        sections=tuple(_section(one) for one in given.get("section", ())),
    )


def _section(given: Mapping[str, Any]) -> Section:
    fields: Sequence[Mapping[str, Any]] = given["field"]
    return Section(
        id=str(given["id"]), title=str(given["title"]), fields=tuple(_field(one) for one in fields)
    )


def _field(given: Mapping[str, Any]) -> Field:
    values = dict(given)
    when = str(values.pop("when", ""))
    name, _, value = when.partition("=")
    return Field(**values, when=(name, value) if when else None)


def _complaint(one: Field, value: str) -> tuple[str, str] | None:  # noqa: PLR0911 - one line a type
    if len(value) > (LONG if one.type == "long" else TEXT):
        return "TOO_LONG", f"Не длиннее {LONG if one.type == 'long' else TEXT} знаков."
    if one.type == "email" and not _EMAIL.match(value):
        return "EMAIL", "Адрес пишется как name@example.ru."
    if one.type == "tel" and not _PHONE.match(value):
        return "PHONE", "Телефон пишется как +7 900 000-00-00."
    if one.type == "choice" and value not in one.options:
        return "UNKNOWN", "Выберите один из вариантов."
    if one.type == "tick" and value != YES:
        return "UNKNOWN", "Отметьте или оставьте пустым."
    if one.type == "date" and not _is_day(value):
        return "DATE", "Дата пишется как 2026-11-30."
    return None


def _untimely(days: str, value: str, today: date) -> tuple[str, str]:
    if not _is_day(value):
        return "", ""
    day = date.fromisoformat(value)
    if days == "PAST" and day > today:
        return "IN_FUTURE", "Этот день ещё не наступил."
    if days == "AHEAD" and day <= today:
        return "IN_PAST", "Назовите день позже сегодняшнего."
    if days == "AHEAD" and day > today + LONGEST:
        return "TOO_FAR", "Не дальше трёх лет."
    return "", ""


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
