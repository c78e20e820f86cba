"""The calendar feed of planned studies as iCalendar (RFC 5545)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lkmr_education.domain.activity import STATE_WORDS, UPCOMING, State
from lkmr_education.domain.counting import Study
from lkmr_education.domain.plan import ItemState, PlanItem

_OCTETS = 75
_KEPT = timedelta(days=90)
ZONE = "Europe/Moscow"
# The zone has had no daylight saving since 26.10.2014 (ФЗ от 21.07.2014 № 248).
_HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//LKMR//Education//RU",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    "X-WR-CALNAME:Обучение (НМО)",
    f"X-WR-TIMEZONE:{ZONE}",
    "BEGIN:VTIMEZONE",
    f"TZID:{ZONE}",
    "BEGIN:STANDARD",
    "DTSTART:20141026T020000",
    "TZOFFSETFROM:+0400",
    "TZOFFSETTO:+0300",
    "TZNAME:MSK",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: whole days of an activity, or the morning of a deadline."""

    uid: str
    sequence: int
    modified: datetime
    lines: tuple[str, ...]


def calendar_of(studies: Iterable[Study], items: Sequence[PlanItem], *, today: date) -> bytes:
    """The whole feed: upcoming activities, and deadlines of items that are still open.

    What is over stays for 90 days with its last state, so that programs take it away or mark it.
    """
    found = [_of_activity(study) for study in studies if _is_shown(study, today)]
    found += [_of_item(item) for item in items if _is_open(item)]
    lines = list(_HEAD)
    for event in found:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{_moment(event.modified)}",
            f"LAST-MODIFIED:{_moment(event.modified)}",
            f"SEQUENCE:{event.sequence}",
            *event.lines,
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines).encode()


def _is_shown(study: Study, today: date) -> bool:
    activity = study.activity
    return activity.state in UPCOMING or activity.end_date >= today - _KEPT


def _is_open(item: PlanItem) -> bool:
    return item.state in {ItemState.OPEN, ItemState.STARTED}


def _of_activity(study: Study) -> Event:
    activity = study.activity
    gone = activity.state in {State.CANCELLED, State.REJECTED, State.FAILED}
    sure = activity.state not in {State.PLANNED, State.APPLIED, State.EMPLOYER_REVIEW}
    word = "CANCELLED" if gone else "CONFIRMED" if sure else "TENTATIVE"
    place = [f"LOCATION:{_text(activity.place)}"] if activity.place else []
    return Event(
        uid=f"activity-{activity.id}@education.lkmr",
        sequence=activity.version - 1,
        modified=activity.update_time,
        lines=(
            f"DTSTART;VALUE=DATE:{activity.start_date:%Y%m%d}",
            f"DTEND;VALUE=DATE:{activity.end_date + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(activity.title)}",
            f"DESCRIPTION:{_text(f'{activity.organizer}. {STATE_WORDS[activity.state]}')}",
            *place,
            f"STATUS:{word}",
            "TRANSP:TRANSPARENT",
        ),
    )


def _of_item(item: PlanItem) -> Event:
    day = f"{item.deadline:%Y%m%d}"
    return Event(
        uid=f"plan-{item.id}@education.lkmr",
        sequence=item.version - 1,
        modified=item.update_time,
        lines=(
            f"DTSTART;TZID={ZONE}:{day}T090000",
            f"DTEND;TZID={ZONE}:{day}T093000",
            f"SUMMARY:{_text(f'Срок плана: {item.title}')}",
            "STATUS:CONFIRMED",
            "TRANSP:TRANSPARENT",
        ),
    )


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A text value with its signs escaped (RFC 5545, 3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """A content line cut at 75 octets, never inside a sign (RFC 5545, 3.1)."""
    parts, current, size = [], "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > _OCTETS:
            parts.append(current)
            current, size = " ", 1
        current += sign
        size += width
    return "\r\n".join([*parts, current]) + "\r\n"
