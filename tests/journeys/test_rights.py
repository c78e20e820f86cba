"""Roles are given and taken, profiles are switched, sessions follow at once."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from lkmr_rig.processes import PEOPLE
from lkmr_servicekit.clock import MOSCOW

from ..support.own_suite import eventually, rows
from ..support.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
REASON = "замещает коллегу в отпуске"


@pytest.fixture(scope="module")
def it_admin(suite: Any) -> Iterator[Visitor]:
    with Visitor(suite) as person:
        person.sign_in("morozov")
        person.step_up("morozov")
        yield person


@pytest.fixture(scope="module")
def sec_admin(suite: Any) -> Iterator[Visitor]:
    with Visitor(suite) as person:
        person.sign_in("volkov")
        yield person


def find(admin: Visitor, query: str) -> dict[str, Any]:
    (found,) = admin.api("admin/people", params={"query": query})["items"]
    return dict(found)


@pytest.mark.proves("F-157")
def test_a_role_is_given_and_taken_in_three_steps_and_counts_at_once(
    visitor: NewVisitor, it_admin: Visitor
) -> None:
    worker = visitor()
    worker.sign_in("akhmetov")
    person = find(it_admin, "Ахметов")
    body = {"organization": "org-gp1", "role": "STAT", "reason": REASON}

    given = it_admin.post(f"admin/people/{person['id']}/roles", body)

    assert given.status_code == 201, given.text
    role = {"organization": "org-gp1", "role": "STAT"}
    eventually(
        lambda: "org-gp1/STAT" in [one["name"] for one in worker.api("session")["profiles"]],
        60,
        "the new role is offered",
    )
    switched = worker.post("session/profile", role)
    assert switched.status_code == 200, switched.text
    assert switched.json()["roles"] == ["STAT"]
    assert worker.api("session")["roles"] == ["STAT"]

    taken = it_admin.post(f"admin/roles/{given.json()['id']}/revoke", {"reason": REASON})

    assert taken.status_code == 204, taken.text
    eventually(
        lambda: worker.request("GET", "/api/v1/session").status_code == 401,
        60,
        "the session under the role ends",
    )


def test_a_repeat_of_the_key_gives_the_same_role(it_admin: Visitor) -> None:
    person = find(it_admin, "Ахметов")
    body = {"organization": "org-gp1", "role": "HR", "reason": REASON}
    path = f"admin/people/{person['id']}/roles"

    first = it_admin.post(path, body, **{"idempotency-key": "role-of-akhmetov"})
    again = it_admin.post(path, body, **{"idempotency-key": "role-of-akhmetov"})
    other = it_admin.post(path, body)

    assert first.json() == again.json()
    assert other.status_code == 409
    assert other.json()["code"] == "LKMR-RBAC-005"
    ended = it_admin.post(f"admin/roles/{first.json()['id']}/revoke", {"reason": REASON})
    assert ended.status_code == 204


def test_people_of_other_organisations_are_404_and_it_is_journalled(
    suite: Any, it_admin: Visitor, sec_admin: Visitor
) -> None:
    stranger = find(sec_admin, "900-016-592 44")

    answer = it_admin.request("GET", f"/api/v1/admin/people/{stranger['id']}")

    assert answer.status_code == 404
    assert it_admin.api("admin/people", params={"query": "Попова"})["items"] == []
    denied = (
        "SELECT 1 FROM journal_entry"
        " WHERE object = $1 AND operation = 'account.read' AND result = 'DENIED'"
    )
    target = f"persons/{stranger['id']}"
    eventually(lambda: rows(suite, "auth", denied, target), 10, "the refusal is chained")


@pytest.mark.proves("F-190")
def test_the_administrator_finds_the_binding_and_the_last_errors_of_a_worker(
    visitor: NewVisitor, it_admin: Visitor
) -> None:
    worker = visitor()
    worker.open("/auth/login")
    form = worker.form_with("password")
    assert form is not None
    worker.submit(form, login="novikov", password=PASSWORD)
    while worker.form_with("code") is None:
        worker.submit(worker.consent_form())
    right = worker.code_for("+79000000015")
    code = worker.form_with("code")
    assert code is not None
    worker.submit(code, code=f"{(int(right) + 1) % 10**6:06d}")
    assert "LKMR-CONF-001" in worker.last.text
    person = find(it_admin, "900-015-555 35")

    def errors() -> list[str]:
        card = it_admin.api(f"admin/people/{person['id']}")
        return [one["code"] for one in card["faults"]]

    eventually(lambda: "LKMR-CONF-001" in errors(), 10, "the error is on the card")
    page = it_admin.open(f"/admin/people/{person['id']}").text
    bound, faults = page.split('id="faults"')
    assert "карточка найдена" in bound[bound.index('id="binding"') :]
    assert 'href="/help/codes#lkmr-conf-001"' in faults


def test_a_masked_reader_sees_no_names(visitor: NewVisitor) -> None:
    support = visitor()
    support.sign_in("egorov")

    (found,) = support.api("admin/people", params={"query": "900-001-037 98"})["items"]

    assert found["family_name"] == "И***"
    assert found["patronymic"] == ""


def test_a_privileged_role_waits_for_the_head_of_the_organisation(
    visitor: NewVisitor, it_admin: Visitor
) -> None:
    head = visitor()
    head.sign_in("orlova")
    head.step_up("orlova")
    person = find(it_admin, "Ахметов")
    body = {"organization": "org-gp1", "role": "IT_ADMIN", "reason": REASON}

    asked = it_admin.post(f"admin/people/{person['id']}/roles", body)

    assert (asked.status_code, asked.json()["state"]) == (202, "PENDING")
    waiting = head.api("admin/role-requests", params={"state": "PENDING"})["items"]
    assert asked.json()["id"] in [one["id"] for one in waiting]
    path = f"admin/role-requests/{asked.json()['id']}/decide"
    assert it_admin.post(path, {"decision": "APPROVE"}).json()["code"] == "LKMR-RBAC-001"
    assert head.post(path, {"decision": "REJECT"}).status_code == 204
    assert head.post(path, {"decision": "REJECT"}).status_code == 404


def test_a_role_is_not_given_without_a_fresh_second_factor(visitor: NewVisitor) -> None:
    admin = visitor()
    admin.sign_in("morozov")
    person = find(admin, "Ахметов")

    body = {"organization": "org-gp1", "role": "STAT", "reason": REASON}
    refused = admin.post(f"admin/people/{person['id']}/roles", body)

    assert refused.status_code == 403
    assert refused.json()["reason"] == "STEP_UP_REQUIRED"


def test_nobody_changes_his_own_roles(it_admin: Visitor) -> None:
    own = it_admin.api("session")["person"]["id"]
    body = {"organization": "org-gp1", "role": "DOCTOR", "reason": REASON}

    answer = it_admin.post(f"admin/people/{own}/roles", body)

    assert (answer.status_code, answer.json()["code"]) == (403, "LKMR-RBAC-004")


@pytest.mark.proves("F-183")
def test_a_profile_is_switched_without_a_new_sign_in_and_a_foreign_one_is_refused(
    suite: Any, visitor: NewVisitor
) -> None:
    worker = visitor()
    worker.sign_in("petrov", profile="org-kb2/DOCTOR")
    before = worker.cookie_header()

    switched = worker.post("session/profile", {"organization": "org-gp1", "role": "DOCTOR"})

    assert switched.json()["organization"]["id"] == "org-gp1"
    assert worker.cookie_header() != before
    refused = worker.post("session/profile", {"organization": "org-gp1", "role": "HEAD_ORG"})
    assert (refused.status_code, refused.json()["code"]) == (403, "LKMR-AUTH-011")
    assert worker.api("session")["organization"]["id"] == "org-gp1"
    refusals = "SELECT 1 FROM journal_entry WHERE reason = 'PROFILE_UNKNOWN'"
    eventually(lambda: rows(suite, "auth", refusals), 10, "the refusal is chained")


def test_a_security_administrator_ends_a_session(visitor: NewVisitor, sec_admin: Visitor) -> None:
    worker = visitor()
    worker.sign_in("sidorova")
    session = worker.api("sessions")["items"][0]
    person = worker.api("session")["person"]["id"]
    assert session["id"] in [one["id"] for one in sec_admin.api("admin/sessions")["items"]]

    path = f"admin/people/{person}/sessions/{session['id']}/end"
    ended = sec_admin.post(path, {"reason": "чужое устройство"})

    assert ended.status_code == 204, ended.text
    gone = eventually(
        lambda: worker.request("GET", "/api/v1/session").status_code == 401 and worker.last,
        5,
        "the session ends",
    )
    assert gone.json()["code"] == "LKMR-AUTH-021"


def test_a_job_that_ends_in_the_register_ends_role_and_session_and_comes_back_with_it(
    suite: Any, visitor: NewVisitor
) -> None:
    worker, card = visitor(), "register/workers/900-021-777%2036"
    people = json.loads(PEOPLE.read_text(encoding="utf-8"))["people"]
    jobs = next(one["jobs"] for one in people if one.get("login") == "akhmetov")
    worker.sign_in("akhmetov")
    try:
        worker.control("egisz", "PATCH", card, {"jobs": []})
        eventually(
            lambda: worker.request("GET", "/api/v1/session").status_code == 401,
            60,
            "the session of the dismissed ends",
        )
        assert worker.last.json()["code"] == "LKMR-AUTH-021"
        last = (datetime.now(MOSCOW) - timedelta(days=5)).date().isoformat()
        ended = [one | {"end_date": last} for one in jobs]
        worker.control("egisz", "PATCH", card, {"jobs": ended})
        former = visitor()
        former.sign_in("akhmetov")
        eventually(
            lambda: former.request("GET", "/api/v1/applications").status_code == 200,
            60,
            "own applications are open to who has left",
        )
        begun = former.post("applications", {"form": "F3", "specialty": ""})
        assert (begun.status_code, begun.json()["code"]) == (403, "LKMR-RBAC-001")
    finally:
        worker.control("egisz", "PATCH", card, {"jobs": jobs})

    def is_back() -> bool:
        back = visitor()
        back.sign_in("akhmetov", profile="org-gp1/DOCTOR")
        answer = back.request("GET", "/api/v1/session")
        return answer.status_code == 200 and answer.json()["roles"] == ["DOCTOR"]

    eventually(is_back, 60, "the role is there again")


@pytest.mark.proves("F-182", "F-189")
def test_an_address_of_an_organisation_counts_by_exact_match_and_others_are_refused(
    suite: Any, it_admin: Visitor
) -> None:
    def begin(host: str) -> httpx2.Response:
        address = f"https://127.0.0.1:{suite.ports.gateway_https()}/auth/login"
        with httpx2.Client(verify=False) as browser:
            return browser.get(address, headers={"host": host, "accept": "text/html"})

    refused = it_admin.post(
        "admin/redirect-addresses", {"organization": "org-gp1", "origin": "https://*.gp1.example"}
    )
    foreign = it_admin.post(
        "admin/redirect-addresses", {"organization": "org-kb2", "origin": "https://lk.kb2.example"}
    )
    assert (refused.status_code, foreign.status_code) == (422, 422)
    assert begin("lk.gp1.example").status_code == 400

    added = it_admin.post(
        "admin/redirect-addresses", {"organization": "org-gp1", "origin": "https://lk.gp1.example"}
    )

    assert added.status_code == 201, added.text
    answer = eventually(
        lambda: (got := begin("lk.gp1.example")).status_code == 302 and got, 20, "it counts"
    )
    assert "lk.gp1.example" in answer.headers["location"]
    assert begin("lk.gp1.example.evil.example").status_code == 400
    listed = it_admin.api("admin/redirect-addresses")["items"]
    assert "https://lk.gp1.example" in [one["origin"] for one in listed]
    token = it_admin.api("session")["csrf_token"]
    path = f"/api/v1/admin/redirect-addresses/{added.json()['id']}"
    gone = it_admin.request("DELETE", path, headers={"x-csrf-token": token})
    assert gone.status_code == 204, gone.text
    eventually(lambda: begin("lk.gp1.example").status_code == 400, 20, "it counts no more")
