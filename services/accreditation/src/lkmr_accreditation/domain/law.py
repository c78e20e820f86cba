"""Norms of law as dated data: what is in force on a day is asked, never assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """One value of one key for a span of days, both ends inclusive, with its source."""

    key: str
    value: int | str
    source: str
    valid_from: date = date.min
    valid_until: date = date.max

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A prolongation of terms by an order of the government (продление срока действия).

    Entries of `kinds` whose printed term ends within `expiry_from`…`expiry_to` stay good until
    `valid_until`; the printed day is never overwritten.
    """

    order: str
    source: str
    kinds: frozenset[str]
    expiry_from: date
    expiry_to: date
    valid_until: date

    def covers(self, kind: str, expire_date: date) -> bool:
        return kind in self.kinds and self.expiry_from <= expire_date <= self.expiry_to


@dataclass(frozen=True, slots=True)
class Law:
    """All norms that this service knows."""

    norms: Sequence[Norm]
    extensions: Sequence[Extension]

    def number(self, key: str, day: date) -> int:
        """The number in force on a day. Raises LookupError when the law has none for that day."""
        for norm in self.norms:
            if norm.key == key and norm.in_force(day):
                return int(norm.value)
        raise LookupError(f"no norm {key} on {day}")

    def extension_of(self, kind: str, expire_date: date) -> Extension | None:
        """The extension that carries an entry furthest, or None."""
        fitting = [one for one in self.extensions if one.covers(kind, expire_date)]
        return max(fitting, key=lambda one: one.valid_until) if fitting else None

    @classmethod
    def from_data(cls, data: Mapping[str, Sequence[Mapping[str, object]]]) -> Self:
        """Read the content of `law.toml`. Raises TypeError or KeyError when it has another form."""
        return cls(
            tuple(_norm(entry) for entry in data["norm"]),
            tuple(_extension(entry) for entry in data["extension"]),
        )


def _norm(entry: Mapping[str, object]) -> Norm:
    value = entry["value"]
    if not isinstance(value, (int, str)):
        raise TypeError(f"value of {entry['key']}")
    return Norm(
        key=str(entry["key"]),
        value=value,
        source=str(entry["source"]),
        valid_from=_day(entry.get("valid_from", date.min)),
        valid_until=_day(entry.get("valid_until", date.max)),
    )


def _extension(entry: Mapping[str, object]) -> Extension:
    kinds = entry["kinds"]
    if not isinstance(kinds, list):
        raise TypeError("kinds")
    return Extension(
        order=str(entry["order"]),
        source=str(entry["source"]),
        kinds=frozenset(str(kind) for kind in kinds),
        expiry_from=_day(entry["expiry_from"]),
        expiry_to=_day(entry["expiry_to"]),
        valid_until=_day(entry["valid_until"]),
    )


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"not a day: {value!r}")
    return value
