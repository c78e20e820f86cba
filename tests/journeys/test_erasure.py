"""A person asks for the end of their data: decided, destroyed everywhere, an act stays."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from lkmr_auth.clients.witness import ACT_WORDS, PUBLIC_KEY
from lkmr_rig.layout import SERVICES

from ..privacy.planted import spellings_of
from ..support.newcomer import Newcomer, answer, register
from ..support.own_suite import eventually, rows
from ..support.visitor import Form, Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
LEAVER = Newcomer(
    phone="+79015550202",
    snils="90155502066",
    email="leaver@demo.example",
    password="Do-Svidaniya-7",
    names={"family_name": "Прощальникова", "given_name": "Ульяна", "patronymic": "Тихоновна"},
    number="654321",
)
JOB = {
    "organization": "org-gp1",
    "roles": ["NURSE"],
    "position": "медицинская сестра участковая",
    "specialty": "сестринское дело",
}
CARD = f"register/workers/{LEAVER.snils}"
ACTIVITY = {
    "kind": "PK",
    "title": "Уход за пациентом",
    "organizer": "Академия",
    "start_date": "2026-03-02",
    "end_date": "2026-03-20",
    "hours": "36",
}
# Rows by id that stay: the journal, answers to repeats for 72 h, what is kept on a ground of law.
KEPT = {
    "auth": {
        "act_by_hand", "data_request", "erasure", "incident", "journal_entry", "journal_pending",
        "legal_decision", "person",
    },
    "accreditation": {
        "accreditation", "compliance", "compliance_due", "discrepancy", "document", "entry_change",
        "hours_due", "worker", "worker_hours",
    },
    "education": {"worker"},  # begun anew, empty, when hours of the register's worker are asked
    "notify": {"message"},  # what officers were told: a request, by its name
}  # fmt: skip
EVERYWHERE = {"outbox", "inbox", "request_log", "dead_event"}


@dataclass
class Leaver:
    """The person, with the ids by which services know them."""

    visitor: Visitor
    id: str
    worker: str
    account: str


def works(person: Visitor, *, jobs: bool) -> None:
    """The worker register knows the person, with a job or without one any more."""
    facts = {**LEAVER.names, "gender": "F", "birth_date": "1991-04-05"}
    person.control("egisz", "PATCH", CARD, {**facts, "jobs": [JOB] if jobs else []})


def activate(person: Visitor, number: str) -> None:
    def form_to(step: str) -> Form:
        return next(one for one in person.forms() if one.action == f"/auth/activation/{step}")

    person.submit(form_to("terms"), decision="accept")
    consents = form_to("consents")
    person.submit(consents, **dict.fromkeys(consents.choices, "yes"))
    person.submit(form_to("employee"), employee_number=number, password="Svoj-Kabinet-2")
    person.submit(form_to("approval"))
    answer(person, LEAVER.email, "APPROVED")
    person.open("/auth/activation")
    person.submit(form_to("confirm"))
    assert urlsplit(person.at).path == "/"


def comes_in(person: Visitor, admin: Visitor) -> Leaver:
    """From the portal through the activation to the home page."""
    person.sign_in(LEAVER.email, password=LEAVER.password, phone=LEAVER.phone)
    assert urlsplit(person.at).path == "/auth/activation", person.at
    (found,) = admin.api("admin/people", params={"query": LEAVER.snils})["items"]
    activate(person, admin.api(f"admin/people/{found['id']}")["employee_number"])
    worker = person.control("egisz", "GET", CARD)["id"]
    return Leaver(person, found["id"], worker, found["account_number"])


def act_of(anybody: Visitor, erasure: str) -> Any:
    answer_ = anybody.request("GET", f"/erasure-acts/{erasure}/act.json")
    assert answer_.status_code == 200, answer_.text
    return answer_.json()


def left_of(suite: Any, leaver: Leaver) -> dict[str, set[str]]:
    """Tables of each service in which an id of the person still stands."""
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        tables = rows(suite, service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            query = f'SELECT 1 FROM "{table}" one WHERE one::text ~ $1 LIMIT 1'  # noqa: S608 - the catalogue's
            if rows(suite, service, query, f"{leaver.id}|{leaver.worker}"):
                base = "_".join(part for part in table.split("_") if not part.isdigit())
                found.setdefault(service, set()).add(base.removesuffix("_rest"))
    more = {one: tables - EVERYWHERE - KEPT.get(one, set()) for one, tables in found.items()}
    return {one: tables for one, tables in more.items() if tables}


def said_of(suite: Any) -> set[str]:
    """Spellings of the person that any table of any service shows."""
    words = {
        *spellings_of(
            SimpleNamespace(  # type: ignore[arg-type]
                **LEAVER.names,
                birth_date=date(1991, 4, 5),
                snils=LEAVER.snils,
                phone=LEAVER.phone,
                email=LEAVER.email,
                policy_number="",
            )
        )
    } - {"1991-04-05", "05.04.1991"}
    found = set()
    for service in SERVICES:
        tables = rows(suite, service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            query = f'SELECT one::text FROM "{table}" one'  # noqa: S608 - the catalogue's
            text = "\n".join(row[0] for row in rows(suite, service, query))
            found |= {word for word in words if word in text or word.encode().hex() in text}
    return found


def is_asked_about_only_with_consent(person: Visitor, activity: str) -> None:
    """A withdrawn consent stops the questions to registers; given anew, it closes the request."""
    fields = {"number": "ПК-77/1", "issue_date": "2026-03-21"}
    added = person.post(f"education/activities/{activity}/certificates", fields)
    assert added.status_code in {200, 201}, added.text
    document = added.json()["certificate"]["id"]

    def hold() -> str:
        (found,) = person.api("education/certificates")["items"]
        return str(found["check_hold"])

    def decide(*, given: bool) -> None:
        decided = person.post(
            "consents/consent-education", {"decision": "GIVEN" if given else "WITHDRAWN"}
        )
        assert decided.status_code == 200, decided.text

    decide(given=False)
    eventually(lambda: hold() == "NO_CONSENT", 60, "education hears of the withdrawal")
    refused = person.post(f"education/certificates/{document}/check")
    assert (refused.status_code, refused.json()["reason"]) == (409, "EDUCATION_CONSENT_MISSING")
    page = person.open(f"/education/activities/{activity}").text
    assert 'href="/profile">Дайте его' in page
    (waiting,) = person.api("data-requests")["items"]
    assert (waiting["scope"], waiting["state"]) == ("EDUCATION", "SUBMITTED")

    decide(given=True)
    eventually(lambda: hold() == "", 60, "education hears of the consent")
    (closed,) = person.api("data-requests")["items"]
    assert (closed["id"], closed["outcome"]) == (waiting["id"], "SUPERSEDED")


@pytest.mark.proves("F-159")
def test_whoever_left_is_destroyed_everywhere_and_an_act_confirms_it(
    suite: Any, visitor: NewVisitor
) -> None:
    person, officer, admin = visitor(), visitor(), visitor()
    register(person, LEAVER)
    works(person, jobs=True)
    admin.sign_in("morozov")
    leaver = comes_in(person, admin)
    made = person.post("education/activities", ACTIVITY)
    assert made.status_code == 201, made.text

    is_asked_about_only_with_consent(person, made.json()["id"])

    asked = person.post("data-requests", {"kind": "ERASURE", "text": "Больше не работаю"})
    assert asked.status_code == 201, asked.text
    request = asked.json()["id"]
    held = date.fromisoformat(asked.json()["due_date"])
    assert held - date.fromisoformat(asked.json()["create_time"][:10]) >= timedelta(days=30)
    officer.sign_in("volkov")
    officer.step_up("volkov")
    order = f"admin/data-requests/{request}/destroy"
    refused = officer.post(order, {"text": "Основание: обращение"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "ERASURE_HELD")
    assert "CURRENT_JOB" in refused.json()["metadata"]["holds"]

    works(person, jobs=False)
    eventually(
        lambda: person.request("GET", "/api/v1/session").status_code == 401,
        60,
        "the job ends, and the session with it",
    )
    its_key = "SELECT data_key FROM worker WHERE id::text = $1"
    (key_before,) = rows(suite, "education", its_key, leaver.worker)
    died = suite.kill("notify", number=signal.SIGSTOP)
    ordered = eventually(
        lambda: (
            (one := officer.post(order, {"text": "Основание: обращение"})).status_code == 204
            and one
        ),
        30,
        "nothing holds the data any more",
    )
    assert ordered.status_code == 204
    waiting = eventually(
        lambda: (one := act_of(visitor(), request))["waits_for"] == ["notify"] and one,
        60,
        "all but the stopped service have reported",
    )
    assert waiting["act"] is None
    suite.kill("notify")
    suite.wait_restarted("notify", after=died)

    formed = eventually(lambda: (one := act_of(visitor(), request))["act"] and one, 120, "the act")

    act = formed["act"]
    assert act["subject"] == {"account": leaver.account, "person": f"persons/{leaver.id}"}
    assert {one["service"] for one in act["journal"]} == {
        "auth", "accreditation", "education", "notify",
    }  # fmt: skip
    key = load_pem_public_key((suite.home.folder("audit") / PUBLIC_KEY).read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    signed = orjson.dumps(act, option=orjson.OPT_SORT_KEYS)
    key.verify(bytes.fromhex(formed["signature"]), ACT_WORDS + signed)
    assert leaver.account in visitor().open(f"/erasure-acts/{request}").text
    assert left_of(suite, leaver) == {}
    assert key_before not in rows(suite, "education", its_key, leaver.worker)
    own = "SELECT 1 FROM document WHERE worker_id::text = $1 AND source <> 'REGISTER'"
    assert rows(suite, "accreditation", own, leaver.worker) == []
    told = "SELECT kind FROM message WHERE person_id::text = $1"
    assert rows(suite, "notify", told, leaver.id) == []
    assert said_of(suite) == set()
    assert admin.api("admin/people", params={"query": LEAVER.snils})["items"] == []

    works(person, jobs=True)
    again = eventually(lambda: back(visitor(), admin), 60, "a person who comes back begins anew")
    assert again != leaver.account


def back(person: Visitor, admin: Visitor) -> str:
    """The account of whoever comes back, still to be activated; empty before the register knows."""
    person.sign_in(LEAVER.email, password=LEAVER.password, phone=LEAVER.phone)
    found = admin.api("admin/people", params={"query": LEAVER.snils})["items"]
    return str(found[0]["account_number"]) if found else ""
