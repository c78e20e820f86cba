"""Fields of a document that its text seems to name: proposed to the person, never trusted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lkmr_education.domain.draft import MAX_HOURS

_NUMBER = re.compile(
    r"(?:регистрационный\s+номер|серия\s+и\s+номер|рег\.?\s*№|номер|№)\s*[:№]?\s*"
    r"(?P<number>[0-9A-ZА-ЯЁ][0-9A-ZА-ЯЁ /\-]{2,40}[0-9A-ZА-ЯЁ])",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?<!\d)(?:(\d{2})\.(\d{2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2}))(?!\d)")
_ISSUED = re.compile(r"(?:дата\s+выдачи|выдан[оа]?)\D{0,40}", re.IGNORECASE)
_HOURS = re.compile(r"(?<!\d)(\d{1,4})\s*(?:ч\b|час|ак(?:адемических|\.)?\s*час)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What may stand in a document; empty where its text does not tell."""

    number: str = ""
    series: str = ""
    issue_date: str = ""
    hours: str = ""


def proposal_of(text: str) -> Proposal:
    """Read a text. A series is the first of two words of the number when it is of four digits."""
    lines = " ".join(text.split())
    found = _NUMBER.search(lines)
    number = _short(found["number"]) if found else ""
    series, _, rest = number.partition(" ")
    has_series = bool(rest) and re.fullmatch(r"\d{4}", series) is not None
    return Proposal(
        number=rest if has_series else number,
        series=series if has_series else "",
        issue_date=_issued(lines),
        hours=_hours(lines),
    )


def _short(number: str) -> str:
    """Without words that follow the number: each part of one has a digit or is an abbreviation."""
    kept: list[str] = []
    for part in number.split():
        if not (any(sign.isdigit() for sign in part) or part.isupper()):
            break
        kept.append(part)
    return " ".join(kept)


def _issued(text: str) -> str:
    mark = _ISSUED.search(text)
    days = _days(_DAY.finditer(text, mark.end() if mark else 0))
    return next(iter(days), "")


def _days(found: Iterable[re.Match[str]]) -> Iterable[str]:
    for one in found:
        day, month, year = one.group(1, 2, 3) if one[1] else one.group(6, 5, 4)
        try:
            yield date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue


def _hours(text: str) -> str:
    found = (int(one[1]) for one in _HOURS.finditer(text))
    return next((str(hours) for hours in found if 0 < hours <= MAX_HOURS), "")
