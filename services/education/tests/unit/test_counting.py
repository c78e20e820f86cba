"""The rule of 144 hours: vectors of the rule, reasons, and what must hold for any studies."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkmr_education.domain.activity import Kind, State
from lkmr_education.domain.certificate import Check, Method
from lkmr_education.domain.counting import (
    Period,
    Reason,
    Statement,
    Study,
    Verdict,
    statement,
)
from lkmr_education.domain.cycle import cycles_of

from ..builders import (
    NORMS,
    PERIOD,
    SPECIALTY,
    TODAY,
    a_certificate,
    a_confirmation,
    a_record,
    an_activity,
    an_entry,
    event,
    programme,
)


def account(*studies: Study, today: date = TODAY, period: Period = PERIOD) -> Statement:
    return statement(studies, specialty=SPECIALTY, period=period, norms=NORMS, today=today)


def only(study: Study, today: date = TODAY) -> tuple[Verdict, Reason]:
    (line,) = account(study, today=today).lines
    return line.verdict, line.reason


@pytest.mark.proves("F-048")
@pytest.mark.parametrize(
    ("studies", "variant", "missing_programme", "missing"),
    [
        ([programme(144)], "A", 0, 0),
        ([programme(72), event(72)], "B", 0, 0),
        ([programme(72), event(71)], "", 0, 1),
        ([programme(71), event(200)], "", 1, 0),
        ([programme(108), event(36)], "B", 0, 0),
        ([programme(108), programme(36, Check.WAITING)], "", 0, 36),
        ([programme(36, specialty="терапия"), programme(108), event(36)], "B", 0, 0),
        ([event(250)], "", 72, 0),
        ([], "", 72, 144),
    ],
)
def test_the_vectors_of_the_rule(
    studies: list[Study], variant: str, missing_programme: int, missing: int
) -> None:
    made = account(*studies)

    assert (made.variant, made.sufficient) == (variant, bool(variant))
    assert (made.missing_programme, made.missing) == (missing_programme, missing)


def test_hours_that_wait_for_the_register_are_told_apart() -> None:
    made = account(programme(108), programme(36, Check.NOT_CHECKED))

    assert (made.programme, made.waiting) == (108, 36)


@pytest.mark.parametrize(
    ("check", "verdict", "reason"),
    [
        (Check.FOUND, Verdict.COUNTED, Reason.REGISTER_FOUND),
        (Check.NOT_CHECKED, Verdict.WAITING, Reason.REGISTER_NOT_CHECKED),
        (Check.WAITING, Verdict.WAITING, Reason.REGISTER_WAITING),
        (Check.SOURCE_DOWN, Verdict.WAITING, Reason.REGISTER_DOWN),
        (Check.NOT_FOUND, Verdict.NOT_COUNTED, Reason.REGISTER_NOT_FOUND),
        (Check.MISMATCH, Verdict.NOT_COUNTED, Reason.REGISTER_MISMATCH),
        (Check.ANNULLED, Verdict.NOT_COUNTED, Reason.REGISTER_ANNULLED),
    ],
)
def test_only_a_document_that_the_register_found_counts(
    check: Check, verdict: Verdict, reason: Reason
) -> None:
    assert only(programme(36, check)) == (verdict, reason)


@pytest.mark.parametrize("check", [Check.NOT_CHECKED, Check.WAITING, Check.SOURCE_DOWN])
def test_a_document_of_whoever_refused_waits_and_says_why(check: Check) -> None:
    study = programme(36, check)
    assert study.certificate is not None
    unasked = replace(study, certificate=replace(study.certificate, refused=True))

    assert only(unasked) == (Verdict.WAITING, Reason.REGISTER_NO_CONSENT)


def test_a_document_not_found_waits_until_the_term_of_entry_is_over() -> None:
    study = programme(36, Check.NOT_FOUND, end_date=TODAY - timedelta(days=60))

    assert only(study) == (Verdict.WAITING, Reason.REGISTER_WAITING)
    assert only(study, TODAY + timedelta(days=1))[0] is Verdict.NOT_COUNTED


def test_a_confirmation_by_hand_counts_with_a_mark() -> None:
    waiting = programme(36, Check.NOT_FOUND)
    study = replace(waiting, confirmation=a_confirmation(waiting.activity, Method.MANUAL_HR))

    made = account(study)

    assert (made.programme, made.unverified) == (36, 36)
    assert made.lines[0].reason is Reason.CONFIRMED_BY_HAND


@pytest.mark.parametrize("check", [Check.ANNULLED, Check.MISMATCH])
def test_nobody_vouches_against_the_register(check: Check) -> None:
    study = programme(36, check)

    made = account(replace(study, confirmation=a_confirmation(study.activity, Method.MANUAL_HR)))

    assert made.programme == 0


@pytest.mark.parametrize(
    ("study", "reason"),
    [
        (Study(activity=an_activity(state=State.CANCELLED)), Reason.NOT_PASSED),
        (Study(activity=an_activity(state=State.IN_PROGRESS)), Reason.NOT_FINISHED),
        (Study(activity=an_activity(specialty="")), Reason.SPECIALTY_MISSING),
        (Study(activity=an_activity(specialty="терапия")), Reason.SPECIALTY_MISMATCH),
        (programme(end_date=date(2021, 12, 17)), Reason.OUTSIDE_PERIOD),
        (programme(15), Reason.PROGRAMME_TOO_SHORT),
        (Study(activity=an_activity(Kind.RETRAINING, 504)), Reason.RETRAINING_EXCLUDED),
        (Study(activity=an_activity(Kind.OTHER)), Reason.KIND_NOT_CREDITED),
    ],
)
def test_what_does_not_count_says_why(study: Study, reason: Reason) -> None:
    assert only(study) == (Verdict.NOT_COUNTED, reason)


def test_a_finished_programme_without_document_waits_for_it() -> None:
    study = Study(activity=an_activity(state=State.COMPLETED_CLAIMED))

    assert only(study) == (Verdict.WAITING, Reason.DOCUMENT_MISSING)


def test_an_event_waits_for_the_portal_and_then_is_late() -> None:
    credited = event(6)
    study = replace(
        credited,
        confirmation=None,
        activity=replace(credited.activity, state=State.COMPLETED_CLAIMED),
    )
    end = study.activity.end_date

    assert only(study, end + timedelta(days=30))[1] is Reason.PORTAL_WAITING
    assert only(study, end + timedelta(days=31))[1] is Reason.PORTAL_DELAYED


def test_credit_units_of_an_event_are_capped_by_day() -> None:
    assert account(event(18, days=2)).portal == 12


def test_the_same_document_recorded_twice_counts_once() -> None:
    first, second = programme(36, number="77 АБ-1"), programme(36, number="77аб1")

    made = account(first, second)

    assert made.programme == 36
    assert {line.reason for line in made.lines} == {Reason.REGISTER_FOUND, Reason.DUPLICATE}


def test_the_same_course_recorded_twice_counts_once() -> None:
    one = programme(36, title="Аритмии: диагностика")
    waiting = programme(72, Check.WAITING, title="аритмии:  диагностика")

    made = account(waiting, one)

    assert (made.programme, made.waiting) == (36, 0)


def test_an_hour_of_a_document_is_never_more_than_the_document_says() -> None:
    study = programme(72)
    document = a_certificate(study.activity, Check.FOUND, hours=36)

    assert account(replace(study, certificate=document)).programme == 36


# --- what must hold for any studies ---

_ENDS = st.integers(0, 365 * 6).map(lambda days: date(2021, 6, 1) + timedelta(days=days))


@st.composite
def any_study(draw: st.DrawFn) -> Study:
    kind = draw(st.sampled_from(Kind))
    end = draw(_ENDS)
    activity = an_activity(
        kind,
        draw(st.one_of(st.none(), st.integers(1, 300))),
        state=draw(st.sampled_from(State)),
        specialty=draw(st.sampled_from([SPECIALTY, "терапия", ""])),
        title=draw(st.sampled_from(["Аритмии", "Гипертензия", "ЭКГ", "Реабилитация"])),
        start_date=end - timedelta(days=draw(st.integers(0, 20))),
        end_date=end,
    )
    certificate = None
    if draw(st.booleans()):
        number = draw(st.sampled_from(["1", "2", "3", "4", activity.id]))
        certificate = a_certificate(activity, draw(st.sampled_from(Check)), number=number)
    method = draw(st.one_of(st.none(), st.sampled_from(Method)))
    ground = a_confirmation(activity, method, certificate) if method else None
    return Study(activity=activity, certificate=certificate, confirmation=ground)


_STUDIES = st.lists(any_study(), max_size=8)


def counted(made: Statement) -> list[Study]:
    return [line.study for line in made.lines if line.verdict is Verdict.COUNTED]


@given(_STUDIES)
@settings(max_examples=150, deadline=None)
def test_no_hour_counts_before_its_document_or_credit_is_confirmed(studies: list[Study]) -> None:
    for study in counted(account(*studies)):
        ground, document = study.confirmation, study.certificate

        assert ground is not None
        assert study.activity.end_date <= TODAY
        if study.activity.kind.is_programme:
            assert document is not None
            assert document.check is Check.FOUND or ground.method is Method.MANUAL_HR
        assert document is None or document.check not in {Check.ANNULLED, Check.MISMATCH}


@given(_STUDIES)
@settings(max_examples=150, deadline=None)
def test_no_document_and_no_course_counts_twice(studies: list[Study]) -> None:
    made = counted(account(*studies))

    documents = [one.certificate.identity for one in made if one.certificate]
    courses = [(one.activity.title, one.activity.start_date, one.activity.end_date) for one in made]
    assert len(documents) == len(set(documents))
    assert len(courses) == len(set(courses))


@given(_STUDIES, st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_of_studies_does_not_matter(studies: list[Study], chance: Random) -> None:
    shuffled = list(studies)
    chance.shuffle(shuffled)

    assert account(*shuffled) == account(*studies)


@given(_STUDIES, st.integers(0, 7), st.integers(1, 100))
@settings(max_examples=150, deadline=None)
def test_more_hours_never_lower_the_account(studies: list[Study], place: int, more: int) -> None:
    if place >= len(studies) or studies[place].activity.hours is None:
        return
    before = account(*studies)
    one = studies[place]
    larger = replace(one, activity=replace(one.activity, hours=(one.activity.hours or 0) + more))
    after = account(*studies[:place], larger, *studies[place + 1 :])

    assert after.programme >= before.programme
    assert after.portal >= before.portal


@given(_STUDIES, st.lists(_ENDS, min_size=1, max_size=4, unique=True))
@settings(max_examples=100, deadline=None)
def test_no_study_counts_in_two_cycles(studies: Sequence[Study], days: list[date]) -> None:
    entries = [
        an_entry(record_date=day, expire_date=day + timedelta(days=1826), specialty=name)
        for day in days
        for name in (SPECIALTY, "терапия")
    ]
    cycles = cycles_of(a_record(*entries), TODAY)
    found = [
        study.activity.id
        for cycle in cycles
        for study in counted(
            statement(
                studies, specialty=cycle.specialty, period=cycle.period, norms=NORMS, today=TODAY
            )
        )
    ]

    assert len(found) == len(set(found))
    for one, other in itertools.combinations(cycles, 2):
        if one.specialty == other.specialty:
            assert one.end < other.start or other.end < one.start
