"""The answer to «is this worker accredited in this specialty on this day»."""

import tomllib
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.standing import Lack, Verdict, standing_on

from ..builders import an_entry

LAW = Law.from_data(tomllib.loads(files("lkmr_accreditation").joinpath("law.toml").read_text()))
RECORDED, LAST = date(2023, 12, 18), date(2028, 12, 18)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "verdict", "lack"),
    [
        (RECORDED - DAY, Verdict.NOT_ACCREDITED, Lack.NOT_YET),
        (RECORDED, Verdict.ACCREDITED, None),
        (LAST, Verdict.ACCREDITED, None),
        (LAST + DAY, Verdict.NOT_ACCREDITED, Lack.EXPIRED),
    ],
)
def test_both_ends_of_a_term_count(day: date, verdict: Verdict, lack: Lack | None) -> None:
    made = standing_on([an_entry()], "терапия", day, LAW)

    assert (made.verdict, made.lack, made.decided_by) == (verdict, lack, 0)


@pytest.mark.parametrize("asked", ["терапия", " Терапия ", "49"])
def test_a_specialty_is_known_by_name_and_by_code(asked: str) -> None:
    assert standing_on([an_entry()], asked, RECORDED, LAW).verdict is Verdict.ACCREDITED


def test_another_specialty_is_no_entry() -> None:
    made = standing_on([an_entry()], "хирургия", RECORDED, LAW)

    assert (made.verdict, made.lack, made.decided_by) == (
        *(Verdict.NOT_ACCREDITED, Lack.NO_ENTRY),
        None,
    )


def test_an_annulled_entry_counts_for_no_day() -> None:
    made = standing_on([an_entry(annulled=True)], "терапия", RECORDED + DAY, LAW)

    assert made.lack is Lack.ANNULLED


def test_one_good_entry_is_enough_beside_bad_ones() -> None:
    entries = [an_entry("1", annulled=True), an_entry("2"), an_entry("3", expire_date=RECORDED)]

    made = standing_on(entries, "терапия", date(2026, 11, 26), LAW)

    assert (made.verdict, made.decided_by) == (Verdict.ACCREDITED, 1)


def test_without_a_good_entry_the_one_that_lasts_longest_says_why() -> None:
    old = {"kind": "PRIMARY_X", "record_date": date(2020, 1, 1)}  # no order prolongs this kind
    entries = [
        an_entry("1", **old, expire_date=date(2024, 1, 1)),
        an_entry("2", **old, expire_date=date(2025, 1, 1)),
    ]

    made = standing_on(entries, "терапия", date(2026, 11, 26), LAW)

    assert (made.lack, made.decided_by) == (Lack.EXPIRED, 1)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(-3000, 3000), st.integers(1, 3000)), max_size=5),
    st.integers(-3000, 3000),
)
def test_accredited_exactly_when_some_entry_covers_the_day(
    terms: list[tuple[bool, int, int]], at: int
) -> None:
    day = date(2026, 11, 26)
    entries = [
        an_entry(
            str(number),
            annulled=annulled,
            kind="PRIMARY_X",  # no order prolongs this kind
            record_date=day + timedelta(days=start),
            expire_date=day + timedelta(days=start + length),
        )
        for number, (annulled, start, length) in enumerate(terms)
    ]
    asked = day + timedelta(days=at)

    made = standing_on(entries, "терапия", asked, LAW)

    covered = any(
        not annulled and start <= at <= start + length for annulled, start, length in terms
    )
    assert (made.verdict is Verdict.ACCREDITED) == covered
