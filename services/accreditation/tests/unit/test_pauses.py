from datetime import date, timedelta

import pytest

from lkmr_accreditation.domain.pauses import Pause, pause_of, quiet
from lkmr_accreditation.storage.shipped import shipped_forms

TODAY = date(2026, 11, 23)
UNTIL = date(2027, 6, 1)


def test_reminders_rest_in_the_specialty_up_to_the_last_day_and_go_on_after_it() -> None:
    pause = Pause(specialty="Терапия", since=TODAY, until=UNTIL)

    assert pause.quiets("терапия", TODAY)
    assert pause.quiets("терапия", UNTIL)
    assert not pause.quiets("терапия", UNTIL + timedelta(days=1))
    assert not pause.quiets("хирургия", TODAY)


def test_the_end_of_practice_lasts_until_an_entry_is_recorded_anew() -> None:
    end = pause_of({"change": "END_OF_PRACTICE"}, "терапия", TODAY)
    assert end is not None
    late = TODAY + timedelta(days=4000)

    assert quiet([end], "терапия", late, recorded=TODAY - timedelta(days=900))
    assert not quiet([end], "терапия", late, recorded=TODAY + timedelta(days=1))


def test_reminders_are_asked_for_again() -> None:
    assert pause_of({"change": "RESUME_REMINDERS"}, "терапия", TODAY) is None


@pytest.mark.parametrize(
    ("form", "field", "day", "code"),
    [
        ("F9", "until", TODAY, "IN_PAST"),
        ("F9", "until", TODAY + timedelta(days=1), None),
        ("F9", "until", TODAY + timedelta(days=1200), "TOO_FAR"),
        ("F5", "issue_date", TODAY, None),
        ("F5", "issue_date", TODAY + timedelta(days=1), "IN_FUTURE"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(
    form: str, field: str, day: date, code: str | None
) -> None:
    answers = {"change": "SUSPEND_REMINDERS", field: day.isoformat()}

    faults = shipped_forms().get(form).untimely(answers, TODAY)

    assert [(one.field, one.code) for one in faults] == ([(field, code)] if code else [])
