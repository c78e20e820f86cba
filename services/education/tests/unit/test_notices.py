"""What the portal says: believed, skipped or kept apart; and what an activity makes of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lkmr_education.domain.activity import Activity, Kind, State
from lkmr_education.domain.follow import first_of, followed, own_record
from lkmr_education.domain.notice import FAULT_WORDS, Fault, Notice, Told, notice_of

from ..builders import (
    NOON,
    SPECIALTIES,
    TODAY,
    a_course,
    a_document,
    a_notice,
    an_activity,
    believed,
)

TOMORROW = (TODAY + timedelta(days=1)).isoformat()


def judged(**changes: Any) -> Notice | Fault:
    return notice_of(a_notice(**changes), specialties=SPECIALTIES.keys, today=TODAY)


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        (Fault.UNREADABLE, {"unreadable": "{}"}),
        (Fault.PERSON_UNKNOWN, {"worker": ""}),
        (Fault.STUDY_MISSING, {"study": ""}),
        (Fault.STUDY_MISSING, {"study": "x" * 201}),
        (Fault.REVISION_IMPOSSIBLE, {"revision": 0}),
        (Fault.STATE_UNKNOWN, {"state": "DONE"}),
        (Fault.KIND_UNKNOWN, {"kind": "PARTY"}),
        (Fault.TEXT_IMPOSSIBLE, {"title": "  "}),
        (Fault.TEXT_IMPOSSIBLE, {"organizer": "а\u0000б"}),
        (Fault.TEXT_IMPOSSIBLE, {"title": "я" * 501}),
        (Fault.HOURS_IMPOSSIBLE, {"hours": -12}),
        (Fault.HOURS_IMPOSSIBLE, {"hours": 100_000}),
        (Fault.HOURS_IMPOSSIBLE, {"hours": 0}),
        (Fault.DAYS_IMPOSSIBLE, {"end_date": "2026-10-13"}),
        (Fault.DAYS_IMPOSSIBLE, {"end_date": TOMORROW}),
        (Fault.DAYS_IMPOSSIBLE, {"start_date": "1900-01-01"}),
        (Fault.DAYS_IMPOSSIBLE, {"start_date": ""}),
        (Fault.DAYS_IMPOSSIBLE, {"state": "ENROLLED", "end_date": "2060-01-01"}),
        (Fault.SPECIALTY_UNKNOWN, {"specialty": "астрология"}),
        (Fault.DOCUMENT_IMPOSSIBLE, {"document": {"number": " - "}}),
        (Fault.DOCUMENT_IMPOSSIBLE, {"document": {"issue_date": "2026-10-01"}}),
        (Fault.DOCUMENT_IMPOSSIBLE, {"document": {"issue_date": TOMORROW}}),
        (Fault.DOCUMENT_IMPOSSIBLE, {"document": {"type": "PASSPORT"}}),
        (Fault.DOCUMENT_IMPOSSIBLE, {"document": {"hours": -1}}),
    ],
)
def test_what_cannot_be_is_not_believed_and_the_reason_has_words(
    fault: Fault, changes: dict[str, Any]
) -> None:
    assert judged(**changes) is fault
    assert FAULT_WORDS[fault]


def test_every_demo_specialty_is_in_the_nomenclature() -> None:
    for name in (
        "терапия",
        "Сестринское дело",
        "организация здравоохранения и общественное здоровье",
    ):
        assert isinstance(judged(specialty=name), Notice)


def test_a_course_that_moved_is_rescheduled_and_enrolled_again_by_the_next_word() -> None:
    first = first_of(believed(a_course()), "a1", NOON)
    moved = followed(
        first, believed(a_course(2, start_date="2026-12-01", end_date="2026-12-19")), NOON
    )
    assert moved is not None
    again = followed(
        moved.activity, believed(a_course(3, start_date="2026-12-01", end_date="2026-12-19")), NOON
    )

    assert (first.state, moved.activity.state) == (State.ENROLLED, State.RESCHEDULED)
    assert moved.activity.end_date == date(2026, 12, 19)
    assert again is not None
    assert again.activity.state is State.ENROLLED


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("IN_PROGRESS", State.IN_PROGRESS),
        ("CLOSED", State.COMPLETED_CLAIMED),
        ("REFUSED", State.REJECTED),
        ("CANCELLED", State.CANCELLED),
        ("FAILED", State.FAILED),
        ("WITHDRAWN", State.REJECTED_DOC),
    ],
)
def test_each_word_of_a_provider_has_its_state(told: str, state: State) -> None:
    first = first_of(believed(a_course()), "a1", NOON)
    after = followed(first, believed(a_course(2, told, reason="так вышло")), NOON)

    assert after is not None
    assert (after.activity.state, after.activity.reason) == (state, "так вышло")


@pytest.mark.parametrize("revision", [1, 2, 3])
def test_an_old_word_and_a_repeat_change_nothing(revision: int) -> None:
    known = replace(first_of(believed(a_course()), "a1", NOON), external_revision=3)

    assert followed(known, believed(a_course(revision, "CANCELLED")), NOON) is None


def test_a_credit_that_is_corrected_loses_its_confirmation_and_a_mere_repeat_does_not() -> None:
    credited = first_of(believed(a_notice()), "a1", NOON)
    same = followed(credited, believed(a_notice(2, title="Кардионеврология")), NOON)
    less = followed(credited, believed(a_notice(2, hours=6)), NOON)
    gone = followed(credited, believed(a_notice(2, state="WITHDRAWN")), NOON)

    assert credited.state is State.CONFIRMED
    assert same is not None
    assert (same.activity.state, same.revoked) == (State.CONFIRMED, False)
    assert less is not None
    assert (less.activity.state, less.revoked) == (State.COMPLETED_CLAIMED, True)
    assert gone is not None
    assert (gone.activity.state, gone.revoked) == (State.REJECTED_DOC, True)


def test_a_programme_is_never_credited_by_the_portal_alone() -> None:
    notice = believed(a_course(1, "CREDITED"))

    assert not notice.credits
    assert first_of(notice, "a1", NOON).state is State.COMPLETED_CLAIMED


def test_the_record_that_the_worker_made_is_found_again() -> None:
    mine = an_activity(
        Kind.PK,
        title="Аритмии:  ДИАГНОСТИКА",
        organizer="академия",
        state=State.PLANNED,
        start_date=date(2026, 11, 2),
        end_date=date(2026, 11, 20),
    )
    elsewhere = replace(mine, id="other", title="Другое")
    planned = replace(mine, id="planned", programme_id="p1", title="Иначе названо")
    theirs = replace(mine, id="theirs", external_id="course-9")

    def found(*own: Activity, **changes: Any) -> Activity | None:
        return own_record(believed(a_course(**changes)), own)

    assert found(elsewhere, mine) == mine
    assert found(mine, planned, programme="p1") == planned
    assert found(mine, start_date="2026-12-01", end_date="2026-12-19") == mine
    assert (
        found(mine, replace(mine, id="twin"), start_date="2026-12-01", end_date="2026-12-19")
        is None
    )
    assert found(elsewhere, theirs) is None
    assert found(replace(mine, state=State.CANCELLED)) is None


@given(
    some.lists(
        some.tuples(
            some.integers(1, 6),
            some.sampled_from([*Told]),
            some.integers(1, 40),
        ),
        max_size=12,
    )
)
def test_in_whatever_order_words_come_the_last_revision_stands(
    words: list[tuple[int, Told, int]],
) -> None:
    told = {revision: (state, hours) for revision, state, hours in words}
    notices = {
        revision: believed(a_notice(revision, state=state.value, hours=hours))
        for revision, (state, hours) in told.items()
    }
    activity: Activity | None = None
    for revision, _, _ in words:
        notice = notices[revision]
        if activity is None:
            activity = first_of(notice, "a1", NOON)
        elif after := followed(activity, notice, NOON):
            activity = after.activity
    if activity is not None:
        last = notices[max(told)]
        assert (activity.external_revision, activity.hours) == (last.revision, last.hours)
        counts = activity.state is State.CONFIRMED
        assert not counts or last.state.is_end


def test_a_document_is_read_with_clean_texts() -> None:
    typed = replace(a_course(2, "CLOSED"), document=a_document(issuer=" Академия  наук "))
    notice = believed(typed)

    assert notice.document is not None
    assert (notice.document.issuer, notice.document.hours) == ("Академия наук", 36)
