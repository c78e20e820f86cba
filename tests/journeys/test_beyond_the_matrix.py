"""Delegation, emergency access, policies: what heads, doctors and security administrators do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from lkmr_servicekit.clock import MOSCOW

from ..support.own_suite import eventually
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
CARD = "patients/00000000-0000-4000-8000-00000000000a"


def proven(visitor: NewVisitor, login: str, profile: str = "") -> Visitor:
    person = visitor()
    person.sign_in(login, profile=profile)
    person.step_up(login)
    return person


def today() -> str:
    return datetime.now(MOSCOW).date().isoformat()


def roles_of(person: Visitor) -> list[str]:
    return [one["name"] for one in person.api("session")["profiles"]]


@pytest.mark.proves("F-123")
def test_sessions_and_delegates_are_listed_and_revoked(visitor: NewVisitor) -> None:
    head, colleague, other_browser = proven(visitor, "kuznetsov"), visitor(), visitor()
    colleague.sign_in("ivanova")
    number = colleague.api("session")["person"]["account_number"]

    wanted = {"delegate": number, "start_date": today(), "end_date": today()}
    given = head.post("delegations", wanted)

    assert given.status_code == 201, given.text
    (row,) = head.api("delegations")["items"]
    assert (row["id"], row["given"]) == (given.json()["id"], True)
    eventually(lambda: "org-gp1/DEPUTY_DEPT" in roles_of(colleague), 10, "the colleague may act")
    deputy = {"organization": "org-gp1", "role": "DEPUTY_DEPT"}
    switched = colleague.post("session/profile", deputy)
    assert switched.status_code == 200, switched.text
    assert colleague.request("GET", "/api/v1/staff/compliance").status_code == 200
    revoked = head.request(
        "DELETE",
        f"/api/v1/delegations/{row['id']}",
        headers={"x-csrf-token": head.api("session")["csrf_token"]},
        json={},
    )
    assert revoked.status_code == 204, revoked.text
    assert head.api("delegations")["items"] == []
    eventually(
        lambda: colleague.request("GET", "/api/v1/session").status_code == 401,
        5,
        "the session under the delegation ends",
    )

    other_browser.sign_in("kuznetsov")
    sessions = head.api("sessions")["items"]
    assert [one["current"] for one in sessions].count(True) == 1
    foreign = next(one["id"] for one in sessions if not one["current"])
    ended = head.request(
        "DELETE",
        f"/api/v1/sessions/{foreign}",
        headers={"x-csrf-token": head.api("session")["csrf_token"]},
        json={},
    )
    assert ended.status_code == 204, ended.text
    eventually(
        lambda: other_browser.request("GET", "/api/v1/session").status_code == 401,
        5,
        "the other browser is out",
    )


def test_an_emergency_is_told_to_the_security_administrator_and_reviewed_by_the_head(
    visitor: NewVisitor,
) -> None:
    doctor, guard = proven(visitor, "sidorova"), visitor()
    guard.sign_in("volkov")
    body = {"object": CARD, "reason_code": "UNCONSCIOUS", "reason": "доставлена без сознания"}

    opened = doctor.post("emergency-access", body)

    assert opened.status_code == 201, opened.text

    def told() -> Any:
        rows = guard.api("messages")["items"]
        return next((one for one in rows if one["kind"] == "INCIDENT_DETECTED"), None)

    message = eventually(told, 60, "the security administrator has a message")
    incident = guard.api(f"admin/incidents/{message['link'].rpartition('/')[2]}")
    assert incident["kind"] == "EMERGENCY_ACCESS"
    eventually(
        lambda: doctor.api("session")["emergency_expire_time"], 10, "the header shows the end"
    )
    head = proven(visitor, "orlova")
    (row,) = head.api("admin/emergency-access")["items"]
    assert (row["object"], row["person"]["family_name"]) == (CARD, "Сидорова")
    reviewed = head.post(f"admin/emergency-access/{row['id']}/review", {"decision": "JUSTIFIED"})
    assert reviewed.status_code == 204, reviewed.text
    assert head.api("admin/emergency-access")["items"][0]["review_result"] == "JUSTIFIED"


def test_a_policy_of_today_counts_for_the_next_emergency(visitor: NewVisitor) -> None:
    guard = proven(visitor, "volkov")
    decision = {"value": "30", "effective_date": today(), "reason": "учения по приказу № 7"}
    decided = guard.post("admin/policies/emergency.minutes", decision)
    assert decided.status_code == 204, decided.text
    doctor = proven(visitor, "sidorova")
    card = CARD[:-1] + "b"

    doctor.post(
        "emergency-access", {"object": card, "reason_code": "OTHER", "reason": "вызов ночью"}
    )

    (opened,) = [one for one in doctor.api("emergency-access")["items"] if one["object"] == card]
    start, end = (datetime.fromisoformat(opened[name]) for name in ("start_time", "expire_time"))
    assert (end - start).total_seconds() == 30 * 60
