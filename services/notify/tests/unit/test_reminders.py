import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_notify.domain.reminders import (
    Profile,
    Term,
    due_now,
    kind_of,
    next_moment,
    read_profiles,
    recipients,
    thresholds,
)
from lkmr_notify.domain.rules import Whom
from lkmr_notify.main import _toml, load_data, term_sources
from lkmr_notify.messaging.facts import event_class
from lkmr_notify.usecases.tell_of_fact import Fact
from lkmr_notify.usecases.terms import term_of
from lkmr_servicekit.events import Event

PROFILES = read_profiles(_toml("reminders.toml"))
TEXTS, RULES = load_data()
END = date(2027, 6, 30)


def a_term(**changed: Any) -> Term:
    facts: dict[str, Any] = {
        "topic": "workers/w/accreditations/a",
        "profile": "ACCREDITATION",
        "worker": "w",
        "start_date": None,
        "end_date": END,
        "zone": ZoneInfo("Asia/Vladivostok"),
        "link": "/accreditations/a",
    }
    return Term(**{**facts, **changed})


def keys(term: Term, profile: Profile, until: datetime) -> list[str]:
    return [one.key for one in thresholds(term, profile, until=until)]


LONG_AFTER = datetime(2027, 7, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (
            "ACCREDITATION",
            [
                *("365", "180", "120", "90", "60", "30", "14", "7", "1", "0"),
                *("+7", "+14", "+21", "+28"),
            ],
        ),
        ("CATEGORY", ["240", "180", "150", "120", "90", "30", "7", "0", "+30"]),
        *(
            (name, ["60", "30", "14", "7", "1", "0", "+7", "+14", "+21", "+28"])
            for name in ("MED_EXAM", "MED_BOOK", "VACCINATION", "SAFETY")
        ),
        ("PLAN_ITEM", ["30", "14", "7", "1", "0", "+7", "+14", "+21", "+28"]),
    ],
)
def test_each_profile_has_its_thresholds(profile: str, expected: list[str]) -> None:
    assert keys(a_term(), PROFILES[profile], LONG_AFTER) == expected


@pytest.mark.parametrize("profile", ["ESIGN", "MCHD"])
def test_a_signature_is_reminded_of_daily_until_it_is_replaced(profile: str) -> None:
    found = keys(a_term(), PROFILES[profile], datetime(2027, 7, 5, tzinfo=UTC))

    assert found == ["45", "30", "14", "7", "3", "1", "0", "+1", "+2", "+3", "+4", "+5"]


def test_a_step_is_reminded_of_by_shares_of_its_limit_then_daily() -> None:
    term = a_term(start_date=END - timedelta(days=10), zone=ZoneInfo("UTC"))
    found = thresholds(
        term, PROFILES["APPLICATION_STEP"], until=datetime(2027, 7, 2, 9, tzinfo=UTC)
    )

    assert [(one.key, one.moment.date()) for one in found] == [
        ("50%", END - timedelta(days=5)),
        ("80%", END - timedelta(days=2)),
        ("100%", END),
        ("+1", END + timedelta(days=1)),
        ("+2", END + timedelta(days=2)),
    ]


def test_waiting_for_the_register_of_documents_is_asked_about_twice() -> None:
    term = a_term(start_date=END - timedelta(days=60))

    found = thresholds(term, PROFILES["CERT_DOC_WAIT"], until=LONG_AFTER)

    assert [(one.key, one.moment.date()) for one in found] == [
        ("d30", END - timedelta(days=30)),
        ("d60", END),
    ]


def test_the_recommended_month_begins_on_its_first_day() -> None:
    found = thresholds(a_term(recommended_months=2), PROFILES["ACCREDITATION"], until=LONG_AFTER)

    assert [one.moment.date() for one in found if one.key == "month"] == [date(2027, 4, 1)]


def test_a_reminder_is_due_in_the_morning_of_the_organisations_zone() -> None:
    (first, *_) = thresholds(a_term(), PROFILES["ACCREDITATION"], until=LONG_AFTER)

    assert first.moment.astimezone(UTC) == datetime(2026, 6, 29, 22, tzinfo=UTC)


MOMENTS = st.integers(-600 * 24, 200 * 24).map(
    lambda hours: datetime(2027, 6, 30, tzinfo=UTC) + timedelta(hours=hours)
)
NAMES = st.sampled_from(sorted(PROFILES))


@given(name=NAMES, now=MOMENTS)
def test_the_next_moment_is_the_first_one_after_and_everything_before_has_passed(
    name: str, now: datetime
) -> None:
    term, profile = a_term(start_date=END - timedelta(days=60)), PROFILES[name]

    following = next_moment(term, profile, after=now)

    if following is None:
        assert len(thresholds(term, profile, until=now + timedelta(days=1000))) == len(
            thresholds(term, profile, until=now)
        )
    else:
        assert following > now
        passed = thresholds(term, profile, until=following)
        assert [one for one in passed if now < one.moment < following] == []


@given(name=NAMES, moments=st.lists(MOMENTS, min_size=1, max_size=12))
def test_however_often_it_is_looked_at_each_threshold_is_due_at_most_once(
    name: str, moments: list[datetime]
) -> None:
    term, profile = a_term(start_date=END - timedelta(days=60)), PROFILES[name]
    handled, told = None, []

    for now in sorted(moments):
        found = due_now(term, profile, handled=handled, now=now)
        told += [found.key] if found else []
        handled = now

    assert len(told) == len(set(told))


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_who_looks_every_day_misses_no_threshold(name: str) -> None:
    term, profile = a_term(start_date=END - timedelta(days=60)), PROFILES[name]
    now, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 8, 15, tzinfo=UTC)
    handled, told = None, []

    while now < end:
        found = due_now(term, profile, handled=handled, now=now)
        told += [found.key] if found else []
        handled, now = now, now + timedelta(days=1)

    assert told == keys(term, profile, now - timedelta(days=1))


def test_after_a_long_silence_only_the_nearest_threshold_is_told() -> None:
    now = datetime(2027, 6, 5, tzinfo=UTC)  # 25 days left

    found = due_now(a_term(), PROFILES["ACCREDITATION"], handled=None, now=now)

    assert found is not None
    assert found.key == "30"


@pytest.mark.parametrize(
    ("left", "others"),
    [
        (90, ()),
        (60, (Whom.HEAD_DEPT,)),
        (30, (Whom.HEAD_DEPT, Whom.HR)),
        (1, (Whom.HEAD_DEPT, Whom.HR)),
        (0, (Whom.HEAD_DEPT, Whom.HR, Whom.HEAD_ORG)),
        (-7, (Whom.HEAD_DEPT, Whom.HR, Whom.HEAD_ORG)),
    ],
)
def test_others_are_told_from_their_day_on(left: int, others: tuple[Whom, ...]) -> None:
    assert recipients(PROFILES["ACCREDITATION"], left) == (Whom.SUBJECT, *others)


def test_every_profile_has_texts_and_a_source_for_every_recipient() -> None:
    for name, raw in _toml("reminders.toml").items():
        assert raw["source"]
        for whom in (Whom.SUBJECT, Whom.HR):
            for left in (1, -1):
                assert TEXTS.latest(RULES.kind(kind_of(PROFILES[name], whom, left)).kind)


def test_terms_are_announced_with_the_fields_that_are_read() -> None:
    for source in term_sources():
        fields = set(event_class(source.event).DESCRIPTOR.fields_by_name)
        needed = {"resource", "worker", "expire_date"} - set(source.fields)
        needed |= set(source.fields.values()) | set(source.solved)
        needed |= set() if source.profile else {"profile", "time_zone", "solved"}
        assert needed <= fields, source.event
        assert not source.profile or source.profile in PROFILES


PLAN = next(one for one in term_sources() if one.profile == "PLAN_ITEM")


def a_plan_item(**changed: Any) -> Fact:
    name = "workers/w1/planItems/i1"
    facts = {"plan_item": name, "version": 1, "state": "OPEN", "deadline": "2027-06-30"}
    event: Event[Any] = Event(uuid.uuid4(), "subject", name, None)
    return Fact(event, PLAN.event, {**facts, **changed})


def test_an_item_of_the_plan_is_a_term_until_it_is_done_or_removed() -> None:
    term = term_of(PLAN.read(a_plan_item()), PLAN)

    assert term is not None
    assert (term.profile, term.worker, term.end_date) == ("PLAN_ITEM", "w1", date(2027, 6, 30))
    assert (term.topic, term.link) == ("workers/w1/planItems/i1", "/education/plan")
    assert term_of(PLAN.read(a_plan_item(state="STARTED")), PLAN) is not None
    for state in ("DONE", "REMOVED"):
        assert term_of(PLAN.read(a_plan_item(state=state)), PLAN) is None
    with pytest.raises(ValueError):
        term_of(PLAN.read(a_plan_item(deadline="30.06.2027")), PLAN)


def test_the_worker_is_reminded_of_a_document_that_waits_for_its_entry() -> None:
    source = next(one for one in term_sources() if one.profile == "CERT_DOC_WAIT")
    name = "workers/w1/certificates/c1"
    fields = {
        "certificate": name,
        "issue_date": date(2027, 3, 1),
        "entry_date": date(2027, 4, 30),
    }
    event: Event[Any] = Event(uuid.uuid4(), "subject", name, None)

    term = term_of(source.read(Fact(event, source.event, fields)), source)

    assert term is not None
    found = thresholds(term, PROFILES["CERT_DOC_WAIT"], until=LONG_AFTER)
    assert [(one.key, one.moment.date()) for one in found] == [
        ("d30", date(2027, 3, 31)),
        ("d60", date(2027, 4, 30)),
    ]
    assert recipients(PROFILES["CERT_DOC_WAIT"], 0) == (Whom.SUBJECT,)
    assert kind_of(PROFILES["CERT_DOC_WAIT"], Whom.SUBJECT, 0) == "ENTRY_TERM_COMING"
    over = source.read(Fact(event, source.event, {**fields, "solved": True}))
    assert term_of(over, source) is None
