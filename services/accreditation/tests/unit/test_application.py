import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path as FilePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_accreditation.domain.application import (
    CLOSED,
    NEXT,
    SETTLED,
    Actor,
    Application,
    Path,
    State,
    next_warning_day,
    warning_of,
)
from lkmr_accreditation.domain.application_words import STATES
from lkmr_accreditation.domain.errors import TransitionRefused
from lkmr_accreditation.storage.shipped import shipped_forms, shipped_registry

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
REGISTRY = shipped_registry()
MIGRATION = FilePath(__file__).parents[2] / "migrations" / "versions" / "0012_open_requests.py"


def an_application(state: State = State.DRAFT, path: Path = Path.PERIODIC) -> Application:
    return Application(
        id="a",
        worker="w",
        form="F1",
        path=path,
        specialty="терапия",
        organization_oid="",
        create_time=NOW,
        update_time=NOW,
        state_time=NOW,
        state=state,
    )


def limit_in(state: State, path: Path = Path.PERIODIC) -> date | None:
    made = an_application(state, path).timed(MONDAY, REGISTRY.law, REGISTRY.calendar)
    return made.limit


@pytest.mark.parametrize("path", Path)
@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_only_the_steps_of_the_path_are_taken(path: Path, before: State, after: State) -> None:
    made = an_application(before, path)
    if after in NEXT[path].get(before, frozenset()):
        moved, step = made.moved(after, actor=Actor.WORKER, now=NOW, reason="так")
        assert (moved.state, moved.version) == (after, 2)
        assert (step.before, step.after, step.reason, step.time) == (before, after, "так", NOW)
    else:
        with pytest.raises(TransitionRefused):
            made.moved(after, actor=Actor.WORKER, now=NOW)


@pytest.mark.parametrize("state", sorted(CLOSED, key=lambda one: one.value))
@pytest.mark.parametrize("word", [State.PASSED, State.UNKNOWN_EXTERNAL])
def test_a_closed_application_stays_closed_whoever_speaks(state: State, word: State) -> None:
    with pytest.raises(TransitionRefused):
        an_application(state).moved(word, actor=Actor.CENTER, now=NOW, from_outside=True)


@given(st.sampled_from(sorted(set(State) - CLOSED, key=lambda one: one.value)))
def test_what_the_centre_says_wins_over_what_the_cabinet_expected(state: State) -> None:
    moved, _ = an_application(state).moved(
        State.FAC_CHECK, actor=Actor.CENTER, now=NOW, from_outside=True
    )

    assert moved.state is State.FAC_CHECK


@given(st.lists(st.sampled_from(State), max_size=12))
def test_no_walk_leaves_a_closed_state_or_loses_a_version(walk: list[State]) -> None:
    made = an_application()
    for to in walk:
        before = made
        try:
            made, _ = made.moved(to, actor=Actor.WORKER, now=NOW)
        except TransitionRefused:
            assert made == before
        else:
            assert before.state not in CLOSED
            assert made.version == before.version + 1


def test_answers_are_changed_in_a_draft_only() -> None:
    assert an_application().changed({"phone": "1"}, NOW).answers == {"phone": "1"}
    with pytest.raises(TransitionRefused):
        an_application(State.SUBMITTED).changed({"phone": "1"}, NOW)


@pytest.mark.parametrize(
    ("state", "limit"),
    [
        (State.DRAFT, MONDAY + timedelta(days=180)),
        (State.REPORT_APPROVAL, date(2026, 12, 7)),
        (State.SUBMITTED, date(2026, 12, 2)),
        (State.FAC_CHECK, date(2026, 12, 21)),
        (State.CAC_REVIEW, date(2026, 12, 14)),
        (State.RETURNED, MONDAY + timedelta(days=30)),
        (State.FAILED, date(2026, 12, 7)),
        (State.PASSED, date(2026, 12, 7)),
        (State.RECORDED, None),
    ],
)
def test_terms_are_counted_in_working_days_of_the_calendar(
    state: State, limit: date | None
) -> None:
    assert limit_in(state) == limit


def test_new_year_holidays_are_no_working_days() -> None:
    made = an_application(State.FAC_CHECK)
    made = made.timed(date(2026, 12, 28), REGISTRY.law, REGISTRY.calendar)

    assert made.limit is not None
    assert made.limit > date(2026, 12, 28) + timedelta(days=28)


def test_terms_are_warned_of_at_half_at_four_fifths_and_at_the_breach() -> None:
    made = replace(an_application(State.FAC_CHECK), limit=MONDAY + timedelta(days=10))
    found = [warning_of(made, MONDAY, MONDAY + timedelta(days=n)) for n in range(12)]

    assert found == [0, 0, 0, 0, 0, 50, 50, 50, 80, 80, 80, 100]
    assert next_warning_day(made, MONDAY) == MONDAY + timedelta(days=5)
    assert next_warning_day(replace(made, warned=80), MONDAY) == MONDAY + timedelta(days=11)
    assert next_warning_day(replace(made, warned=100), MONDAY) is None


def test_the_index_of_open_applications_names_the_states_that_code_calls_open() -> None:
    text = re.search(r"INDEX application_open .*?IN \((.*?)\);", MIGRATION.read_text(), re.DOTALL)

    assert text is not None
    assert set(re.findall(r"'([A-Z_]+)'", text[1])) == {one.value for one in set(State) - SETTLED}


def test_every_state_has_words() -> None:
    assert set(STATES) == set(State)


def test_forms_are_nine_and_their_conditions_name_fields_that_exist() -> None:
    forms = shipped_forms().all

    assert list(forms) == [f"F{n}" for n in range(1, 10)]
    for form in forms.values():
        names = [one.name for one in form.fields()]
        assert len(names) == len(set(names))
        for one in form.fields():
            assert one.when is None or one.when[0] in names
            assert (one.type == "choice") == bool(one.options)
