"""What a person typed about an activity, checked as a whole: every fault is told at once."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from lkmr_education.domain.activity import Kind
from lkmr_education.domain.errors import ActivityInvalid
from lkmr_servicekit.errors import FieldFault

MAX_TEXT = 500
MAX_HOURS = 2000
_EARLIEST = date(1990, 1, 1)
_AHEAD = timedelta(days=366 * 6)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
_LEVELS = range(1, 10)
FORMS = frozenset({"", "FULL_TIME", "PART_TIME", "DISTANCE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Fields as they were typed."""

    kind: str = ""
    title: str = ""
    organizer: str = ""
    start_date: str = ""
    end_date: str = ""
    hours: str = ""
    specialty: str = ""
    form: str = ""
    place: str = ""
    level: str = ""
    attestation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Fields that can be taken."""

    kind: Kind
    title: str
    organizer: str
    start_date: date
    end_date: date
    hours: int | None
    specialty: str
    form: str
    place: str
    level: int | None
    attestation: str


class Faults:
    """Collects what cannot be taken."""

    def __init__(self) -> None:
        self.found: list[FieldFault] = []

    def add(self, field: str, code: str, detail: str) -> None:
        self.found.append(FieldFault(field, code, detail))

    def text(self, field: str, value: str, missing: str) -> str:
        """A text of one line; `missing` is what to say when it is required and empty."""
        clean = " ".join(value.split())
        if not clean and missing:
            self.add(field, "REQUIRED", missing)
        if len(clean) > MAX_TEXT:
            self.add(field, "TOO_LONG", f"Не длиннее {MAX_TEXT} знаков.")
        if any(not sign.isprintable() for sign in clean):
            self.add(field, "INVALID", "Есть знаки, которые нельзя напечатать.")
        return clean

    def day(self, field: str, value: str, missing: str, today: date) -> date | None:
        """A day of ISO 8601 within reason."""
        if not value.strip():
            if missing:
                self.add(field, "REQUIRED", missing)
            return None
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            self.add(field, "INVALID", "Дата нужна в виде ГГГГ-ММ-ДД.")
            return None
        if not _EARLIEST <= day <= today + _AHEAD:
            self.add(field, "OUT_OF_RANGE", "Такая дата невозможна.")
            return None
        return day

    def number(self, field: str, value: str, least: int, most: int) -> int | None:
        """A whole number between two bounds; None when it is empty."""
        clean = value.strip()
        if not clean:
            return None
        if not clean.lstrip("-").isdecimal() or not least <= int(clean) <= most:
            self.add(field, "OUT_OF_RANGE", f"Нужно целое число от {least} до {most}.")
            return None
        return int(clean)


def draft_of(typed: Typed, *, today: date) -> Draft:
    """Check the fields of an activity. Raises ActivityInvalid naming each that does not fit.

    Required: kind, title, organiser, first day (требование «название, дата, организатор»).
    """
    faults = Faults()
    kind = typed.kind.strip().upper()
    if not kind:
        faults.add("kind", "REQUIRED", "Выберите вид обучения.")
    elif kind not in Kind.__members__:
        faults.add("kind", "UNKNOWN", "Такого вида обучения нет.")
    title = faults.text("title", typed.title, "Укажите название.")
    organizer = faults.text("organizer", typed.organizer, "Укажите организатора.")
    start = faults.day("start_date", typed.start_date, "Укажите дату начала.", today)
    end = faults.day("end_date", typed.end_date, "", today) or start
    if start and end and end < start:
        faults.add("end_date", "BEFORE_START", "Окончание раньше начала.")
    hours = faults.number("hours", typed.hours, 1, MAX_HOURS)
    level = faults.number("level", typed.level, _LEVELS.start, _LEVELS.stop - 1)
    specialty = faults.text("specialty", typed.specialty, "")
    place = faults.text("place", typed.place, "")
    form = typed.form.strip().upper()
    if form not in FORMS:
        faults.add("form", "UNKNOWN", "Такой формы обучения нет.")
    attestation = typed.attestation.strip().upper()
    if attestation and not _CODE.fullmatch(attestation):
        faults.add("attestation", "INVALID", "Такой аттестации нет.")
    if faults.found or start is None or end is None:
        raise ActivityInvalid(faults.found)
    return Draft(
        kind=Kind(kind),
        title=title,
        organizer=organizer,
        start_date=start,
        end_date=end,
        hours=hours,
        specialty=specialty,
        form=form,
        place=place,
        level=level,
        attestation=attestation,
    )


def days_of(start: str, end: str, *, today: date) -> tuple[date, date]:
    """New days of a move. Raises ActivityInvalid."""
    faults = Faults()
    first = faults.day("start_date", start, "Укажите новую дату начала.", today)
    last = faults.day("end_date", end, "", today) or first
    if first and last and last < first:
        faults.add("end_date", "BEFORE_START", "Окончание раньше начала.")
    if faults.found or first is None or last is None:
        raise ActivityInvalid(faults.found)
    return first, last
