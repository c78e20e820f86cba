"""Russian typography: no-break spaces, plurals, dates, names, numbers, masks.

Rules: the project's text conventions, after the common rules of Russian typesetting
(Мильчин, Чельцова, «Справочник издателя и автора»).
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

NBSP = "\u00a0"
MINUS = "−"
_GROUPED_FROM = 10_000
_MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
_WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")

# Words that may not end a line, and particles that may not begin one.
_FORWARD = "а|в|и|к|о|с|у|во|до|да|за|из|ко|на|не|ни|но|об|от|по|со"
_BACKWARD = "бы|же|ли"
_BIND_FORWARD = re.compile(rf"(?<![\w-])({_FORWARD})[ \n]+(?=\S|$)", re.IGNORECASE)
_BIND_BACKWARD = re.compile(rf"(?<=\w)[ \n]+({_BACKWARD})(?![\w-])", re.IGNORECASE)
_BIND_DASH = re.compile(r"(?<=\S)[ \n]+—(?=\s)")
_BIND_NUMBER = re.compile(r"(?<![\w.:-])(\d+(?:[,–]\d+)*)[ \n]+(?=[^\W\d]|[%₽°])")
_BIND_SIGN = re.compile(r"№[ \n]*(?=\d)")
_BIND_INITIALS = re.compile(
    r"([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?)[ \n]+([А-ЯЁ]\.)(?:[ \n]*([А-ЯЁ]\.))?(?![а-яё])"
)


def bind(text: str) -> str:
    """Text with no-break spaces after short words, numbers and №, before dashes, in initials."""
    text = _BIND_FORWARD.sub(rf"\1{NBSP}", text)
    text = _BIND_BACKWARD.sub(rf"{NBSP}\1", text)
    text = _BIND_DASH.sub(f"{NBSP}—", text)
    text = _BIND_NUMBER.sub(rf"\1{NBSP}", text)
    text = _BIND_SIGN.sub(f"№{NBSP}", text)
    return _BIND_INITIALS.sub(lambda found: NBSP.join(filter(None, found.groups())), text)


def plural(number: int, forms: str) -> str:
    """The form that goes with a number; forms as «день|дня|дней».

    Source: plural rules of the Russian locale (CLDR).
    """
    one, few, many = forms.split("|")
    tens, ones = abs(number) % 100, abs(number) % 10
    if ones == 1 and tens != 11:  # noqa: PLR2004 - eleven is an exception of the rule
        return one
    return few if ones in {2, 3, 4} and tens not in {12, 13, 14} else many


def count(number: int, forms: str) -> str:
    """«5 дней»: a number and its noun, never parted."""
    return f"{numeral(number)}{NBSP}{plural(number, forms)}"


def numeral(number: int | Decimal) -> str:
    """«12 250», «−3», «0,5»: comma, groups from five digits on, a real minus."""
    whole, _, rest = str(abs(number)).partition(".")
    if int(whole) >= _GROUPED_FROM:
        whole = f"{int(whole):,}".replace(",", NBSP)
    return (MINUS if number < 0 else "") + whole + (f",{rest}" if rest else "")


def percent(number: int | Decimal) -> str:
    """«12 %»."""
    return f"{numeral(number)}{NBSP}%"


def short_date(day: date) -> str:
    """«05.03.2026»."""
    return day.strftime("%d.%m.%Y")


def long_date(day: date) -> str:
    """«5 марта 2026 г.»."""
    return f"{_day_month(day)}{NBSP}{day.year}{NBSP}г."


def weekday_date(day: date) -> str:
    """«понедельник, 23 ноября»."""
    return f"{_WEEKDAYS[day.weekday()]}, {_day_month(day)}"


def clock_time(moment: datetime, now: datetime) -> str:
    """«14:30» in the zone of `now`."""
    return moment.astimezone(now.tzinfo).strftime("%H:%M")


def near_time(moment: datetime, now: datetime) -> str:
    """«сегодня, 14:30», «вчера, 18:02», otherwise «20.11.2026, 11:15», in the zone of `now`."""
    local = moment.astimezone(now.tzinfo)
    apart = (local.date() - now.date()).days
    day = {-1: "вчера", 0: "сегодня", 1: "завтра"}.get(apart) or short_date(local)
    return f"{day}, {local:%H:%M}"


def since_time(moment: datetime, now: datetime) -> str:
    """«с 13:52» on the same day, otherwise «с 22.11.2026, 13:52», in the zone of `now`."""
    local = moment.astimezone(now.tzinfo)
    day = "" if local.date() == now.date() else f"{short_date(local)}, "
    return f"с{NBSP}{day}{local:%H:%M}"


def at_time(moment: datetime, now: datetime) -> str:
    """«в 15:32» on the same day, otherwise «24.11.2026 в 15:32», in the zone of `now`."""
    local = moment.astimezone(now.tzinfo)
    day = "" if local.date() == now.date() else f"{short_date(local)} "
    return f"{day}в{NBSP}{local:%H:%M}"


def exact_time(moment: datetime, now: datetime) -> str:
    """«23.11.2026, 14:32:08 МСК»: for faults, with the name of the zone."""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%d.%m.%Y, %H:%M:%S}{NBSP}{zone_name(local)}"


def zone_name(moment: datetime) -> str:
    """«МСК», otherwise the offset as «UTC+5»."""
    if moment.tzname() == "MSK":
        return "МСК"
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes >= 0 else MINUS}{hours}" + (f":{rest:02}" if rest else "")


def days_left(days: int) -> str:
    """«остался 1 день», «осталось 5 дней», «сегодня последний день», «прошло 3 дня»."""
    if days == 0:
        return "сегодня последний день"
    if days < 0:
        return f"{plural(days, 'прошёл|прошло|прошло')} {count(-days, 'день|дня|дней')}"
    return f"{plural(days, 'остался|осталось|осталось')} {count(days, 'день|дня|дней')}"


def span_words(seconds: float) -> str:
    """How long, as an accusative: «ещё 4 минуты», «через 40 секунд»; minutes are rounded up."""
    left = max(int(seconds), 0)
    if left < 60:  # noqa: PLR2004 - seconds in a minute
        return count(left, "секунду|секунды|секунд")
    return count(-(-left // 60), "минуту|минуты|минут")


def short_name(family_name: str, given_name: str, patronymic: str = "") -> str:
    """«Петров И. А.»; without a patronymic «Петров И.»."""
    initials = [f"{part[0]}." for part in (given_name, patronymic) if part]
    return NBSP.join([family_name, *initials])


def full_name(family_name: str, given_name: str, patronymic: str = "") -> str:
    """«Петров Илья Андреевич»; the patronymic may be absent."""
    return " ".join(part for part in (family_name, given_name, patronymic) if part)


def phone(number: str) -> str:
    """«+7 900 123-45-67» out of any spelling; other numbers stay as they are."""
    digits = _digits(number)
    if len(digits) != 11 or digits[0] not in "78":  # noqa: PLR2004 - length of a Russian number
        return number
    return f"+7{NBSP}{digits[1:4]}{NBSP}{digits[4:7]}-{digits[7:9]}-{digits[9:]}"


def masked_phone(number: str) -> str:
    """«+7 900 •••-••-67»; a number of another form is hidden whole."""
    written = phone(number)
    if written == number:
        return "•••"
    return f"{written[:6]}{NBSP}•••-••-{written[-2:]}"


def snils(number: str) -> str:
    """«123-456-789 00» out of any spelling. Raises ValueError unless there are 11 digits."""
    digits = _digits(number)
    if len(digits) != 11:  # noqa: PLR2004 - length of a SNILS
        raise ValueError("a SNILS has 11 digits")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]}{NBSP}{digits[9:]}"


def masked_snils(number: str) -> str:
    """«•••-•••-789 00». Raises ValueError unless there are 11 digits."""
    return "•••-•••-" + snils(number)[8:]


def grouped(identifier: str, size: int = 4) -> str:
    """An identifier of digits in groups, as an account number: «1000 2990 02»."""
    if not identifier.isdigit():
        return identifier
    return NBSP.join(_parts(identifier, size))


def capitalized(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def _day_month(day: date) -> str:
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]}"


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _parts(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))
