from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_gateway.pages import text

NOW = datetime(2026, 11, 23, 14, 32, 8, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.mark.parametrize(
    ("plain", "bound"),
    [
        ("Вход в кабинет", "Вход в_кабинет"),
        ("и в кабинете", "и_в_кабинете"),
        ("Не получается войти?", "Не_получается войти?"),
        ("от 09.10.2026 до 5 марта", "от_09.10.2026 до_5_марта"),
        ("Осталось 5 дней", "Осталось 5_дней"),
        ("доза 5 мг, 36 ч, 12 %", "доза 5_мг, 36_ч, 12_%"),
        ("это — всё", "это_— всё"),
        ("КБ № 2", "КБ №_2"),
        ("КБ №2", "КБ №_2"),
        ("Петров И. А. вошёл", "Петров_И._А. вошёл"),
        ("Петров И.А. вошёл", "Петров_И._А. вошёл"),
        ("Ким А. вошла", "Ким_А. вошла"),
        ("если бы не сбой", "если_бы не_сбой"),
        ("5 марта 2026 г.", "5_марта 2026_г."),
        ("LKMR-AUTH-007 описан", "LKMR-AUTH-007 описан"),
        ("строка\n  на две", "строка\n  на_две"),
        ("до ", "до_"),
        ("", ""),
    ],
)
def test_what_belongs_together_is_not_parted(plain: str, bound: str) -> None:
    assert text.bind(plain).replace("\u00a0", "_") == bound


@given(st.text(alphabet="аби вндо 5—№%.\nИА"))
def test_binding_changes_nothing_but_blanks_and_settles(plain: str) -> None:
    bound = text.bind(plain)

    assert "".join(bound.split()) == "".join(plain.split())
    assert len(text.bind(text.bind(bound))) == len(text.bind(bound))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 баллов"),
        (1, "1 балл"),
        (2, "2 балла"),
        (4, "4 балла"),
        (5, "5 баллов"),
        (11, "11 баллов"),
        (12, "12 баллов"),
        (14, "14 баллов"),
        (21, "21 балл"),
        (22, "22 балла"),
        (111, "111 баллов"),
        (1002, "1002 балла"),
        (12250, "12 250 баллов"),
    ],
)
def test_a_noun_agrees_with_its_number(number: int, words: str) -> None:
    assert text.count(number, "балл|балла|баллов").replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (9999, "9999"),
        (12250, "12_250"),
        (1234567, "1_234_567"),
        (-3, "−3"),
        (Decimal("0.5"), "0,5"),
        (Decimal("12250.50"), "12_250,50"),
    ],
)
def test_numbers_have_a_comma_groups_and_a_real_minus(number: int | Decimal, written: str) -> None:
    assert text.numeral(number).replace("\u00a0", "_") == written


def test_percents_stand_apart_by_a_bound_blank() -> None:
    assert text.percent(12) == "12\u00a0%"


def test_dates_are_written_in_two_ways() -> None:
    day = date(2026, 3, 5)

    assert text.short_date(day) == "05.03.2026"
    assert text.long_date(day) == "5\u00a0марта\u00a02026\u00a0г."
    assert text.weekday_date(date(2026, 11, 23)) == "понедельник, 23\u00a0ноября"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW.replace(hour=6, minute=5), "сегодня, 06:05"),
        (datetime(2026, 11, 22, 21, 30, tzinfo=UTC), "сегодня, 00:30"),
        (datetime(2026, 11, 22, 15, 2, tzinfo=UTC), "вчера, 18:02"),
        (datetime(2026, 11, 24, 6, 0, tzinfo=UTC), "завтра, 09:00"),
        (datetime(2026, 11, 20, 8, 15, tzinfo=UTC), "20.11.2026, 11:15"),
        (datetime(2025, 11, 23, 8, 15, tzinfo=UTC), "23.11.2025, 11:15"),
    ],
)
def test_near_moments_are_named_by_the_day_of_the_reader(moment: datetime, words: str) -> None:
    assert text.near_time(moment, NOW) == words


def test_moments_of_the_same_day_need_no_date() -> None:
    other_day = datetime(2026, 11, 21, 10, 52, tzinfo=UTC)

    assert text.since_time(NOW.replace(hour=13), NOW) == "с\u00a013:32"
    assert text.since_time(other_day, NOW) == "с\u00a021.11.2026, 13:52"
    assert text.at_time(NOW.replace(hour=15), NOW) == "в\u00a015:32"
    assert text.at_time(other_day, NOW) == "21.11.2026 в\u00a013:52"


def test_exact_moments_name_the_zone() -> None:
    moment = datetime(2026, 11, 23, 11, 32, 8, tzinfo=UTC)

    assert text.exact_time(moment, NOW) == "23.11.2026, 14:32:08\u00a0МСК"


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Europe/Moscow", "МСК"),
        ("Asia/Yekaterinburg", "UTC+5"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/New_York", "UTC−5"),
    ],
)
def test_other_zones_are_named_by_their_offset(zone: str, name: str) -> None:
    assert text.zone_name(NOW.astimezone(ZoneInfo(zone))) == name


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "остался 1 день"),
        (2, "осталось 2 дня"),
        (25, "осталось 25 дней"),
        (31, "остался 31 день"),
        (0, "сегодня последний день"),
        (-1, "прошёл 1 день"),
        (-3, "прошло 3 дня"),
    ],
)
def test_days_left_agree_in_verb_and_noun(days: int, words: str) -> None:
    assert text.days_left(days).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (299.9, "5 минут"),
        (240, "4 минуты"),
        (61, "2 минуты"),
        (60, "1 минуту"),
        (41, "41 секунду"),
        (-5, "0 секунд"),
    ],
)
def test_spans_are_told_in_minutes_then_in_seconds(seconds: float, words: str) -> None:
    assert text.span_words(seconds).replace("\u00a0", " ") == words


def test_names_are_short_with_bound_initials() -> None:
    assert text.short_name("Петров", "Илья", "Андреевич") == "Петров\u00a0И.\u00a0А."
    assert text.short_name("Ли", "Ён") == "Ли\u00a0Ё."
    assert text.full_name("Петров", "Илья", "Андреевич") == "Петров Илья Андреевич"
    assert text.full_name("Ли", "Ён") == "Ли Ён"


@pytest.mark.parametrize("number", ["+79001234567", "8 (900) 123-45-67", "79001234567"])
def test_telephones_are_written_and_masked_in_one_way(number: str) -> None:
    assert text.phone(number).replace("\u00a0", " ") == "+7 900 123-45-67"
    assert text.masked_phone(number).replace("\u00a0", " ") == "+7 900 •••-••-67"


def test_a_foreign_telephone_is_left_alone_and_masked_whole() -> None:
    assert text.phone("+44 20 7946 0958") == "+44 20 7946 0958"
    assert text.masked_phone("+44 20 7946 0958") == "•••"


@pytest.mark.parametrize("number", ["12345678900", "123-456-789 00", "123 456 789 00"])
def test_a_snils_is_written_and_masked_in_one_way(number: str) -> None:
    assert text.snils(number).replace("\u00a0", " ") == "123-456-789 00"
    assert text.masked_snils(number).replace("\u00a0", " ") == "•••-•••-789 00"


def test_a_snils_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="11 digits"):
        text.snils("123")


def test_long_numbers_are_read_in_groups() -> None:
    assert text.grouped("1000299002").replace("\u00a0", " ") == "1000 2990 02"
    assert text.grouped("A-17") == "A-17"


def test_only_the_first_letter_grows() -> None:
    assert text.capitalized("врач-кардиолог КБ") == "Врач-кардиолог КБ"
    assert text.capitalized("") == ""
