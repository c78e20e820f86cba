"""What the operator assesses has a next day, which security administrators are told of in time."""

import uuid
from datetime import UTC, date, datetime

import pytest

from lkmr_auth.domain.assessment import Assessment, dues
from lkmr_auth.storage import shipped
from lkmr_auth.usecases.assess import DUE, record_assessment, terms_to_warn_of
from lkmr_servicekit.clock import FakeClock

TERMS = shipped.assessments()
BEGAN = date(2026, 8, 31)


class FakeAssessments:
    def __init__(self, *made: Assessment) -> None:
        self.made = [*made]

    async def add(self, made: Assessment) -> None:
        self.made.append(made)

    async def list(self) -> list[Assessment]:
        return self.made

    async def began_on(self) -> date | None:
        return BEGAN


def made(kind: str, on: date, **changes: str) -> Assessment:
    words = {"value": "0,92", "document": "Акт 7"} | changes
    return Assessment(
        id=uuid.uuid4(), kind=kind, assess_date=on, record_time=datetime(2026, 11, 26, tzinfo=UTC),
        **words,
    )  # fmt: skip


def test_the_next_day_runs_from_the_last_assessment_and_first_from_the_begin_of_the_journal() -> (
    None
):
    rows = TERMS.in_force(date(2026, 11, 26))

    found = dues(rows, [made("KZI", date(2026, 9, 10)), made("KZI", date(2026, 8, 31))], BEGAN)

    assert {one.term.kind: one.due_on for one in found} == {
        "KZI": date(2027, 3, 10),
        "MATURITY": date(2028, 8, 31),
    }
    assert found[0].late(date(2027, 3, 11))
    assert not found[0].late(date(2027, 3, 10))


def test_a_day_that_a_shorter_month_does_not_have_is_its_last_one() -> None:
    found = dues(TERMS.in_force(BEGAN), [], BEGAN)

    assert found[0].due_on == date(2027, 2, 28)


def test_before_the_order_is_in_force_nothing_is_due() -> None:
    assert TERMS.in_force(date(2026, 2, 28)) == ()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (made("OTHER", BEGAN), "kind"),
        (made("KZI", date(2026, 12, 1)), "assess_date"),
        (made("KZI", BEGAN, value=" "), "value"),
        (made("KZI", BEGAN, document="x" * 201), "document"),
    ],
)
async def test_what_cannot_be_is_not_recorded(wrong: Assessment, field: str) -> None:
    kept = FakeAssessments()

    with pytest.raises(ValueError, match=field):
        await record_assessment(wrong, terms=TERMS, assessments=kept, clock=FakeClock())

    assert kept.made == []


async def test_each_kind_is_a_term_that_is_warned_of() -> None:
    kept, clock = FakeAssessments(), FakeClock()
    before = await terms_to_warn_of(terms=TERMS, assessments=kept, clock=clock)
    await record_assessment(
        made("KZI", date(2026, 11, 20)), terms=TERMS, assessments=kept, clock=clock
    )
    after = await terms_to_warn_of(terms=TERMS, assessments=kept, clock=clock)

    assert {one.kind for one in before} == set(DUE.values())
    assert (before[0].last_day, after[0].last_day) == (date(2027, 2, 28), date(2027, 5, 20))
    assert before[0].warning(date(2027, 3, 1)) == 0
