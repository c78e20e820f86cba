"""The life cycle of an activity, its fields, documents and cycles."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lkmr_education.domain.activity import NEXT, Actor, Kind, State, may_step
from lkmr_education.domain.certificate import (
    Check,
    TypedCertificate,
    certificate_of,
    issuer_key,
    next_check_time,
    number_key,
)
from lkmr_education.domain.counting import Study, statement
from lkmr_education.domain.cycle import CycleState, Pace, cycles_of, expected_hours, progress_of
from lkmr_education.domain.draft import Typed, draft_of
from lkmr_education.domain.errors import (
    ActivityInvalid,
    ActivityNotFinished,
    CertificateInvalid,
    StepNotAllowed,
)
from lkmr_education.domain.warnings import warnings_of

from ..builders import (
    NOON,
    NORMS,
    PERIOD,
    SPECIALTY,
    TODAY,
    a_certificate,
    a_record,
    an_activity,
    an_entry,
    event,
    programme,
)

WHOLE = Typed(kind="PK", title="Аритмии", organizer="Академия", start_date="2026-12-01")


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_no_actor_takes_a_step_that_the_life_cycle_does_not_have(
    before: State, after: State
) -> None:
    taken = [actor for actor in Actor if may_step(before, after, actor)]

    if after in NEXT[before]:
        assert taken
    else:
        back = (before, after) == (State.CONFIRMED, State.REJECTED_DOC)
        assert taken == ([Actor.SYSTEM] if back else [])


def test_nobody_confirms_by_their_own_word() -> None:
    assert not may_step(State.COMPLETED_CLAIMED, State.CONFIRMED, Actor.WORKER)
    assert not may_step(State.COMPLETED_CLAIMED, State.CONFIRMED, Actor.HEAD)


def test_only_the_head_agrees() -> None:
    allowed = {
        actor for actor in Actor if may_step(State.EMPLOYER_REVIEW, State.PROVIDER_REVIEW, actor)
    }
    assert allowed == {Actor.HEAD}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_goes_through_the_whole_life_cycle(kind: Kind) -> None:
    one = an_activity(kind, state=State.PLANNED)
    steps = [
        (State.APPLIED, Actor.WORKER),
        (State.EMPLOYER_REVIEW, Actor.WORKER),
        (State.PROVIDER_REVIEW, Actor.HEAD),
        (State.ENROLLED, Actor.WORKER),
        (State.IN_PROGRESS, Actor.WORKER),
        (State.COMPLETED_CLAIMED, Actor.WORKER),
        (State.REJECTED_DOC, Actor.SYSTEM),
        (State.COMPLETED_CLAIMED, Actor.WORKER),
        (State.CONFIRMED, Actor.SYSTEM),
    ]
    for state, actor in steps:
        one = one.advance(state, actor=actor, today=TODAY, now=NOON)

    assert one.state is State.CONFIRMED
    assert one.version == len(steps) + 1


def test_nothing_is_finished_before_its_last_day() -> None:
    one = an_activity(state=State.IN_PROGRESS, end_date=TODAY + timedelta(days=1))

    with pytest.raises(ActivityNotFinished):
        one.advance(State.COMPLETED_CLAIMED, actor=Actor.WORKER, today=TODAY, now=NOON)


def test_a_begun_activity_that_moves_is_rescheduled_and_a_planned_one_stays_planned() -> None:
    start, end = date(2026, 12, 2), date(2026, 12, 4)
    begun = an_activity(state=State.ENROLLED).move(start, end, actor=Actor.PROVIDER, now=NOON)
    planned = an_activity(state=State.PLANNED).move(start, end, actor=Actor.WORKER, now=NOON)

    assert (begun.state, begun.start_date, begun.end_date) == (State.RESCHEDULED, start, end)
    assert (planned.state, planned.end_date) == (State.PLANNED, end)


@pytest.mark.parametrize("state", [State.CONFIRMED, State.CANCELLED, State.COMPLETED_CLAIMED])
def test_what_is_over_does_not_move(state: State) -> None:
    with pytest.raises(StepNotAllowed):
        an_activity(state=state).move(TODAY, TODAY, actor=Actor.PROVIDER, now=NOON)


@pytest.mark.parametrize("field", ["kind", "title", "organizer", "start_date"])
def test_a_missing_required_field_is_named(field: str) -> None:
    with pytest.raises(ActivityInvalid) as refusal:
        draft_of(replace(WHOLE, **{field: " "}), today=TODAY)

    assert [(one.field, one.code) for one in refusal.value.fields] == [(field, "REQUIRED")]


def test_all_faults_are_told_at_once() -> None:
    typed = Typed(kind="X", start_date="01.12.2026", end_date="2026-11-01", hours="-5", level="12")

    with pytest.raises(ActivityInvalid) as refusal:
        draft_of(typed, today=TODAY)

    assert {one.field for one in refusal.value.fields} == {
        "kind",
        "title",
        "organizer",
        "start_date",
        "hours",
        "level",
    }


@pytest.mark.parametrize("hours", ["0", "-36", "2001", "36.5", "1e3", "много"])
def test_impossible_hours_are_refused(hours: str) -> None:
    with pytest.raises(ActivityInvalid):
        draft_of(replace(WHOLE, hours=hours), today=TODAY)


def test_a_document_is_not_issued_in_the_future_nor_before_the_end() -> None:
    for day in (TODAY + timedelta(days=1), date(2026, 10, 31)):
        with pytest.raises(CertificateInvalid):
            certificate_of(
                TypedCertificate(number="1", issue_date=day.isoformat()),
                kind=Kind.PK,
                organizer="Академия",
                ended_on=date(2026, 11, 1),
                today=TODAY,
            )


def test_an_issuer_and_a_number_are_compared_but_for_spelling() -> None:
    assert issuer_key("ФГБОУ ДПО «Академия»") == issuer_key("Академия")
    assert number_key("ПК № 77-001") == number_key("пк77001").replace("пк", "пк")
    assert issuer_key("ООО") == "ооо"


def test_the_register_is_asked_by_schedule_until_it_finds_the_document() -> None:
    document = a_certificate(an_activity(), Check.NOT_CHECKED)
    moments = []
    for _ in range(8):
        moment = next_check_time(document, now=document.check_time or NOON)
        if moment is None:
            break
        moments.append((moment - NOON).days)
        document = replace(document, check=Check.NOT_FOUND, check_time=moment)

    assert moments == [0, 7, 14, 30, 45, 60]
    assert next_check_time(replace(document, check=Check.FOUND), now=NOON) is None


def test_a_register_that_is_down_for_a_moment_delays_nothing_for_long() -> None:
    document = a_certificate(an_activity(), Check.SOURCE_DOWN)

    first = next_check_time(document, now=NOON, before=Check.NOT_FOUND)
    later = next_check_time(document, now=NOON, before=Check.SOURCE_DOWN)

    assert (first, later) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=15))


def test_a_newer_admission_ends_the_cycle_on_the_day_before() -> None:
    record = a_record(an_entry(), an_entry(record_date=date(2026, 6, 1), registry_number="2"))

    newer, older = cycles_of(record, TODAY)

    assert (newer.state, newer.start) == (CycleState.OPEN, date(2026, 6, 1))
    assert (older.state, older.end) == (CycleState.SUPERSEDED, date(2026, 5, 31))


def test_an_ended_admission_still_collects_hours_until_the_next_one() -> None:
    record = a_record(an_entry(expire_date=TODAY - timedelta(days=10)))

    (cycle,) = cycles_of(record, TODAY)

    assert (cycle.state, cycle.end) == (CycleState.CLOSED, TODAY)


def test_two_specialties_have_two_cycles_and_annulled_entries_none() -> None:
    record = a_record(
        an_entry(), an_entry(specialty="терапия"), an_entry(specialty="хирургия", state="ANNULLED")
    )

    assert {cycle.specialty for cycle in cycles_of(record, TODAY)} == {SPECIALTY, "терапия"}


@pytest.mark.parametrize(
    ("hours", "today", "pace"),
    [
        (72, date(2024, 6, 17), Pace.GREEN),
        (58, date(2024, 6, 17), Pace.YELLOW),
        (56, date(2024, 6, 17), Pace.RED),
        (108, TODAY, Pace.RED),
        (144, TODAY, Pace.GREEN),
    ],
)
def test_the_pace_compares_hours_with_the_time_gone_by(hours: int, today: date, pace: Pace) -> None:
    (cycle,) = cycles_of(a_record(), today)
    studies = [programme(hours, start_date=date(2022, 3, 1), end_date=date(2022, 3, 21))]
    account = statement(studies, specialty=SPECIALTY, period=PERIOD, norms=NORMS, today=today)

    made = progress_of(cycle, account, norms=NORMS, today=today)

    assert made.pace is pace
    assert sum(year.programme for year in made.years) == hours
    assert len(made.years) == 5


def test_the_expected_hours_grow_evenly_from_nothing_to_the_whole() -> None:
    start, end = PERIOD.start, PERIOD.end
    assert expected_hours(start, end, 144, start) == 0
    assert expected_hours(start, end, 144, end) == 144
    assert expected_hours(start, end, 144, end + timedelta(days=30)) == 144


def test_warnings_say_what_is_missing_and_in_which_register() -> None:
    lost = programme(36, Check.NOT_FOUND, end_date=TODAY - timedelta(days=90))
    foreign = programme(36, specialty="хирургия")
    studies = [lost, foreign, programme(36)]
    (cycle,) = cycles_of(a_record(), TODAY)
    account = statement(studies, specialty=SPECIALTY, period=PERIOD, norms=NORMS, today=TODAY)
    progress = progress_of(cycle, account, norms=NORMS, today=TODAY)

    made = {one.id: one for one in warnings_of([progress], studies, norms=NORMS, today=TODAY)}

    assert set(made) == {"W-EDU-01", "W-EDU-02", "W-EDU-03", "W-EDU-06", "W-EDU-08"}
    assert made["W-EDU-01"].text == "До 72 ч программ ПК не хватает 36 ч"
    assert made["W-EDU-02"].text == "До 144 ч не хватает 108 ч"
    assert made["W-EDU-03"].text == "Документ не найден в ФИС ФРДО"
    assert made["W-EDU-03"].about == (lost.activity.id,)
    assert made["W-EDU-06"].text == "Отстаёте от годового плана 50 ЗЕТ"
    assert made["W-EDU-08"].text == "Программа не по вашей специальности, часы не засчитаны"
    assert made["W-EDU-08"].about == (foreign.activity.id,)


@pytest.mark.parametrize(("days", "warned"), [(30, False), (31, True)])
def test_units_that_do_not_come_within_thirty_days_are_warned_of(
    days: int, *, warned: bool
) -> None:
    ended = TODAY - timedelta(days=days)
    activity = replace(event(6, end_date=ended).activity, state=State.COMPLETED_CLAIMED)
    studies = [Study(activity=activity)]
    (cycle,) = cycles_of(a_record(), TODAY)
    account = statement(studies, specialty=SPECIALTY, period=PERIOD, norms=NORMS, today=TODAY)
    progress = progress_of(cycle, account, norms=NORMS, today=TODAY)

    made = {one.id: one for one in warnings_of([progress], studies, norms=NORMS, today=TODAY)}

    assert ("W-EDU-04" in made) is warned
    if warned:
        assert made["W-EDU-04"].text == "ЗЕТ не начислены более 30 дней"
        assert made["W-EDU-04"].about == (activity.id,)
