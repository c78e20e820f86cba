"""Norms as dated data: what is in force on a day is asked, never assumed.

Their one owner is `accreditation`; this service keeps a copy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """One value of one key for a span of days, both ends inclusive, with its source."""

    key: str
    value: int
    source: str
    valid_from: date = date.min
    valid_until: date = date.max

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Norms:
    """All norms that this service knows."""

    entries: Sequence[Norm]

    def norm(self, key: str, day: date) -> Norm:
        """The norm in force on a day. Raises LookupError when there is none for that day."""
        for norm in self.entries:
            if norm.key == key and norm.in_force(day):
                return norm
        raise LookupError(f"no norm {key} on {day}")

    def number(self, key: str, day: date) -> int:
        """The value in force on a day. Raises LookupError when there is none for that day."""
        return self.norm(key, day).value

    @classmethod
    def from_data(cls, data: Mapping[str, Sequence[Mapping[str, object]]]) -> Self:
        """Read entries of law as their owner ships them; norms that are no numbers are left out.

        Raises TypeError or KeyError for another form.
        """
        whole = (entry for entry in data["norm"] if isinstance(entry["value"], int))
        return cls(tuple(_norm(entry) for entry in whole))


def _norm(entry: Mapping[str, object]) -> Norm:
    value = entry["value"]
    if not isinstance(value, int):
        raise TypeError(f"value of {entry['key']}")
    return Norm(
        key=str(entry["key"]),
        value=int(value),
        source=str(entry["source"]),
        valid_from=_day(entry.get("valid_from", date.min)),
        valid_until=_day(entry.get("valid_until", date.max)),
    )


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"not a day: {value!r}")
    return value
