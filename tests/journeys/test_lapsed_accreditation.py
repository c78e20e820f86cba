"""Who comes in with an expired accreditation is told so; where it was decided, acts are closed."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from lkmr.auth.v1 import access_service_pb2 as access
from lkmr.auth.v1 import auth_service_pb2 as auth
from lkmr.auth.v1.access_service_pb2_grpc import AccessServiceStub
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub

from lkmr_rig.threaded import ThreadedSuite
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

from ..support.own_suite import apart, eventually, own_suite
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
LOGIN, SNILS, SPECIALTY = "sidorova", "90000311199", "сестринское дело"  # expired ten days ago
ENTRY = f"register/workers/{SNILS}/accreditations/7726 050000001"
CARD = "patients/00000000-0000-4000-8000-00000000001a"
EMERGENCY = {"object": CARD, "reason_code": "OTHER", "reason": "вызов ночью в отделение"}


@pytest.fixture(scope="module")
def suite() -> Iterator[ThreadedSuite]:
    """A suite of its own: an open emergency access of another journey would speak first."""
    with own_suite("lapsed") as started:
        yield started


def today() -> str:
    return datetime.now(MOSCOW).date().isoformat()


def decide(guard: Visitor, value: str) -> None:
    decision = {"value": value, "effective_date": today(), "reason": "приказ организации № 7"}
    answer = guard.post("admin/policies/rbac.block_on_expired", decision)
    assert answer.status_code == 204, answer.text


@contextmanager
def blocking(guard: Visitor) -> Iterator[None]:
    """While it lasts, organisations block; then they warn again."""
    guard.sign_in("volkov")
    guard.step_up("volkov")
    decide(guard, "block")
    try:
        yield
    finally:
        guard.step_up("volkov")
        decide(guard, "warn")


def lapse(person: Visitor) -> Any:
    return person.api("session")["accreditation_lapse"]


def banner(page: str) -> str:
    start = page.index('aria-labelledby="banner"')
    return page[start : page.index("</section>", start)].replace("\xa0", " ")


def test_a_lapse_is_told_on_arrival_on_whatever_page_and_closes_nothing_by_itself(
    visitor: NewVisitor,
) -> None:
    nurse = visitor()

    page = nurse.sign_in(LOGIN, return_to="/messages")

    assert urlsplit(nurse.at).path == "/messages"
    assert "Срок аккредитации закончился" in banner(page.text)
    assert SPECIALTY in banner(page.text)
    assert 'href="/applications"' in banner(page.text)
    assert "Срок аккредитации закончился" in banner(nurse.open("/").text)
    told = lapse(nurse)
    assert (told["mode"], [one["specialty"] for one in told["items"]]) == ("WARN", [SPECIALTY])
    nurse.step_up(LOGIN)
    opened = nurse.post("emergency-access", EMERGENCY)
    assert opened.status_code == 201, opened.text
    end_emergency(nurse, opened.json()["id"])


def test_where_it_was_decided_acts_of_practice_are_closed_until_a_new_entry(
    visitor: NewVisitor,
) -> None:
    nurse, guard = visitor(), visitor()
    with blocking(guard):
        page = nurse.sign_in(LOGIN)
        assert lapse(nurse)["mode"] == "BLOCK"
        assert "рецепты и приём закрыты" in banner(page.text)

        refused = nurse.post("emergency-access", EMERGENCY)

        assert (refused.status_code, refused.json()["code"]) == (403, "LKMR-RBAC-006")
        assert refused_by_the_service(nurse) == "PRACTICE_SUSPENDED"
        for section in ("accreditations", "documents", "education/activities", "messages"):
            assert nurse.request("GET", f"/api/v1/{section}").status_code == 200, section
        assert nurse.open("/emergency-access").status_code == 200
        eventually(lambda: journalled(visitor), 15, "entry and refusal stand in the journal")
        renewed = {"kind": "PERIODIC", "specialty": SPECIALTY, "recorded_at": today()}
        nurse.control("egisz", "PUT", ENTRY, renewed)
        try:
            eventually(lambda: lapse(nurse) is None, 60, "the new entry opens the session again")
            nurse.step_up(LOGIN)
            opened = nurse.post("emergency-access", EMERGENCY)
            assert opened.status_code == 201, opened.text
            end_emergency(nurse, opened.json()["id"])
        finally:
            nurse.control("egisz", "DELETE", ENTRY)
    eventually(lambda: lapse(nurse) is not None, 60, "the entry is gone from the register")


def end_emergency(person: Visitor, identity: str) -> None:
    """Close the card again: its banner would stand above every page for two hours."""
    token = person.api("session")["csrf_token"]
    answer = person.request(
        "DELETE",
        f"/api/v1/emergency-access/{identity}",
        headers={"x-csrf-token": token},
        json={},
    )
    assert answer.status_code == 204, answer.text


def refused_by_the_service(person: Visitor) -> str:
    """Why auth itself refuses the act to the token of the session, without the gateway."""
    jar = person.cookies[urlsplit(person.base).netloc]
    return str(apart(_refusal(person.suite, jar["__Host-lkmr"])))


async def _refusal(suite: Any, cookie: str) -> str:
    target = f"127.0.0.1:{suite.ports.grpc('auth')}"
    async with Peer("auth", target, tls_dir=suite.home.tls("gateway")) as peer:
        digest = hashlib.sha256(cookie.encode()).digest()
        wanted = auth.ResolveSessionRequest(session_hash=digest)
        session = await peer.call(AuthServiceStub(peer.channel).ResolveSession, wanted, token="")
        act = access.StartEmergencyRequest(**EMERGENCY)
        try:
            start = AccessServiceStub(peer.channel).StartEmergency
            await peer.call(start, act, token=session.caller_token)
        except ServiceError as fault:
            return fault.reason
    return ""


def journalled(visitor: NewVisitor) -> bool:
    auditor = visitor()
    auditor.sign_in("nikitina")
    acts = auditor.api("audit-events", params={"page_size": "200"})["items"]
    reasons = {one["reason"] for one in acts}
    return {"ACCREDITATION_LAPSED_BLOCK", "PRACTICE_SUSPENDED"} <= reasons
