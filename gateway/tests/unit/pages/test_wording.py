"""What a person is told about the right to work."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from page_samples import DETAIL, ITEM, ITEMS, NOW

from lkmr_gateway.pages import wording


def sentence(state: str, **parts: object) -> str:
    words = wording.verdict(replace(ITEM, state=state, **parts))  # type: ignore[arg-type]
    return f"{words.before}{words.strong}{words.after}".replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("ACTIVE", "Вы можете работать по специальности «кардиология» до 18 декабря 2026 г."),
        ("EXPIRING", "Вы можете работать по специальности «кардиология» до 18 декабря 2026 г."),
        ("IN_RENEWAL", "Вы можете работать по специальности «кардиология» до 18 декабря 2026 г."),
        (
            "EXTENDED",
            (
                "Вы можете работать по специальности «кардиология» до 18 декабря 2026 г. "
                "Срок продлён актом."
            ),
        ),
        (
            "EXPIRED",
            (
                "Срок закончился 18 декабря 2026 г. Без новой записи "
                "работать по специальности «кардиология» нельзя."
            ),
        ),
        (
            "ANNULLED",
            "Запись отозвана регистром: работать по специальности «кардиология» нельзя.",
        ),
        (
            "NOT_ADMITTED_YET",
            "Запись ещё не внесена в регистр: пока работать по специальности «кардиология» нельзя.",
        ),
    ],
)
def test_each_state_has_its_sentence(state: str, told: str) -> None:
    assert sentence(state) == told


@pytest.mark.parametrize("state", ["ACTIVE", "SOMETHING_NEW"])
def test_without_a_day_or_a_known_state_no_right_is_promised(state: str) -> None:
    told = sentence(state, expire_date=None) if state == "ACTIVE" else sentence(state)

    assert told.endswith("не проверено.")


def test_an_unknown_state_looks_like_danger() -> None:
    word = wording.state_word("SOMETHING_NEW")

    assert (word.text, word.tone) == ("Не проверено", "bad")


def test_every_state_has_a_word_an_icon_and_a_tone() -> None:
    words = [wording.state_word(state) for state in wording.STATES]

    assert len({word.text for word in words}) == len(words)
    assert all(word.icon and word.tone for word in words)


def test_an_ended_entry_that_a_newer_one_replaced_takes_no_right_away() -> None:
    old = replace(ITEM, id="old", state="EXPIRED", expire_date=date(2021, 12, 17), days_left=-1802)

    words = wording.verdict(old, (old, ITEM))

    assert "нельзя" not in f"{words.before}{words.strong}{words.after}"
    assert words.strong.replace("\u00a0", " ") == "до 18 декабря 2026 г."
    assert wording.successor(old, (old, ITEM)) is ITEM
    assert wording.current_entries((old, ITEM)) == (ITEM,)


@pytest.mark.parametrize("state", ["EXPIRED", "ANNULLED", "NOT_ADMITTED_YET", "SOMETHING_NEW"])
def test_an_entry_of_another_specialty_replaces_nothing(state: str) -> None:
    old = replace(ITEM, id="old", state=state, specialty="терапия")

    assert wording.successor(old, (old, ITEM)) is None
    assert old in wording.current_entries((old, ITEM))


def test_a_working_entry_has_no_successor() -> None:
    longer = replace(ITEM, id="longer", days_left=900)

    assert wording.successor(ITEM, (ITEM, longer)) is None
    assert wording.current_entries((longer, ITEM)) == (ITEM, longer)


def test_an_old_certificate_is_history() -> None:
    assert ITEMS[6] not in wording.current_entries(ITEMS)


def test_the_soonest_end_comes_first_and_the_ended_last() -> None:
    days = [item.days_left for item in wording.urgent_first(ITEMS)]

    assert days[:5] == [25, 25, 60, 130, 924]
    assert all(left is None or left < 0 for left in days[5:])


def test_the_last_day_itself_still_counts_as_working() -> None:
    today = replace(ITEM, days_left=0)

    assert wording.urgent_first((ITEMS[2], today))[0] is today
    assert wording.days_tone(0) == "bad"


@pytest.mark.parametrize(
    ("days", "tone"), [(None, "mute"), (30, "bad"), (31, "warn"), (180, "warn"), (181, "ok")]
)
def test_a_deadline_presses_more_as_it_nears(days: int | None, tone: str) -> None:
    assert wording.days_tone(days) == tone


def test_the_line_of_terms_is_in_order_and_marks_today() -> None:
    points = wording.terms(DETAIL, NOW.date())

    days = [point.day for point in points]
    assert days == sorted(days)
    assert [point.day for point in points if point.today] == [NOW.date()]
    assert all(point.past == (point.day < NOW.date()) for point in points)


def test_the_window_of_application_opens_180_days_before_the_end() -> None:
    points = wording.terms(DETAIL, NOW.date())

    [window] = [point for point in points if "подача" in point.words]
    assert window.day == date(2026, 12, 18) - timedelta(days=180)


def test_an_annulled_entry_has_no_future_terms() -> None:
    view = replace(DETAIL, item=replace(ITEM, state="ANNULLED"), extension=None)

    assert all(point.past or point.today for point in wording.terms(view, NOW.date()))


def test_a_term_that_falls_on_today_is_today_and_not_doubled() -> None:
    points = wording.terms(DETAIL, date(2026, 12, 18))

    [last] = [point for point in points if point.day == date(2026, 12, 18)]
    assert last.today


@pytest.mark.parametrize(
    ("days", "share"), [(1826, 0), (913, 50), (0, 100), (None, 100), (-5, 100), (4000, 0)]
)
def test_the_share_of_the_term_that_passed(days: int | None, share: int) -> None:
    assert wording.term_share(replace(ITEM, days_left=days)) == share


def test_a_term_of_no_length_has_passed() -> None:
    assert wording.term_share(replace(ITEM, record_date=ITEM.expire_date)) == 100


@pytest.mark.parametrize(
    ("hour", "words"),
    [(2, "доброй ночи"), (5, "доброе утро"), (12, "добрый день"), (18, "добрый вечер")],
)
def test_the_greeting_follows_the_hour(hour: int, words: str) -> None:
    assert wording.greeting("Анна", NOW.replace(hour=hour)) == f"Анна, {words}"
    assert wording.greeting("", NOW.replace(hour=hour)) == words.capitalize()
