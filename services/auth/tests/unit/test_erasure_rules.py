"""What holds a destruction, what ends with which scope, what the act says."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from lkmr.auth.v1.events_pb2 import ErasureOrdered

from lkmr_access.erasure import Scope
from lkmr_access.erasure_wire import order_of
from lkmr_auth.domain.data_request import DataRequest, RequestKind
from lkmr_auth.domain.erasure import (
    SERVICES,
    Circumstances,
    Erasure,
    Fate,
    Hold,
    Part,
    require_free,
)
from lkmr_auth.domain.erasure_act import JournalLine, Operator, act_of
from lkmr_auth.domain.facts import ErasureAsked
from lkmr_auth.domain.person import AccountState, Person, PersonId, RegisterJob
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage import shipped
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEAD = {
    "keep_years": 3,
    "system": "s",
    "method": "m",
    "source": "закон",
    "reasons": {one.value: "закон" for one in Scope},
}
WORKER = "7f3b0000-0000-4000-8000-000000000001"
PERSON = Person(
    id=PersonId(uuid.uuid4()),
    account_number="ЛК-000017",
    state=AccountState.ACTIVE,
    snils=Personal("90001140708"),
    worker_id=WORKER,
)


def circumstances(**changes: Any) -> Circumstances:
    free = Circumstances(
        person=PERSON,
        day=TODAY,
        roles=0,
        open_applications=False,
        open_incidents=False,
        open_requests=False,
    )
    return replace(free, **changes)


def working(until: date | None) -> Person:
    job = RegisterJob(organization_oid="1.2.3", start_date=date(2020, 1, 1), end_date=until)
    return replace(PERSON, register_jobs=(job,))


@pytest.mark.parametrize(
    ("found", "hold"),
    [
        ({"roles": 1}, Hold.CURRENT_JOB),
        ({"person": working(None)}, Hold.CURRENT_JOB),
        ({"person": working(TODAY)}, Hold.CURRENT_JOB),
        ({"open_applications": True}, Hold.OPEN_APPLICATION),
        ({"open_incidents": True}, Hold.OPEN_INCIDENT),
        ({"open_requests": True}, Hold.OPEN_REQUEST),
    ],
)
def test_what_still_needs_an_account_holds_it_and_is_named(
    found: dict[str, Any], hold: Hold
) -> None:
    with pytest.raises(ServiceError) as refusal:
        require_free(Scope.ACCOUNT, circumstances(**found))

    assert refusal.value.metadata == {"holds": hold.value}


def test_a_job_that_is_over_holds_nothing_and_one_purpose_is_held_by_nothing() -> None:
    require_free(Scope.ACCOUNT, circumstances(person=working(date(2026, 11, 22))))
    busy = circumstances(person=working(None), roles=2, open_applications=True)
    for scope in (Scope.EDUCATION, Scope.NOTICES):
        require_free(scope, busy)


def an_erasure(scope: Scope | None = Scope.ACCOUNT) -> Erasure:
    request = DataRequest(
        id=uuid.uuid4(),
        person_id=PERSON.id,
        organization_id="o",
        kind=RequestKind.ERASURE,
        text="Закройте",
        create_time=NOON,
        due_date=date(2026, 12, 23),
        scope=scope,
    )
    return Erasure.ordered(request, PERSON, PersonId(uuid.uuid4()), NOON)


@pytest.mark.parametrize("scope", [*Scope, None])
def test_an_order_names_ids_only_and_is_heard_as_it_was_meant(scope: Scope | None) -> None:
    made = an_erasure(scope)

    announced = announcement_of(ErasureAsked(erasure=made))

    assert isinstance(announced.message, ErasureOrdered)
    heard = order_of(announced.message)
    assert heard == made.order
    assert (heard.person, str(heard.worker)) == (PERSON.id, WORKER)
    assert made.waits_for == SERVICES[scope or Scope.ACCOUNT]


def test_an_order_about_nobody_is_refused() -> None:
    for wrong in (
        ErasureOrdered(erasure="erasures/1", person="", scope="ACCOUNT"),
        ErasureOrdered(erasure="erasures/1", person=f"persons/{PERSON.id}", scope="ELSE"),
    ):
        with pytest.raises((ValueError, ServiceError)):
            order_of(wrong)


def test_the_first_report_of_a_service_counts() -> None:
    made = an_erasure(Scope.NOTICES)
    first = Part(service="notify", destroyed={"digest": 2}, report_time=NOON)

    again = made.with_report(first).with_report(replace(first, destroyed={"digest": 9}))

    assert again.waits_for == ()
    assert again.parts == (first,)


def test_the_act_counts_by_category_and_only_what_this_scope_ends() -> None:
    made = an_erasure(Scope.NOTICES).with_report(
        Part(
            service="notify",
            destroyed={"push_subscription": 1, "digest": 2, "message": 5},
            event_id=uuid.uuid4(),
            report_time=NOON,
        )
    )
    line = JournalLine(service="notify", seq=7, time=NOON, hash=b"\x01" * 32)

    act = act_of(made, [line], Operator(name="О", address="А"), shipped.fate(), NOON)

    (row,) = act["destroyed"]
    assert (row["service"], row["count"]) == ("notify", 3)
    assert act["kept"] == [], "the account goes on"
    assert act["journal"][0]["categories"] == [row["data"]]
    assert "ст. 21 ч. 5" in act["reason"]
    assert act["keep_until"] == "2029-11-23"


def test_an_act_of_a_leap_day_is_kept_to_the_end_of_february() -> None:
    assert shipped.fate().keep_until(date(2028, 2, 29)) == date(2031, 2, 28)


def test_a_change_of_the_data_file_counts_from_its_day() -> None:
    old = {"purpose": "p", "title": "Письма", "columns": [], "source": "152-ФЗ"}
    fate = Fate.read(
        {
            "act": HEAD,
            "data": [
                {**old, "valid_from": date(2026, 1, 1), "ends": ["ACCOUNT"], "kinds": ["x"]},
                {**old, "valid_from": date(2027, 1, 1), "kept": "закон", "until": "пять лет"},
            ],
        }
    )

    assert [bool(one.kept) for one in fate.in_force(TODAY)] == [False]
    assert [bool(one.kept) for one in fate.in_force(date(2027, 1, 1))] == [True]


@pytest.mark.parametrize(
    "fault", [{}, {"kept": "закон"}, {"ends": ["ACCOUNT"], "kept": "закон", "until": "год"}]
)
def test_data_are_either_destroyed_or_kept_on_a_ground_until_a_day(fault: dict[str, Any]) -> None:
    row = {
        "purpose": "p",
        "title": "t",
        "columns": [],
        "valid_from": TODAY,
        "source": "152-ФЗ",
        **fault,
    }
    with pytest.raises(ValueError, match="destroyed or kept"):
        Fate.read({"act": HEAD, "data": [row]})
