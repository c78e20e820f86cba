from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lkmr_egisz_stand_in.center import (
    ApplicationUnknown,
    Center,
    next_meeting,
    working_days_later,
)
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_egisz_stand_in.register import Register
from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.store import Store

IVANOVA = "90000103798"
MEETINGS_2026 = (
    "2026-01-27", "2026-02-24", "2026-03-31", "2026-04-28", "2026-05-26", "2026-06-30",
    "2026-07-28", "2026-08-25", "2026-09-29", "2026-10-27", "2026-11-24", "2026-12-22",
)  # fmt: skip


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 2, 9, tzinfo=UTC))


@pytest.fixture
def register(tmp_path: Path, clock: FakeClock) -> Iterator[tuple[Register, Center]]:
    with Store(tmp_path / "egisz.db") as store:
        register = Register(store, clock, Organizations(), generated=0)
        yield register, Center(store, clock, register)


def a_set(version: int = 1) -> dict[str, Any]:
    return {"fileSet": version, "snils": IVANOVA, "specialty": "терапия", "agreement": "AGREED"}


def statuses(center: Center) -> list[str]:
    return [one["status"] for one in center.changes(0, 100)["items"]]


@pytest.mark.parametrize("meeting", MEETINGS_2026)
def test_meetings_of_2026_fit_the_calendar_of_the_centre(meeting: str) -> None:
    day = date.fromisoformat(meeting)

    assert next_meeting(day.replace(day=1)) == day
    assert next_meeting(day) == day


def test_working_days_leave_out_weekends() -> None:
    assert working_days_later(date(2026, 11, 6), 1) == date(2026, 11, 9)
    assert working_days_later(date(2026, 11, 2), 10) == date(2026, 11, 16)


def test_an_application_goes_its_way_by_the_clock_alone(
    register: tuple[Register, Center], clock: FakeClock
) -> None:
    cards, center = register
    center.take("a", a_set())
    center.go_on()
    assert statuses(center) == ["RECEIVED"]
    for days, seconds in ((0, 2), (0, 1), (20, 0), (10, 0), (20, 0), (0, 1)):
        clock.move(days=days, seconds=seconds)
        center.go_on()

    assert statuses(center) == [
        "RECEIVED", "REGISTERED", "FAC_CHECK", "CAC_REVIEW", "PASSED",
    ]  # fmt: skip
    told = center.changes(0, 100)["items"]
    assert told[1]["registrationNumber"] == "ФАЦ-2026-000001"
    assert told[3]["meetingOn"] == "2026-11-24"
    assert told[4]["protocol"]["date"] == "2026-11-27"
    card = cards.find(IVANOVA)
    assert card is not None
    entry = max(card["accreditations"], key=lambda one: one["recordedAt"] or "")
    assert (entry["kind"], entry["specialty"]) == ("PERIODIC", "терапия")
    assert entry["recordedAt"] == clock.now().date().isoformat()
    assert "snils" not in told[0]


def test_the_same_version_twice_is_one_and_a_newer_one_begins_anew(
    register: tuple[Register, Center],
) -> None:
    _, center = register
    center.take("a", a_set())
    center.take("a", a_set())
    center.steer("a", "RETURNED", text="", remarks=["Нет печати"])
    center.take("a", a_set())
    assert statuses(center) == ["RECEIVED", "RETURNED"]

    assert center.take("a", a_set(2))["remarks"] == []

    assert statuses(center) == ["RECEIVED", "RETURNED", "RECEIVED"]


def test_withdrawals_and_appeals_are_taken_once(register: tuple[Register, Center]) -> None:
    _, center = register
    center.take("a", a_set())
    for _ in range(2):
        center.appeal("a", "Не согласна")
    for _ in range(2):
        center.withdraw("a")

    assert statuses(center) == ["RECEIVED", "APPEAL_FILED", "WITHDRAWN"]
    with pytest.raises(ApplicationUnknown):
        center.withdraw("b")


def test_news_are_read_from_a_place_on(register: tuple[Register, Center]) -> None:
    _, center = register
    center.take("a", a_set())
    first = center.changes(0, 100)
    center.steer("a", "НЕЧТО", text="Своими словами", remarks=[])

    later = center.changes(int(first["nextCursor"]), 100)

    assert [(one["status"], one["statusText"]) for one in later["items"]] == [
        ("НЕЧТО", "Своими словами")
    ]
    assert center.changes(int(later["nextCursor"]), 100)["items"] == []
