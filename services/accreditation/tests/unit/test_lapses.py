"""A right to practise that is over: which jobs have it, and which have not."""

from datetime import date, timedelta
from typing import Any

import pytest

from lkmr_accreditation.domain.lapses import Lapse, lapses_of

from ..builders import an_entry
from ..facts_builders import REGISTRY, TODAY, a_job, records, some_facts

CLINIC, HOSPITAL = a_job().organization_oid, "1.2.643.5.1.13.13.12.2.77.90002"
YESTERDAY = TODAY - timedelta(days=1)


def lapses(**changes: Any) -> tuple[Lapse, ...]:
    return lapses_of(some_facts(**changes), REGISTRY.posts)


def ended(on: date = YESTERDAY, **changes: Any) -> Any:
    return an_entry(record_date=date(on.year - 5, on.month, on.day), expire_date=on, **changes)


def test_the_last_day_still_gives_the_right_and_the_next_one_does_not() -> None:
    assert lapses(records=records(ended(TODAY))) == ()
    assert lapses(records=records(ended())) == (
        Lapse(organization_oid=CLINIC, specialty="терапия", end_date=YESTERDAY),
    )


def test_an_extension_by_act_keeps_the_right() -> None:
    extended = an_entry(record_date=date(2020, 5, 10), expire_date=date(2025, 5, 10))

    assert lapses(records=records(extended)) == ()
    late = date(2027, 1, 1)
    (lapse,) = lapses(today=late, records=records(extended, today=late))
    assert lapse.end_date == date(2026, 12, 31)


def test_a_newer_entry_in_the_same_specialty_covers_an_ended_one() -> None:
    assert lapses(records=records(ended(), an_entry())) == ()


def test_an_annulled_entry_gives_nothing_and_names_no_day() -> None:
    (lapse,) = lapses(records=records(an_entry(annulled=True)))

    assert (lapse.specialty, lapse.end_date) == ("терапия", None)


def test_each_job_is_looked_at_by_itself() -> None:
    jobs = (a_job(), a_job(organization_oid=HOSPITAL, specialty="кардиология"))
    good = an_entry(specialty="кардиология")

    found = lapses(jobs=jobs, records=records(ended(), good))

    assert [one.organization_oid for one in found] == [CLINIC]


@pytest.mark.parametrize(
    "changes",
    [
        {"jobs": (a_job(end_date=YESTERDAY),), "records": records(ended())},
        {"jobs": (a_job(position="специалист по кадрам", specialty=""),)},
        {"records": ()},
        {"records": records(an_entry(record_date=None, expire_date=None))},
    ],
    ids=["a job that is over", "a post without accreditation", "no entry", "not entered yet"],
)
def test_absence_of_data_takes_no_right_away(changes: dict[str, Any]) -> None:
    assert lapses(**changes) == ()
