"""What a worker is told: the sentence, the list, the days; terms and contradictions."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_accreditation.domain.compliance import next_turn, report, safe_submit_day
from lkmr_accreditation.domain.discrepancies import discrepancies_of
from lkmr_accreditation.domain.events import (
    RecordExpired,
    RecordExpiring,
    TermChanged,
    TermNow,
    term_facts,
    terms_of,
)
from lkmr_accreditation.domain.hours import Outcome
from lkmr_accreditation.domain.staff import Admission, admission_of
from lkmr_accreditation.domain.verdicts import Unknown

from ..builders import an_entry
from ..facts_builders import REGISTRY, TODAY, a_job, a_statement, an_activity, records, some_facts


def expiring(**changes: Any) -> Any:
    return some_facts(
        records=records(an_entry(record_date=date(2021, 12, 18), expire_date=date(2026, 12, 18))),
        **changes,
    )


def test_the_sentence_says_until_when_what_is_missing_and_by_which_day() -> None:
    hours = a_statement(an_activity(108), an_activity(36, outcome=Outcome.WAITING))
    made = report(expiring(hours={"терапия": hours}), REGISTRY)

    assert made.sentence == (
        "Вы можете работать по специальности «терапия» до 18 декабря 2026 г.; для следующей "
        "аккредитации не хватает 36 ч обучения (36 ч ждут подтверждения); подайте заявление "
        "сейчас: с запасом можно было до 30 октября 2026 г."
    )
    assert made.deadline == date(2026, 12, 18)
    assert [(one.what, one.amount) for one in made.missing[:2]] == [
        ("HOURS", 36),
        ("APPLICATION", None),
    ]


def test_hours_that_are_not_known_are_said_to_be_not_known() -> None:
    made = report(expiring(hours={"терапия": Unknown("Служба обучения не отвечает")}), REGISTRY)

    assert "часы обучения не проверены: служба обучения не отвечает" in made.sentence
    assert made.missing[0].what == "HOURS_UNKNOWN"
    assert made.standings[0].sums is None


def test_an_ended_record_says_since_when_work_is_forbidden() -> None:
    over = records(an_entry(record_date=date(2021, 11, 13), expire_date=date(2026, 11, 13)))
    made = report(some_facts(records=over), REGISTRY)

    assert made.sentence.startswith(
        "Работать по специальности «терапия» нельзя с 14 ноября 2026 г., "
    )


def test_without_a_medical_post_nothing_is_asked() -> None:
    clerk = a_job(position="специалист по кадрам", specialty="")

    made = report(some_facts(jobs=(clerk,), records=()), REGISTRY)

    assert "нет должностей" in made.sentence
    assert made.missing == ()


@pytest.mark.parametrize(
    ("until", "agreed", "expected"),
    [
        (date(2026, 12, 18), True, date(2026, 10, 30)),
        (date(2026, 12, 18), False, date(2026, 9, 30)),
        (date(2027, 1, 31), True, date(2026, 11, 30)),
        (date(2026, 2, 1), True, date(2025, 12, 30)),
        (date(2026, 2, 1), False, date(2025, 11, 28)),
    ],
)
def test_the_safe_day_follows_the_calendar_of_the_accreditation_centre(
    until: date, expected: date, *, agreed: bool
) -> None:
    assert safe_submit_day(until, REGISTRY, TODAY, agreed=agreed) == expected


@given(st.integers(1, 2500))
def test_the_next_turn_lies_ahead_and_within_a_month(left: int) -> None:
    end = TODAY + timedelta(days=left)
    facts = some_facts(records=records(an_entry(expire_date=end)))

    assert TODAY < next_turn(facts, REGISTRY) <= TODAY + timedelta(days=30)


def told(days: list[date], entry: Any) -> list[Any]:
    """All facts about terms when a worker is judged on these days."""
    known: dict[str, TermNow] | None = None
    made: list[Any] = []
    for number, day in enumerate(days):
        facts = some_facts(day, records=records(entry, today=day))
        new, known = term_facts(
            "w",
            known,
            terms_of(facts, REGISTRY, "Europe/Moscow"),
            today=day,
            revision=number,
            recommended_months=2,
        )
        made += new
    return made


def test_a_term_is_announced_a_year_ahead_then_its_window_then_its_end_each_once() -> None:
    entry = an_entry(expire_date=date(2028, 12, 18))
    days = [TODAY + timedelta(days=7 * week) for week in range(120)]

    kinds = [type(one) for one in told(days, entry)]

    assert kinds == [TermChanged, RecordExpiring, RecordExpired]


def test_after_a_long_silence_only_what_is_true_now_is_announced() -> None:
    entry = an_entry(expire_date=date(2028, 12, 18))

    kinds = [type(one) for one in told([TODAY, date(2029, 3, 1)], entry)]

    assert kinds == [TermChanged, RecordExpired]


def test_a_newer_record_solves_the_older_one() -> None:
    old = an_entry("1", record_date=date(2021, 12, 18), expire_date=date(2026, 12, 18))
    new = an_entry("2", record_date=date(2026, 11, 20), expire_date=date(2031, 11, 20))
    facts = some_facts(records=records(old, new))

    solved = {one.id: one.solved for one in terms_of(facts, REGISTRY, "Europe/Moscow")}

    assert solved == {"r0": True, "r1": False}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"expire_date": date(2029, 12, 18)}, "TERM_CONTRADICTS_RECORD"),
        ({"record_date": date(2027, 1, 1), "expire_date": date(2032, 1, 1)}, "RECORD_IN_FUTURE"),
        ({"protocol_date": date(2024, 2, 1)}, "PROTOCOL_AFTER_RECORD"),
    ],
)
def test_a_record_that_contradicts_itself_is_found(changes: dict[str, Any], kind: str) -> None:
    found = discrepancies_of(some_facts(records=records(an_entry(**changes))), REGISTRY)

    assert [one.kind for one in found if not one.kind.startswith("CYCLE")] == [kind]
    assert all(one.todo and one.ours and one.theirs for one in found)


def test_contradictions_of_jobs_card_names_and_cycles_name_who_corrects_them() -> None:
    base = some_facts()
    identity = replace(base.identity, form_differs=True)  # type: ignore[type-var]
    found = discrepancies_of(
        replace(
            base,
            jobs=(a_job(specialty="хирургия"),),
            gaps=("birth_date",),
            identity=identity,
            records=records(an_entry(), an_entry("2"), an_entry("3", specialty="хирургия")),
            hours={"хирургия": a_statement(end=date(2028, 1, 1))},
        ),
        REGISTRY,
    )

    assert {one.kind: one.actor.value for one in found} == {
        "JOB_SPECIALTY_DIFFERS": "HR",
        "CARD_FIELD_MISSING": "HR",
        "NAME_DIFFERS": "HR",
        "RECORD_TWICE": "REGISTER",
        "CYCLE_DIFFERS": "WORKER",
    }


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (90, "CAN_WORK"),
        (89, "EXPIRING"),
        (0, "EXPIRING"),
        (-1, "CANNOT_WORK"),
        (None, "CANNOT_WORK"),
    ],
)
def test_admission_follows_the_last_day(left: int | None, expected: str) -> None:
    day = None if left is None else TODAY + timedelta(days=left)

    assert admission_of(checked=True, valid_until=day, today=TODAY) is Admission[expected]
    assert admission_of(checked=False, valid_until=day, today=TODAY) is Admission.NOT_CHECKED
