"""What providers, the portal and ФИС ФРДО do, from their side to the screens of people."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import icalendar
import pytest

from lkmr_rig.threaded import ThreadedSuite
from lkmr_servicekit.clock import MOSCOW

from ..support.own_suite import eventually, own_suite
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
TODAY = datetime.now(MOSCOW).date()
SNILS = {"ivanova": "90000103798", "akhmetov": "90002177736", "novikov": "90001555535"}
MAIL = "pavlova@demo.example"  # of the coordinator
ACADEMY, SOCIETY = "Академия педиатрии", "Общество педиатров"


@pytest.fixture(scope="module")
def suite() -> Iterator[ThreadedSuite]:
    """A suite of its own: other journeys move hours and cycles of the demo people."""
    with own_suite("learning") as started:
        yield started


def begun(person: Visitor, login: str, **fields: Any) -> dict[str, Any]:
    """A study that a provider tells of."""
    values = {
        "snils": SNILS[login],
        "title": "Детские инфекции",
        "organizer": ACADEMY,
        "start_date": (TODAY - timedelta(days=30)).isoformat(),
        "end_date": (TODAY - timedelta(days=25)).isoformat(),
        "hours": 36,
        "specialty": "педиатрия",
    }
    made: dict[str, Any] = person.control("egisz", "POST", "nmo/studies", values | fields)
    return made


def close(person: Visitor, study: dict[str, Any], **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = person.control(
        "egisz", "POST", f"nmo/studies/{study['id']}/close", fields
    )
    return made


def main(person: Visitor) -> Any:
    return person.api("education/summary")["main"]


def hours_rule(person: Visitor) -> str:
    """Words of R-ACC-03 as the page of verdicts shows them."""
    return str(person.open("/compliance").text)


@pytest.mark.proves("F-057", "F-070")
def test_a_finished_course_turns_missing_hours_into_enough(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("akhmetov")
    eventually(lambda: main(person)["counted_hours"] == 38, 60, "hours of the demo set")
    close(person, begun(person, "akhmetov", title="Питание ребёнка"))
    days = {
        "start_date": str(TODAY - timedelta(days=70)),
        "end_date": str(TODAY - timedelta(days=65)),
    }
    begun(
        person, "akhmetov", title="Школа педиатра", organizer=SOCIETY, kind="CONFERENCE",
        hours=34, state="CREDITED", **days,
    )  # fmt: skip
    eventually(lambda: main(person)["counted_hours"] == 108, 30, "hours before the course")
    assert main(person)["sentence"] == "Не хватает 36 ч."

    study = close(person, begun(person, "akhmetov"))
    eventually(lambda: main(person)["sufficient"], 30, "enough hours")

    assert main(person)["sentence"] == "Часов достаточно: 144 из 144."
    eventually(lambda: "Часы набраны: 144" in hours_rule(person), 30, "the verdict follows")
    documents = person.api("education/certificates")["items"]
    mine = next(one for one in documents if one["number"] == study["document"]["number"])
    assert (mine["check"], mine["origin"]) == ("FOUND", "PROVIDER")
    soon = person.post(f"education/certificates/{mine['id']}/check")
    assert (soon.status_code, soon.json()["reason"]) == (429, "CHECK_TOO_SOON")
    person.open(f"/education/activities/{mine['activity']}")
    again = person.form_with("activity")
    assert again is not None
    assert "Документ недавно проверялся" in person.submit(again).text
    path = f"education/certificates/{mine['id']}/file"
    eventually(lambda: person.request("GET", f"/api/v1/{path}").status_code == 200, 30, "the file")
    issued = person._client.get(
        f"{person.suite.url('egisz')}/nmo/v1/studies/{study['id']}/certificate"
    ).content
    assert person.last.content == issued
    assert person.last.headers["content-type"] == "application/pdf"


@pytest.mark.proves("F-070")
@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("MISMATCH", "REJECTED_DOC"),
        ("ANNULLED", "REJECTED_DOC"),
        ("NOT_FOUND", "COMPLETED_CLAIMED"),
    ],
)
def test_a_document_that_the_register_does_not_confirm_counts_nothing(
    visitor: NewVisitor, answer: str, state: str
) -> None:
    person = visitor()
    person.sign_in("novikov")
    number = f"ПК-{answer}-1"
    force = {"state": answer, "fields": ["hours"] if answer == "MISMATCH" else []}
    person.control("egisz", "PUT", f"frdo/answers/{number}", force)
    study = begun(person, "novikov", title=f"Курс {answer}", specialty="хирургия")
    close(person, study, number=number)

    def found() -> Any:
        items = person.api("education/activities")["items"]
        mine = [one for one in items if one["title"] == f"Курс {answer}"]
        known = mine and mine[0]["certificate"] and mine[0]["certificate"]["check"] == answer
        return mine[0] if known else None

    item = eventually(found, 30, answer)
    assert item["state"] == state
    assert item["credit"]["verdict"] != "COUNTED"


def planned(person: Visitor, secret: str, activity: str) -> Any:
    """The event of an activity as a program that reads calendars takes it in."""
    answer = person._client.get(secret)
    assert answer.headers["content-type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return next(one for one in events if str(one["UID"]).startswith(f"activity-{activity}@"))


@pytest.mark.proves("F-022", "F-067", "F-068")
def test_a_moved_course_moves_everything_and_reaches_worker_and_head(visitor: NewVisitor) -> None:
    worker, head = visitor(), visitor()
    worker.sign_in("ivanova")
    head.sign_in("kuznetsov")
    start, later = TODAY + timedelta(days=20), TODAY + timedelta(days=60)
    title = "Перенесённый курс терапии"
    made = worker.post(
        "education/activities",
        {
            "kind": "PK",
            "title": title,
            "organizer": ACADEMY,
            "start_date": start.isoformat(),
            "end_date": (start + timedelta(days=5)).isoformat(),
            "hours": 36,
        },
    ).json()
    secret = worker.post("education/calendar/renew").json()["url"]
    before = planned(worker, secret, made["id"])
    assert before["DTSTART"].dt == start
    study = begun(
        worker, "ivanova", title=title, specialty="терапия",
        start_date=start.isoformat(), end_date=(start + timedelta(days=5)).isoformat(),
    )  # fmt: skip
    worker.control(
        "egisz", "PATCH", f"nmo/studies/{study['id']}",
        {"start_date": later.isoformat(), "end_date": (later + timedelta(days=5)).isoformat()},
    )  # fmt: skip

    def item() -> Any:
        return worker.api(f"education/activities/{made['id']}")

    eventually(lambda: item()["start_date"] == later.isoformat(), 30, "the activity moved")
    assert item()["state"] == "RESCHEDULED"
    after = planned(worker, secret, made["id"])
    assert (after["UID"], after["DTSTART"].dt) == (before["UID"], later)
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt
    eventually(lambda: told(worker, "ACTIVITY_RESCHEDULED"), 30, "a message to the worker")
    eventually(lambda: told(head, "COLLEAGUE_ACTIVITY_RESCHEDULED"), 30, "a message to the head")


def told(person: Visitor, kind: str) -> list[dict[str, Any]]:
    items = person.api("messages?page_size=200")["items"]
    return [one for one in items if one["kind"] == kind]


def test_who_stands_in_for_the_head_hears_it_too_and_why(visitor: NewVisitor) -> None:
    worker, head, deputy, kind = visitor(), visitor(), visitor(), "COLLEAGUE_ACTIVITY_RESCHEDULED"
    worker.sign_in("ivanova")
    deputy.sign_in("akhmetov")
    head.sign_in("kuznetsov")
    head.step_up("kuznetsov")
    number, day = deputy.api("session")["person"]["account_number"], datetime.now(MOSCOW).date()
    span = {"start_date": day.isoformat(), "end_date": (day + timedelta(days=1)).isoformat()}
    given = head.post("delegations", {"delegate": number, **span})
    assert given.status_code == 201, given.text
    before = len(told(head, kind))
    start, title = TODAY + timedelta(days=25), "Курс при замещении"
    worker.post(
        "education/activities",
        {
            "kind": "PK",
            "title": title,
            "organizer": ACADEMY,
            "start_date": start.isoformat(),
            "end_date": start.isoformat(),
            "hours": 36,
        },
    )

    study = begun(
        worker, "ivanova", title=title, specialty="терапия",
        start_date=start.isoformat(), end_date=start.isoformat(),
    )  # fmt: skip
    later = (start + timedelta(days=30)).isoformat()
    moved = {"start_date": later, "end_date": later}
    worker.control("egisz", "PATCH", f"nmo/studies/{study['id']}", moved)

    try:
        (message,) = eventually(lambda: told(deputy, kind), 60, "a message to the deputy")
        eventually(lambda: len(told(head, kind)) > before, 60, "a message to the head")
        assert "замещаете" in message["why"]
    finally:
        head.request(
            "DELETE",
            f"/api/v1/delegations/{given.json()['id']}",
            headers={"x-csrf-token": head.api("session")["csrf_token"]},
            json={},
        )


def test_an_operator_sees_and_closes_what_was_kept_apart(visitor: NewVisitor) -> None:
    operator = visitor()
    operator.sign_in("morozov")
    study = f"huge-{datetime.now(UTC).timestamp()}"
    person = operator.control("egisz", "GET", f"register/workers/{SNILS['novikov']}")["id"]
    notice = {
        "id": f"{study}:1", "study": study, "revision": 1, "personId": person,
        "state": "CREDITED", "kind": "EVENT", "title": "Форум", "organizer": SOCIETY,
        "startDate": "2026-01-10", "endDate": "2026-01-10", "hours": 100000,
        "specialty": "хирургия", "source": "PORTAL",
    }  # fmt: skip
    nobody = {"study": f"{study}-nobody", "personId": str(uuid4()), "hours": 6}
    for told_of in (notice, notice | nobody):
        operator.control("egisz", "POST", "nmo/notices", told_of)

    def kept(name: str = study) -> Any:
        items = operator.api("education/kept-notices")["items"]
        return next((one for one in items if one["study"] == name), None)

    found = eventually(kept, 30, "the notice in quarantine")
    assert found["fault"] == "HOURS_IMPOSSIBLE"
    stranger = eventually(lambda: kept(f"{study}-nobody"), 30, "the notice about nobody")
    assert stranger["fault"] == "PERSON_UNKNOWN"
    again = operator.post(f"education/kept-notices/{found['id']}/replay")
    assert (again.status_code, again.json()["code"]) == (409, "LKMR-EDU-018")
    assert study in operator.open("/education/kept-notices").text
    closed = operator.post(f"education/kept-notices/{found['id']}/dismiss")
    assert closed.status_code == 204
    assert kept() is None


def test_codes_of_events_have_every_answer_and_the_credit_counts(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("novikov")
    day = str(TODAY - timedelta(days=3))
    event = {
        "title": "Хирургический форум", "organizer": SOCIETY, "hours": 5,
        "start_date": day, "end_date": day, "specialties": ["хирургия"],
    }  # fmt: skip
    person.control("egisz", "POST", "nmo/codes", {**event, "code": "IKP-0001"})

    taken = person.post("education/codes", {"code": "ikp 0001"})
    used = person.post("education/codes", {"code": "IKP-0001"})
    unknown = person.post("education/codes", {"code": "none"})

    assert (taken.status_code, taken.json()["hours"]) == (200, 5)
    assert (used.status_code, used.json()["code"]) == (409, "LKMR-EDU-002")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "LKMR-EDU-001")

    def credited() -> list[dict[str, Any]]:
        cycles = person.api("education/summary")["cycles"]
        lines = [one for cycle in cycles for one in cycle["calculation"]]
        return [one for one in lines if one["title"] == "Хирургический форум"]

    (line,) = eventually(credited, 60, "the credit")
    assert (line["verdict"], line["counted_hours"]) == ("COUNTED", 5)
    assert (line["method"], line["reason"]) == ("IKP", "CODE_ACCEPTED")
    assert main(person)["portal_units"] >= 5


def test_the_catalogue_is_searched_in_any_form_and_with_slips(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("ivanova")

    def titles(query: str) -> list[str]:
        items = person.api("education/catalog", params={"query": query})["items"]
        return [one["title"] for one in items]

    eventually(lambda: titles("анемия"), 90, "the catalogue")
    assert all("немии" in one for one in titles("анемией")[:5])
    assert titles("пневмонея")
    assert person.api("education/suggestions")["items"]


@pytest.mark.proves("F-024", "F-084")
def test_the_coordinator_sends_the_report_that_the_head_signed(visitor: NewVisitor) -> None:
    coordinator, head = visitor(), visitor()
    coordinator.sign_in("pavlova")
    head.sign_in("orlova")
    period = {"period_start": f"{TODAY.year}-01-01", "period_end": TODAY.isoformat()}
    built = eventually(
        lambda: (made := coordinator.post("education/reports", period)).status_code == 201 and made,
        90,
        "a report",
    ).json()
    path = f"education/reports/{built['id']}"
    eventually(lambda: coordinator.api(path)["state"] == "VALIDATED", 90, "the figures")
    built = coordinator.api(path)
    assert built["content"]["staff"]["total"] > 0

    refused = coordinator.post(f"{path}/sign")
    assert (refused.status_code, refused.json()["reason"]) == (403, "SECTION_CLOSED")
    unproven = head.post(f"{path}/sign")
    assert (unproven.status_code, unproven.json()["reason"]) == (403, "STEP_UP_REQUIRED")
    head.step_up("orlova")
    coordinator.step_up("pavlova")
    assert head.post(f"{path}/sign").json()["state"] == "SIGNED"
    notify = coordinator.suite.kill("notify")  # the word of the receipt waits for it
    assert coordinator.post(f"{path}/send").json()["send_asked"] is True
    eventually(lambda: coordinator.api(path)["state"] == "ACCEPTED", 30, "the receipt")
    coordinator.suite.wait_restarted("notify", after=notify)

    done = coordinator.api(path)
    assert done["receipt"]["number"] == done["number"] != ""
    sent = coordinator.request(
        "GET", f"/api/v1/{path}/file", params={"format": "CSV"}
    ).content.decode("utf-8-sig")
    assert f"Всего;{built['content']['staff']['total']}" in sent
    assert "Принят" in coordinator.open(f"/{path}").text
    told = eventually(lambda: about(coordinator, path), 60, "the notice")
    assert [(one["title"], one["group"]) for one in told] == [("Отчёт принят", "EXCHANGE")]
    assert about(head, path) == []
    letters = eventually(
        lambda: [one for one in coordinator.messages(MAIL) if one.get("subject") == "Отчёт принят"],
        60,
        "the letter",
    )
    assert len(letters) == 1


def about(person: Visitor, path: str) -> list[dict[str, Any]]:
    """Messages that open a thing."""
    found: list[dict[str, Any]] = person.api("messages")["items"]
    return [one for one in found if one["link"] == f"/{path}"]


def test_a_paper_is_read_attached_and_given_back_as_it_was(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("novikov")
    study = close(person, begun(person, "novikov", title="Образец", specialty="хирургия"))
    paper = person._client.get(
        f"{person.suite.url('egisz')}/nmo/v1/studies/{study['id']}/certificate"
    ).content
    token = {"x-csrf-token": person.api("session")["csrf_token"]}
    upload = {"file": ("удостоверение.pdf", paper, "application/pdf")}
    answer = person.request(
        "POST", "/api/v1/education/certificate-proposals", files=upload, headers=token
    )
    assert answer.status_code == 200, answer.text
    proposed = answer.json()
    assert proposed["read"] is True
    assert proposed["proposed"]["hours"] == "36"

    day = (TODAY - timedelta(days=40)).isoformat()
    made = person.post(
        "education/activities",
        {"kind": "SEMINAR", "title": "Шов", "organizer": "Кафедра", "start_date": day},
    ).json()
    own = {"number": "С-17", "issue_date": day}
    item = person.post(f"education/activities/{made['id']}/certificates", own).json()
    path = f"/api/v1/education/certificates/{item['certificate']['id']}/file"
    assert person.request("GET", path).status_code == 404
    kept = person.request("POST", path, files=upload, headers=token)
    assert (kept.status_code, kept.json()["has_file"]) == (201, True)
    assert person.request("GET", path).content == paper
    stranger = visitor()
    stranger.sign_in("akhmetov")
    assert stranger.request("GET", path).status_code == 404
