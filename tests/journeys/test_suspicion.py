"""Strangers in sessions are blocked within five seconds, and administrators see it (SEC-15)."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx2
import pytest

from lkmr_servicekit.clock import MOSCOW

from ..support.own_suite import eventually, rows
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
BLOCK_SECONDS = 5
POLICY_SECONDS = 5
SUSPICIOUS = "LKMR-AUTH-020"


@pytest.fixture(scope="module")
def sec_admin(suite: Any) -> Iterator[Visitor]:
    with Visitor(suite) as person:
        person.sign_in("volkov")
        person.step_up("volkov")
        yield person


def session_of(person: Visitor) -> str:
    (found,) = (one for one in person.api("sessions")["items"] if one["current"])
    return str(found["name"])


def incident_of(admin: Visitor, session: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = eventually(
        lambda: next(
            (
                one
                for one in admin.api("admin/incidents")["items"]
                if (one["session"], one["kind"]) == (session, kind)
            ),
            None,
        ),
        BLOCK_SECONDS,
        f"an incident {kind}",
    )
    return found


def code_of(person: Visitor) -> str:
    answer = person.request("GET", "/api/v1/session")
    return "" if answer.status_code == 200 else str(answer.json()["code"])


def test_a_burst_of_refusals_blocks_the_session(visitor: NewVisitor, sec_admin: Visitor) -> None:
    nurse = visitor()
    nurse.sign_in("sidorova")
    session = session_of(nurse)

    for _ in range(30):
        assert nurse.request("GET", "/api/v1/admin/people").status_code in {403, 401}

    eventually(lambda: code_of(nurse) == SUSPICIOUS, BLOCK_SECONDS, "the session is blocked")
    found = incident_of(sec_admin, session, "DENIAL_BURST")
    assert found["person"]["account_number"]
    assert found["facts"]["count"] == 30


@pytest.mark.proves("F-251")
def test_mass_opening_of_cards_blocks_the_session(
    suite: Any, visitor: NewVisitor, sec_admin: Visitor
) -> None:
    head = visitor()
    head.sign_in("kuznetsov")
    session = session_of(head)
    reads = (
        "INSERT INTO journal_pending (event_id, source, time, actor, on_behalf_of, roles,"
        " organization, operation, object, subject, result, reason, purpose, basis, session,"
        " trace_id, device) SELECT gen_random_uuid(), 'accreditation', statement_timestamp(),"
        " 'persons/x', '', '{}', 'org-gp1', 'accreditation.staff_member.read', 'workers/' || one,"
        " 'workers/' || one, 'ALLOWED', '', '', '', $1, '', '' FROM generate_series(1, 60) AS one"
    )

    rows(suite, "auth", reads, session)

    eventually(lambda: code_of(head) == SUSPICIOUS, BLOCK_SECONDS, "the session is blocked")
    incident_of(sec_admin, session, "MASS_OPENING")


@pytest.mark.proves("F-251")
def test_reading_the_staff_one_by_one_blocks_the_session(
    visitor: NewVisitor, sec_admin: Visitor
) -> None:
    head = visitor()
    head.sign_in("orlova")
    session = session_of(head)
    limit = "admin/policies/suspicion.MASS_OPENING.count"
    today = datetime.now(MOSCOW).date().isoformat()
    small = {"value": "8", "effective_date": today, "reason": "учения в маленькой организации"}
    assert sec_admin.post(limit, small).status_code == 204, sec_admin.last.text
    staff = [one["worker"] for one in head.api("staff/compliance?page_size=200")["items"]]

    try:

        def read_on() -> bool:
            for worker in staff:
                head.request("GET", f"/api/v1/staff/compliance/{worker}")
            return code_of(head) == SUSPICIOUS

        eventually(read_on, POLICY_SECONDS + BLOCK_SECONDS, "the session is blocked")
        assert incident_of(sec_admin, session, "MASS_OPENING")["facts"]["count"] >= 8
    finally:
        usual = {**small, "value": "60", "reason": "конец учений"}
        assert sec_admin.post(limit, usual).status_code == 204


def test_another_browser_with_the_same_cookie_ends_the_session(
    visitor: NewVisitor, sec_admin: Visitor
) -> None:
    nurse = visitor()
    nurse.sign_in("sidorova")
    session = session_of(nurse)

    nurse.user_agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/128.0"

    assert code_of(nurse) != ""
    assert incident_of(sec_admin, session, "DEVICE_CHANGED")["severity"] == "CRITICAL"


@pytest.mark.proves("F-251")
def test_an_old_id_used_after_its_successor_ends_the_family(
    visitor: NewVisitor, sec_admin: Visitor
) -> None:
    doctor = visitor()
    doctor.sign_in("petrov", profile="org-kb2/DOCTOR")
    session, stolen = session_of(doctor), doctor.cookie_header()
    switched = doctor.post("session/profile", {"organization": "org-gp1", "role": "DOCTOR"})
    assert switched.status_code == 200

    def replay() -> bool:
        answer = httpx2.get(
            f"{doctor.base}/api/v1/session",
            headers={"cookie": stolen, "user-agent": doctor.user_agent},
        )
        return answer.status_code == 401

    eventually(replay, 60, "the grace of the old id is over")
    incident_of(sec_admin, session, "TOKEN_REPLAY")
    eventually(lambda: code_of(doctor) != "", BLOCK_SECONDS, "the whole family ends")


@pytest.mark.proves("F-251")
def test_a_sign_in_from_too_far_away_ends_the_session_left_behind(
    visitor: NewVisitor, sec_admin: Visitor
) -> None:
    in_moscow, in_khabarovsk = visitor(), visitor()
    for person, address in ((in_moscow, "127.0.77.7"), (in_khabarovsk, "127.0.27.7")):
        person._client = httpx2.Client(
            timeout=20, transport=httpx2.HTTPTransport(local_address=address)
        )
    in_moscow.sign_in("sidorova")
    session = session_of(in_moscow)

    in_khabarovsk.sign_in("sidorova")

    eventually(lambda: code_of(in_moscow) == SUSPICIOUS, BLOCK_SECONDS, "the first is blocked")
    found = incident_of(sec_admin, session, "IMPOSSIBLE_TRAVEL")
    assert found["facts"]["kilometres"] > 6000
    assert code_of(in_khabarovsk) == ""


def test_an_incident_is_taken_and_closed_and_others_see_no_person(
    visitor: NewVisitor, sec_admin: Visitor
) -> None:
    incident = sec_admin.api("admin/incidents")["items"][0]["id"]
    path = f"admin/incidents/{incident}"
    support = visitor()
    support.sign_in("egorov")

    assert support.api(path)["person"] is None
    assert support.post(f"{path}/take").status_code == 403
    assert sec_admin.post(f"{path}/take").status_code == 204
    assert sec_admin.post(f"{path}/close", {"resolution": ""}).status_code == 422
    closed = sec_admin.post(f"{path}/close", {"resolution": "браузер обновил сам работник"})
    assert closed.status_code == 204
    assert sec_admin.post(f"{path}/take").status_code == 409
    assert sec_admin.api(path)["state"] == "CLOSED"


def test_a_leak_has_two_clocks(sec_admin: Visitor) -> None:
    form = {
        "discover_time": "2026-01-10T09:00:00+03:00",
        "what": "список сотрудников отделения",
        "cause": "письмо на чужой адрес",
        "harm": "контакты стали известны посторонним",
        "measures": "адресат подтвердил удаление",
        "contact": "отдел защиты информации",
    }

    made = sec_admin.post("admin/leaks", form)

    assert made.status_code == 201, made.text
    path = f"admin/leaks/{made.json()['id']}/advance"
    leak = sec_admin.api(f"admin/incidents/{made.json()['id']}")["leak"]
    assert leak["notice_due_time"] == "2026-01-11T06:00:00Z"
    assert leak["result_due_time"] == "2026-01-13T06:00:00Z"
    notice = {"step": "NOTICE", "text": "уведомление отправлено через портал ведомства"}
    assert sec_admin.post(path, notice).status_code == 204
    assert sec_admin.post(path, notice).status_code == 409
    assert sec_admin.post("admin/leaks", {**form, "harm": ""}).status_code == 422
