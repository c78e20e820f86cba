from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_notify.domain.delivery import Outcome, Result, State, next_step

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 10), (2, 20), (3, 40), (9, 2560), (10, 3600), (30, 3600)]
)
def test_pauses_double_from_ten_seconds_to_an_hour(attempts: int, seconds: int) -> None:
    step = next_step(
        Result(Outcome.TEMPORARY), attempts=attempts, due_time=NOON, now=NOON, jitter=1
    )

    assert step.next_try_time == NOON + timedelta(seconds=seconds)
    assert step.state is State.TEMPORARY_FAILURE


@given(
    attempts=st.integers(1, 1000),
    age=st.timedeltas(timedelta(), timedelta(hours=80)),
    jitter=st.floats(0, 1),
    outcome=st.sampled_from(Outcome),
)
def test_nothing_is_tried_after_three_days_and_every_end_is_final(
    attempts: int, age: timedelta, jitter: float, outcome: Outcome
) -> None:
    step = next_step(
        Result(outcome), attempts=attempts, due_time=NOON, now=NOON + age, jitter=jitter
    )

    if step.next_try_time is not None:
        assert NOON + age < step.next_try_time <= NOON + timedelta(hours=72)
        assert not step.given_up
    else:
        assert step.given_up is (outcome is not Outcome.HANDED_OVER)


def test_a_permanent_failure_is_not_tried_again() -> None:
    step = next_step(Result(Outcome.PERMANENT), attempts=1, due_time=NOON, now=NOON, jitter=0.5)

    assert (step.state, step.next_try_time) == (State.PERMANENT_FAILURE, None)
