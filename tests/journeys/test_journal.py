"""Every act ends in one journal: who reads it, what stands in it, and that nobody changes it."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lkmr_rig.threaded import ThreadedSuite

from ..support.own_suite import eventually
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="module")
def auditor(suite: ThreadedSuite) -> Any:
    with Visitor(suite) as person:
        person.sign_in("nikitina")
        yield person


def person_of(visitor: Visitor) -> str:
    return f"persons/{visitor.api('session')['person']['id']}"


def acts_of(auditor: Visitor, actor: str, wanted: int) -> list[dict[str, Any]]:
    """Acts of somebody, oldest first, once there are so many."""

    def found() -> list[dict[str, Any]]:
        items = auditor.api(f"audit-events?actor={actor}&page_size=200")["items"]
        return items[::-1] if len(items) >= wanted else []

    acts: list[dict[str, Any]] = eventually(found, 10, f"{wanted} acts of {actor}")
    return acts


@pytest.mark.proves("F-089", "F-168", "F-247")
def test_each_act_and_each_refusal_is_one_row(visitor: NewVisitor, auditor: Visitor) -> None:
    doctor = visitor()
    doctor.sign_in("sidorova")
    me = person_of(doctor)
    before = len(acts_of(auditor, me, 1))
    entry = doctor.api("accreditations")["items"][0]["id"]
    extract = f"/api/v1/accreditations/{entry}/extract.pdf"
    for _ in range(2):
        assert doctor.request("GET", extract).status_code == 200
    foreign = "/api/v1/accreditations/00000000-0000-4000-8000-000000000001"
    for _ in range(3):
        assert doctor.request("GET", foreign).status_code == 404
    assert doctor.request("GET", "/api/v1/audit-events").status_code == 403
    assert doctor.request("POST", "/api/v1/messages/x/read", json={}).status_code == 403

    acts = acts_of(auditor, me, before + 7)[before:]

    assert Counter((one["operation"], one["result"], one["reason"]) for one in acts) == {
        ("accreditation.extract.issued", "ALLOWED", ""): 2,
        ("api.read", "DENIED", "ACCREDITATION_NOT_FOUND"): 3,
        ("api.read", "DENIED", "SECTION_CLOSED"): 1,
        ("api.write", "DENIED", "CSRF_REFUSED"): 1,
    }
    for one in acts:
        assert one["time"].endswith("Z")
        assert (one["actor"], one["roles"]) == (me, ["NURSE"])
        assert one["actor_account"].startswith("ЛК-")
        assert one["session"].startswith(f"{me}/sessions/")
        assert one["organization"]
        assert len(one["trace_id"]) == 32
    issued = next(one for one in acts if one["result"] == "ALLOWED")
    assert issued["object"].endswith(f"/accreditations/{entry}")
    assert issued["subject"].startswith("workers/")


def test_reading_the_journal_is_journalled(auditor: Visitor) -> None:
    me = person_of(auditor)
    before = len(acts_of(auditor, me, 1))

    read = acts_of(auditor, me, before + 1)[before]

    assert (read["operation"], read["object"]) == ("journal.read", "audit-events")
    assert (read["result"], read["roles"]) == ("ALLOWED", ["AUDITOR"])


def test_filters_and_pages_give_each_act_once_newest_first(
    visitor: NewVisitor, auditor: Visitor
) -> None:
    for _ in range(3):
        visitor().sign_in("belova")
    numbers: list[int] = []
    token = ""
    for _ in range(200):
        page = auditor.api(f"audit-events?operation=session.start&page_size=2&page_token={token}")
        numbers += [one["seq"] for one in page["items"]]
        assert {one["operation"] for one in page["items"]} <= {"session.start"}
        token = page["next_page_token"]
        if not token:
            break

    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) >= 4
    some = auditor.api("audit-events?operation=session.&result=ALLOWED&page_size=3")["items"]
    assert all(one["operation"].startswith("session.") for one in some)
    assert auditor.api("audit-events?since=2200-01-01T00:00:00Z")["items"] == []
    assert auditor.request("GET", "/api/v1/audit-events?result=WRONG").status_code == 422
    assert auditor.request("GET", "/api/v1/audit-events?page_token=x").status_code == 422


@pytest.mark.parametrize(
    ("login", "status"),
    [("ivanova", 403), ("morozov", 403), ("orlova", 403), ("volkov", 200)],
)
def test_the_journal_of_all_is_for_auditors_and_security(
    visitor: NewVisitor, login: str, status: int
) -> None:
    person = visitor()
    person.sign_in(login)

    assert person.request("GET", "/api/v1/audit-events").status_code == status
    assert person.request("GET", "/audit").status_code == status
    assert person.request("GET", "/api/v1/audit-events/export").status_code == 403


def test_everybody_sees_who_touched_the_own_data_and_can_dispute_it(visitor: NewVisitor) -> None:
    doctor = visitor()
    doctor.sign_in("kuznetsov")
    log = doctor.api("access-log")

    assert set(log) == {"items", "next_page_token"}
    mine = next(one for one in log["items"] if one["operation"] == "session.start")
    assert (mine["title"], mine["actor"]["kind"]) == ("Вход в кабинет", "SELF")
    assert mine["actor"]["name"].startswith("Кузнецов")
    assert mine["organization"] == "ГП № 1"
    assert all(
        one["actor"]["kind"] != "SELF" for one in doctor.api("access-log?others_only=true")["items"]
    )

    first = doctor.post(f"access-log/{mine['id']}/dispute", {"text": "Это был не я"})
    again = doctor.post(f"access-log/{mine['id']}/dispute", {"text": "Это был не я"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["name"] == again.json()["name"]
    shown = next(one for one in doctor.api("access-log")["items"] if one["id"] == mine["id"])
    assert shown["dispute"]["create_time"]
    page = doctor.open("/access-log?who=all")
    assert "Кто смотрел мои данные" in page.text
    assert "Оспорено" in page.text
    table = doctor.request("GET", "/access-log/export")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Вход в" in table.text

    stranger = visitor()
    stranger.sign_in("belova")
    assert stranger.post(f"access-log/{mine['id']}/dispute").status_code == 404


def test_the_operators_command_finds_the_journal_whole(
    suite: ThreadedSuite, auditor: Visitor
) -> None:
    person_of(auditor)
    checked = subprocess.run(
        [sys.executable, "-m", "lkmr_rig.operate", "audit", "verify"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LKMR_HOME": str(suite.home.root)},
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.startswith("Журнал цел: строк ")
