"""What a person typed about a document, checked as a whole: every fault is told at once."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from lkmr_accreditation.domain.documents import Catalogue, Content, Kind, Visibility, end_of
from lkmr_accreditation.domain.errors import DocumentInvalid
from lkmr_servicekit.errors import FieldFault

MAX_TEXT, MAX_NUMBER, MAX_LABEL_BYTES = 300, 60, 255
_EARLIEST, _AHEAD = date(1940, 1, 1), timedelta(days=366 * 30)
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
SUFFIXES = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Fields as they were typed."""

    kind: str = ""
    series: str = ""
    number: str = ""
    issuer: str = ""
    note: str = ""
    specialty: str = ""
    level: str = ""
    issue_date: str = ""
    valid_from: str = ""
    valid_until: str = ""
    visibility: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Fields that can be taken."""

    kind: Kind
    content: Content
    visibility: Visibility


class _Faults:
    def __init__(self, today: date) -> None:
        self._today = today
        self.found: list[FieldFault] = []

    def add(self, field: str, code: str, detail: str) -> None:
        self.found.append(FieldFault(field, code, detail))

    def text(self, field: str, value: str, limit: int, missing: str = "") -> str:
        clean = " ".join(value.split())
        if not clean and missing:
            self.add(field, "REQUIRED", missing)
        if len(clean) > limit:
            self.add(field, "TOO_LONG", f"Не длиннее {limit} знаков.")
        if not is_plain(clean):
            self.add(field, "INVALID", "Есть знаки, которые нельзя напечатать.")
        return clean

    def day(self, field: str, value: str, *, missing: str = "", past: bool = False) -> date | None:
        if not value.strip():
            if missing:
                self.add(field, "REQUIRED", missing)
            return None
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            self.add(field, "INVALID", "Дата нужна в виде ГГГГ-ММ-ДД.")
            return None
        if past and day > self._today:
            self.add(field, "IN_FUTURE", "Эта дата ещё не наступила.")
        elif not _EARLIEST <= day <= self._today + _AHEAD:
            self.add(field, "OUT_OF_RANGE", "Такая дата невозможна.")
        return day


def draft_of(typed: Typed, catalogue: Catalogue, *, today: date) -> Draft:
    """Check the fields of a document. Raises DocumentInvalid naming each that does not fit."""
    faults = _Faults(today)
    kind = catalogue.get(typed.kind.strip().upper())
    if kind is None:
        code = "UNKNOWN" if typed.kind.strip() else "REQUIRED"
        faults.add("kind", code, "Выберите вид документа из списка.")
        raise DocumentInvalid(faults.found)
    number = faults.text(
        "number", typed.number, MAX_NUMBER, "Укажите номер документа." if kind.number else ""
    )
    specialty = faults.text(
        "specialty",
        typed.specialty,
        MAX_TEXT,
        "Укажите специальность." if kind.specialty else "",
    )
    level = typed.level.strip().casefold()
    if kind.levels and level not in kind.levels:
        faults.add("level", "UNKNOWN", f"Выберите: {', '.join(kind.levels)}.")
    content = Content(
        series=faults.text("series", typed.series, MAX_NUMBER),
        number=number,
        issuer=faults.text("issuer", typed.issuer, MAX_TEXT),
        note=faults.text("note", typed.note, MAX_TEXT),
        specialty=specialty,
        level=level if kind.levels else "",
        issue_date=faults.day(
            "issue_date", typed.issue_date, missing="Укажите дату выдачи.", past=True
        ),
        valid_from=faults.day("valid_from", typed.valid_from),
        valid_until=faults.day("valid_until", typed.valid_until),
    )
    end = end_of(kind, content)
    if kind.ends and end is None:
        faults.add("valid_until", "REQUIRED", "Укажите, до какого дня действует документ.")
    start = content.valid_from or content.issue_date
    if end is not None and start is not None and end < start:
        faults.add("valid_until", "BEFORE_START", "Окончание раньше начала.")
    visibility = typed.visibility.strip().upper()
    if visibility and visibility not in Visibility.__members__:
        faults.add("visibility", "UNKNOWN", "Выберите: OWNER, HR или HEAD.")
    if faults.found:
        raise DocumentInvalid(faults.found)
    made = {name: getattr(content, name) for name in Content.__slots__} | {"valid_until": end}
    return Draft(
        kind=kind,
        content=Content(**made),
        visibility=Visibility(visibility) if visibility else kind.visibility,
    )


def is_plain(text: str) -> bool:
    """Whether a text has no control, direction or invisible signs."""
    return not any(unicodedata.category(sign) in _FORBIDDEN_CATEGORIES for sign in text)


def label_of(name: str) -> str:
    """The name of a file as it is shown: its last part, cut. Raises DocumentInvalid."""
    last = name.replace("\\", "/").rpartition("/")[2].strip()
    if not last or not is_plain(last) or len(last.encode()) > MAX_LABEL_BYTES:
        detail = "Переименуйте файл: короткое имя из букв и цифр с расширением."
        raise DocumentInvalid([FieldFault("file", "NAME_INVALID", detail)])
    return last


def fits_name(label: str, media_type: str) -> bool:
    """Whether the ending of a name says the same as the content."""
    return label.casefold().endswith(SUFFIXES[media_type])
