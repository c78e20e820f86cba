"""Words for codes: states, kinds, conditions, fields; sentences about the right to work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lkmr_gateway.pages import text
from lkmr_gateway.pages.views.accreditation import AccreditationItem, AccreditationView
from lkmr_gateway.pages.views.frame import SystemCondition, Tone

URGENT_DAYS = 30
WINDOW_DAYS = 180


@dataclass(frozen=True, slots=True)
class Word:
    """A state as it is shown: word, tone and icon, never colour alone."""

    text: str
    tone: Tone
    icon: str


_STATES = {
    "ACTIVE": Word("Действует", "ok", "calendar"),
    "EXPIRING": Word("Истекает", "warn", "calendar"),
    "IN_RENEWAL": Word("Продлевается", "info", "hourglass"),
    "EXTENDED": Word("Действует, срок продлён", "info", "calendar"),
    "EXPIRED": Word("Истекло", "bad", "calendar"),
    "ANNULLED": Word("Отозвано", "mute", "cross"),
    "NOT_ADMITTED_YET": Word("Ждём внесения", "mute", "hourglass"),
}
_CONDITIONS: dict[SystemCondition, Word] = {
    "UP": Word("Работает", "ok", "check"),
    "DOWN": Word("Не отвечает", "bad", "triangle"),
    "MAINTENANCE": Word("Плановые работы", "info", "clock"),
    "OVERLOADED": Word("Перегружено", "warn", "triangle"),
    "UNKNOWN": Word("Не проверено", "bad", "question"),
}
_KINDS = {
    "PRIMARY": "первичная",
    "PRIMARY_SPECIALIZED": "первичная специализированная",
    "PERIODIC": "периодическая",
    "CERTIFICATE": "сертификат специалиста",
}
_EDUCATION = {"HIGHER": "высшее", "SECONDARY": "среднее", "OTHER": "иное"}
_FIELDS = {
    "name": "Фамилия, имя, отчество",
    "birth_date": "Дата рождения",
    "policy_number": "Номер полиса ОМС",
}
STATES = tuple(_STATES)
_WORKING = frozenset({"ACTIVE", "EXPIRING", "IN_RENEWAL", "EXTENDED"})


def state_word(state: str) -> Word:
    """A state of an entry; one that this release does not know is «Не проверено», never safe."""
    return _STATES.get(state, Word("Не проверено", "bad", "question"))


def condition_word(condition: SystemCondition) -> Word:
    """The condition of a system."""
    return _CONDITIONS[condition]


def kind_word(kind: str) -> str:
    """A kind of accreditation; an unknown one stays as the register wrote it."""
    return _KINDS.get(kind, kind)


def education_word(level: str) -> str:
    """A level of education; an unknown one stays as the register wrote it."""
    return _EDUCATION.get(level, level)


def field_word(field: str) -> str:
    """A compared field of personal data, without its value."""
    return _FIELDS.get(field, field)


def browser_icon(device: str) -> str:
    """The icon of a device."""
    return "phone" if any(sign in device for sign in ("Android", "iPhone", "iPad")) else "laptop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sentence that a person came for, in three parts; the middle one is printed bold."""

    before: str
    strong: str
    after: str = ""


def successor(
    item: AccreditationItem, records: Iterable[AccreditationItem]
) -> AccreditationItem | None:
    """The entry that now gives the right which this one gives no more."""
    if _works(item):
        return None
    same = (one for one in records if one.specialty == item.specialty and _works(one))
    return max(same, key=lambda one: one.days_left or 0, default=None)


def current_entries(records: Iterable[AccreditationItem]) -> tuple[AccreditationItem, ...]:
    """Entries that say something about today, the soonest end first.

    Entries that another one replaced and ended certificates are history.
    """
    given = [one for one in records if one.kind != "CERTIFICATE" or _works(one)]
    return urgent_first(one for one in given if successor(one, given) is None)


def _works(item: AccreditationItem) -> bool:
    return item.state in _WORKING and item.expire_date is not None


def verdict(item: AccreditationItem, records: Iterable[AccreditationItem] = ()) -> Verdict:
    """May the person work in this specialty, and until when (last day inclusive).

    `records` are the other entries of the person: a newer one may have replaced this one.
    """
    newer = successor(item, records)
    right = newer or item
    if not _works(right) or right.expire_date is None:
        return _refusal(item)
    return Verdict(
        ("Эта запись в прошлом, её сменила другая. " if newer else "")
        + f"Вы можете работать по специальности «{item.specialty}» ",
        f"до {text.long_date(right.expire_date)}",
        " Срок продлён актом." if right.state == "EXTENDED" else "",
    )


def _refusal(item: AccreditationItem) -> Verdict:
    stop = f"работать по специальности «{item.specialty}» нельзя"
    if item.state == "ANNULLED":
        return Verdict("Запись отозвана регистром: ", stop, ".")
    if item.state == "NOT_ADMITTED_YET":
        return Verdict("Запись ещё не внесена в регистр: ", f"пока {stop}", ".")
    if item.state == "EXPIRED" and item.expire_date:
        last = text.long_date(item.expire_date)
        return Verdict(f"Срок закончился {last} Без новой записи ", stop, ".")
    return Verdict(f"Право работать по специальности «{item.specialty}» ", "не проверено", ".")


@dataclass(frozen=True, slots=True)
class TermPoint:
    """A point of the line of terms."""

    day: date
    words: str
    tone: Tone | None
    past: bool
    today: bool = False


def terms(view: AccreditationView, today: date) -> tuple[TermPoint, ...]:
    """The line of terms of an entry: record, window of application, extension, last day, today.

    The window opens 180 days before the last day (order 709н of 28.10.2022).
    """
    item = view.item
    points: list[tuple[date, str, Tone | None]] = []
    if view.protocol_date:
        points.append((view.protocol_date, "Протокол аккредитационной комиссии", None))
    if item.record_date:
        points.append((item.record_date, "Запись внесена в регистр, начало срока", "ok"))
    if item.expire_date and item.state != "ANNULLED":
        if view.extension and view.printed_expire_date:
            points.append((view.printed_expire_date, "Последний день по записи", None))
        window = item.expire_date - timedelta(days=WINDOW_DAYS)
        if item.kind != "CERTIFICATE":
            points.append((window, "Открывается подача на периодическую аккредитацию", None))
        ends = "Последний день действия" + (" с учётом продления" if view.extension else "")
        points.append((item.expire_date, ends, "bad"))
    made = [TermPoint(day, words, tone, past=day < today) for day, words, tone in points]
    if all(point.day != today for point in made):
        left = item.days_left
        words = text.capitalized(text.days_left(left)) if left is not None else "Сегодня"
        made.append(TermPoint(today, words, "info", past=False, today=True))
    else:
        made = [
            TermPoint(one.day, one.words, one.tone, past=False, today=one.day == today)
            if one.day == today
            else one
            for one in made
        ]
    return tuple(sorted(made, key=lambda point: point.day))


def urgent_first(items: Iterable[AccreditationItem]) -> tuple[AccreditationItem, ...]:
    """Entries that give a right to work, the soonest end first, then the others as they came."""
    given = tuple(items)
    working = [item for item in given if item.days_left is not None and item.days_left >= 0]
    working.sort(key=lambda item: item.days_left or 0)
    return (*working, *(item for item in given if item not in working))


def days_tone(days: int | None) -> Tone:
    """How pressing a deadline is."""
    if days is None:
        return "mute"
    if days <= URGENT_DAYS:
        return "bad"
    return "warn" if days <= WINDOW_DAYS else "ok"


def term_share(item: AccreditationItem) -> int:
    """Whole percents of the term that have passed; 100 when it ended or is not known."""
    if item.record_date is None or item.expire_date is None or item.days_left is None:
        return 100
    whole = (item.expire_date - item.record_date).days
    return max(0, min(100, 100 - item.days_left * 100 // whole)) if whole > 0 else 100


def greeting(name: str, now: datetime) -> str:
    """«Илья Андреевич, добрый день» by the hour; without a name the greeting alone."""
    part = next(words for until, words in _GREETINGS if now.hour < until)
    return f"{name}, {part}" if name else text.capitalized(part)


_GREETINGS = ((5, "доброй ночи"), (12, "доброе утро"), (18, "добрый день"), (24, "добрый вечер"))
