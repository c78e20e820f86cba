"""The hours rule: vectors of the reference, and what holds for all activities."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_accreditation.domain.hours import Activity, Outcome, Tally, expected_hours, growth, tally
from lkmr_accreditation.domain.verdicts import Verdict

from ..facts_builders import END, LAW, START, TODAY, a_statement, an_activity, rule, some_facts

WAITING, NOT_COUNTED = Outcome.WAITING, Outcome.NOT_COUNTED


def sums(*activities: Activity) -> Tally:
    return tally(a_statement(*activities), LAW, TODAY)


@pytest.mark.parametrize(
    ("programme", "portal", "complete", "missing"),
    [
        (144, 0, True, (0, 0)),
        (72, 72, True, (0, 0)),
        (72, 71, False, (0, 1)),
        (71, 200, False, (1, 0)),
        (108, 36, True, (0, 0)),
        (0, 250, False, (72, 0)),
    ],
)
def test_programmes_alone_or_a_minimum_of_them_with_the_portal_make_the_hours(
    programme: int, portal: int, *, complete: bool, missing: tuple[int, int]
) -> None:
    made = sums(an_activity(programme), an_activity(portal, programme=False))

    assert made.complete is complete
    assert (made.missing_programme, made.missing_total) == missing


def test_hours_that_wait_for_the_register_are_named_and_not_counted() -> None:
    made = sums(an_activity(108), an_activity(36, outcome=WAITING))

    assert not made.complete
    assert (made.counted, made.missing_total, made.waiting) == (108, 36, 36)


def test_hours_in_another_specialty_are_not_counted() -> None:
    wrong = an_activity(36, outcome=NOT_COUNTED, reason="не та специальность")
    made = sums(wrong, an_activity(108), an_activity(36, programme=False, id_="portal"))

    assert made.complete
    assert made.counted == 144


activities = st.lists(
    st.builds(
        an_activity,
        st.integers(0, 200),
        programme=st.booleans(),
        id_=st.uuids().map(str),
        outcome=st.sampled_from(Outcome),
        finished_on=st.dates(START, END),
    ),
    max_size=12,
)


@given(activities, st.randoms())
def test_the_order_of_activities_does_not_matter(given_: list[Activity], dice: object) -> None:
    mixed = list(given_)
    dice.shuffle(mixed)  # type: ignore[attr-defined]

    assert sums(*mixed) == sums(*given_)
    assert growth(a_statement(*mixed)) == growth(a_statement(*given_))


@given(activities)
def test_no_hour_counts_twice(given_: list[Activity]) -> None:
    assert sums(*given_, *given_) == sums(*given_)


one_more = st.builds(an_activity, st.integers(0, 300), programme=st.booleans(), id_=st.just("more"))


@given(activities, one_more)
def test_more_hours_never_make_it_worse(given_: list[Activity], more: Activity) -> None:
    before, after = sums(*given_), sums(*given_, more)

    assert after.counted == before.counted + more.hours
    assert after.missing_programme <= before.missing_programme
    assert after.missing_total <= before.missing_total
    assert after.complete or not before.complete


@given(activities, st.sampled_from((WAITING, NOT_COUNTED)))
def test_only_what_counts_counts(given_: list[Activity], outcome: Outcome) -> None:
    idle = [replace(one, outcome=outcome) for one in given_]

    assert sums(*idle).counted == 0


@given(st.dates(START, END), st.dates(START, END))
def test_the_even_pace_grows_from_nothing_to_the_whole(one: date, other: date) -> None:
    statement = a_statement()
    first, last = min(one, other), max(one, other)

    assert expected_hours(statement, LAW, START) == 0
    assert expected_hours(statement, LAW, END) == 144
    assert expected_hours(statement, LAW, first) <= expected_hours(statement, LAW, last)


def test_the_line_of_hours_ends_at_the_sum() -> None:
    statement = a_statement(
        an_activity(36, id_="b", finished_on=date(2025, 6, 6)),
        an_activity(36, id_="a", finished_on=date(2024, 3, 15)),
        an_activity(36, id_="w", outcome=WAITING),
    )

    assert [point.hours for point in growth(statement)] == [36, 72]


@given(activities, st.integers(0, 200), st.integers(-400, 2000))
def test_a_verdict_about_hours_never_worsens_by_more_hours(
    given_: list[Activity], more: int, days_left: int
) -> None:
    order = [Verdict.FAIL, Verdict.WARN, Verdict.OK]
    today = END - timedelta(days=days_left)
    verdicts = []
    for extra in ((), (an_activity(more, id_="more"),)):
        hours = {"терапия": a_statement(*given_, *extra)}
        verdicts.append(rule(3, some_facts(today, hours=hours)).verdict)

    assert order.index(verdicts[1]) >= order.index(verdicts[0])
