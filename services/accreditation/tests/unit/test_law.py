"""The law as dated entries: a new norm holds from its day, by itself."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lkmr_accreditation
from lkmr_accreditation.domain.law import Change, Law, Norm, known_changes
from lkmr_accreditation.domain.rules_hours import hours_on_track
from lkmr_accreditation.storage.shipped import shipped_law

from ..facts_builders import LAW, REGISTRY, TODAY, a_statement, an_activity, some_facts

TURN = date(2027, 3, 1)
NEXT = {
    "norm": [
        {
            "key": "accr.hours.total",
            "value": 200,
            "source": "Новый приказ",
            "valid_from": TURN.isoformat(),
            "review_on": "2028-01-01",
        }
    ]
}
WITH_NEXT = Law.from_data(shipped_law(), NEXT)


@pytest.mark.proves("F-262")
def test_a_new_norm_takes_effect_by_itself_on_its_day_and_changes_the_verdict() -> None:
    eve = TURN - timedelta(days=1)
    hours = {"терапия": a_statement(an_activity(144), end=TURN + timedelta(days=100))}

    assert WITH_NEXT.number("accr.hours.total", eve) == 144
    assert WITH_NEXT.number("accr.hours.total", TURN) == 200
    said = {}
    for day in (eve, TURN):
        result = hours_on_track(some_facts(day, hours=hours), WITH_NEXT, REGISTRY.posts)
        said[day] = (result.verdict.value, result.source)
    assert said[eve] == ("OK", "Положение об аккредитации, приказ 709н от 28.10.2022")
    assert said[TURN] == ("WARN", "Новый приказ")


def test_the_digest_of_the_law_turns_with_the_norm_and_not_before() -> None:
    eve = TURN - timedelta(days=1)

    assert WITH_NEXT.digest(eve) == LAW.digest(eve)
    assert WITH_NEXT.digest(TURN) != WITH_NEXT.digest(eve)
    assert WITH_NEXT.next_day(eve) == TURN
    assert WITH_NEXT.next_day(TURN) is None


def test_every_shipped_norm_has_title_source_owner_review_and_mark() -> None:
    content = shipped_law()
    bare = [
        one["key"]
        for one in content["norm"]
        if not all(one.get(field) for field in ("title", "source", "owner", "review_on", "mark"))
    ]

    assert bare == []
    assert len({one["key"] for one in content["norm"]}) == len(content["norm"])


def test_a_norm_that_was_not_reviewed_in_time_is_overdue_from_the_next_day() -> None:
    norm = Norm(key="k", value=1, source="s", owner="o", review_on=TODAY)
    law = Law([norm], [])

    assert law.overdue(TODAY) == ()
    assert law.overdue(TODAY + timedelta(days=1)) == (norm,)


def a_change(id_: str, announce_on: date, effective_on: date) -> Change:
    return Change(
        id=id_,
        title="",
        text="",
        todo="",
        source="",
        announce_on=announce_on,
        effective_on=effective_on,
    )


def test_changes_are_told_from_their_announcement_what_comes_first_on_top() -> None:
    past = a_change("past", date(2026, 1, 1), date(2026, 2, 1))
    soon = a_change("soon", date(2026, 10, 1), date(2027, 1, 1))
    later = a_change("later", date(2026, 11, 1), date(2027, 9, 1))
    secret = a_change("secret", date(2026, 12, 1), date(2027, 1, 1))

    assert known_changes([past, later, secret, soon], TODAY) == (soon, later, past)


@pytest.mark.parametrize(
    "entry",
    [
        {"key": "k", "value": 1.5, "source": "s"},
        {"key": "k", "value": 1},
        {"key": "k", "value": 1, "source": "s", "valid_from": 3},
        {"key": "k", "value": 1, "source": "s", "mark": "Z"},
    ],
)
def test_an_entry_of_another_form_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises((TypeError, KeyError)):
        Law.from_data({"norm": [entry]})


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_the_norm_that_began_last_holds(day: date) -> None:
    starts = [date(2020, 1, 1), date(2024, 6, 1), date(2029, 1, 1)]
    norms = [Norm(key="k", value=n, source="", valid_from=one) for n, one in enumerate(starts)]

    expected = max(n for n, one in enumerate(starts) if one <= day)
    assert Law(norms[::-1], []).number("k", day) == expected


def test_the_shipped_files_are_read_as_they_lie() -> None:
    folder = Path(lkmr_accreditation.__file__).parent

    assert tomllib.loads((folder / "law.toml").read_text()) == shipped_law()
