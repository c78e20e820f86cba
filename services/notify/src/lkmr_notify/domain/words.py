"""Russian grammar of messages: days in words, plural forms, values that may leave the cabinet."""

import string
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from lkmr_servicekit.clock import MOSCOW

Value = str | int | date | datetime
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
NBSP = "\u00a0"
SAFE = frozenset({"days", "deadline", "count"})
"""Names of values that may stand in a title, a letter, an SMS or a push: numbers and days only."""


def day_in_words(day: date) -> str:
    """5 March 2026 → «5 марта 2026 г.»."""
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]} {day.year}{NBSP}г."


def moment_in_words(moment: datetime) -> str:
    """A moment in Moscow: «5 марта 2026 г., 14:30 (МСК)»."""
    local = moment.astimezone(MOSCOW)
    return f"{day_in_words(local.date())}, {local:%H:%M}{NBSP}(МСК)"


def plural(number: int, forms: str) -> str:
    """«день|дня|дней» for a number: 1 день, 2 дня, 5 дней, 11 дней, 21 день.

    Raises ValueError unless there are three forms.
    """
    one, few, many = forms.split("|")
    tens, ones = abs(number) % 100, abs(number) % 10
    if ones == 1 and tens != 11:  # noqa: PLR2004 - одиннадцать
        form = one
    elif 2 <= ones <= 4 and not 12 <= tens <= 14:  # noqa: PLR2004 - rule of Russian plurals
        form = few
    else:
        form = many
    return f"{number}{NBSP}{form}"


class _Formatter(string.Formatter):
    """`{days:день|дня|дней}`, `{deadline}`, `{specialty}`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, datetime):
            return moment_in_words(value)
        if isinstance(value, date):
            return day_in_words(value)
        if "|" in format_spec:
            return plural(int(value), format_spec)
        return str(value)


_FORMATTER = _Formatter()


def fill(text: str, values: Mapping[str, Value]) -> str:
    """A text with its values. Raises KeyError for a value that is missing."""
    return _FORMATTER.vformat(text, (), values)


def names_in(text: str) -> tuple[str, ...]:
    """Names of the values that a text takes. Raises ValueError for a text that cannot be read."""
    return tuple(name for _, name, _, _ in _FORMATTER.parse(text) if name is not None)


def safe_only(values: Mapping[str, Value]) -> dict[str, Value]:
    """The values that may leave the cabinet: safe by name and by type, whatever a fact carries."""
    return {
        name: value
        for name, value in values.items()
        if name in SAFE and isinstance(value, int | date) and not isinstance(value, bool)
    }
