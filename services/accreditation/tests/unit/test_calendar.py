"""Working days: numbers of the official production calendars, terms over holidays."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..facts_builders import REGISTRY

CALENDAR = REGISTRY.calendar


@pytest.mark.parametrize(("year", "days"), [(2024, 248), (2025, 247), (2026, 247)])
def test_a_year_has_the_official_number_of_working_days(year: int, days: int) -> None:
    assert CALENDAR.between(date(year - 1, 12, 31), date(year, 12, 31)) == days
    assert CALENDAR.confirmed(year)


def test_a_year_without_a_list_follows_the_labour_code_and_says_so() -> None:
    assert not CALENDAR.confirmed(2027)
    assert not CALENDAR.working(date(2027, 5, 3))
    assert CALENDAR.working(date(2027, 5, 4))


def test_holidays_and_moved_days_off_lengthen_a_term() -> None:
    assert CALENDAR.add(date(2025, 12, 30), 1) == date(2026, 1, 12)
    assert CALENDAR.add(date(2026, 5, 8), 2) == date(2026, 5, 13)
    assert CALENDAR.working(date(2025, 11, 1))
    assert not CALENDAR.working(date(2026, 12, 31))


def test_the_last_working_day_of_a_month() -> None:
    assert CALENDAR.last_working_day(2026, 10) == date(2026, 10, 30)
    assert CALENDAR.last_working_day(2026, 12) == date(2026, 12, 30)


@given(st.dates(date(2024, 1, 1), date(2027, 6, 30)), st.integers(0, 60))
def test_a_term_ends_on_a_working_day_and_holds_as_many_of_them(start: date, length: int) -> None:
    end = CALENDAR.add(start, length)

    assert CALENDAR.between(start, end) == length
    assert length == 0 or CALENDAR.working(end)
    assert end - start >= timedelta(days=length)
