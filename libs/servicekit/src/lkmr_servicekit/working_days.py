"""The production calendar (производственный календарь): which days are working days."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, Self

_SATURDAY, _JANUARY = 5, 1
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Days of a year off by ТК ст. 112 and the moves that the government made for it."""

    holidays: frozenset[tuple[int, int]]
    transfers: Mapping[int, tuple[tuple[date, date], ...]]
    _off: dict[int, frozenset[date]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read the content of `working_days.toml`. Raises KeyError, ValueError for another form."""
        days = (tuple(int(part) for part in one.split("-")) for one in data["holidays"])
        return cls(
            frozenset((month, day) for month, day in days),
            {
                one["year"]: tuple(
                    (date.fromisoformat(off), date.fromisoformat(to))
                    for off, to in one["transfers"]
                )
                for one in data["year"]
            },
        )

    def confirmed(self, year: int) -> bool:
        """Whether the moves of days off for a year are known."""
        return year in self.transfers

    def working(self, day: date) -> bool:
        """Whether a day is a working one of the five-day week."""
        return day not in self._days_off(day.year)

    def add(self, day: date, working_days: int) -> date:
        """The day on which a term of so many working days ends; it begins on the next day.

        Source: ГК ст. 191, the term begins on the day after the event.
        """
        while working_days > 0:
            day += _DAY
            working_days -= self.working(day)
        return day

    def last_working_day(self, year: int, month: int) -> date:
        """The last working day of a month."""
        first = date(year + month // 12, month % 12 + 1, 1)
        day = first - _DAY
        while not self.working(day):
            day -= _DAY
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`."""
        return sum(self.working(start + _DAY * n) for n in range(1, (end - start).days + 1))

    def _days_off(self, year: int) -> frozenset[date]:
        known = self._off.get(year)
        if known is None:
            known = self._off[year] = self._make(year)
        return known

    def _make(self, year: int) -> frozenset[date]:
        first = date(year, 1, 1)
        whole = [first + _DAY * n for n in range((date(year + 1, 1, 1) - first).days)]
        holidays = {day for day in whole if (day.month, day.day) in self.holidays}
        weekends = {day for day in whole if day.weekday() >= _SATURDAY}
        moves = self.transfers.get(year, ())
        moved_from = {off for off, _ in moves}
        off = (weekends | holidays) - {day for day in moved_from if day not in holidays}
        off |= {to for _, to in moves}
        for day in sorted(holidays & weekends):
            if day.month != _JANUARY and day not in moved_from:
                while day in off:
                    day += _DAY  # noqa: PLW2901 - the day off moves on to the next working day
                off.add(day)
        return frozenset(off)


@lru_cache(maxsize=1)
def shipped_working_days() -> WorkingDays:
    """The calendar as shipped."""
    text = files("lkmr_servicekit").joinpath("working_days.toml").read_text(encoding="utf-8")
    return WorkingDays.from_data(tomllib.loads(text))
