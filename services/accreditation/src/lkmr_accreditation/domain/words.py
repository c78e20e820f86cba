"""Words of the rules: days, hours, plural forms; plain text, without typography."""

from datetime import date

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


def short_day(day: date) -> str:
    """«18.12.2026»."""
    return f"{day.day:02}.{day.month:02}.{day.year}"


def long_day(day: date) -> str:
    """«18 декабря 2026 г.»."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} г."


def hours(number: int) -> str:
    """«36 ч»."""
    return f"{number} ч"


def counted(number: int, forms: str) -> str:
    """«5 дней» of «день|дня|дней»."""
    one, few, many = forms.split("|")
    tens, ones = abs(number) % 100, abs(number) % 10
    if ones == 1 and tens != 11:  # noqa: PLR2004 - eleven is an exception of the rule
        return f"{number} {one}"
    form = few if ones in {2, 3, 4} and tens not in {12, 13, 14} else many
    return f"{number} {form}"


def days(number: int) -> str:
    """«5 дней»."""
    return counted(number, "день|дня|дней")
