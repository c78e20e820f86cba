"""One trace runs unbroken over all borders: HTTP, gRPC, SQL, outbox, NATS."""

import secrets
from collections.abc import Iterator

import pytest

from lkmr_rig.threaded import ThreadedSuite

from ..support.collector import Collector, Span
from ..support.own_suite import eventually
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey

LIST = "/lkmr.accreditation.v1.AccreditationService/ListAccreditations"
REGISTER_CHANGED = "lkmr.egisz_bridge.v1.register_record.changed"
RECORDED = "lkmr.accreditation.v1.accreditation.recorded"
FLUSH_SECONDS = 15


@pytest.fixture(scope="module")
def person(watched: ThreadedSuite) -> Iterator[Visitor]:
    with Visitor(watched) as visitor:
        visitor.sign_in("ivanova")
        assert visitor.api("session")["roles"] == ["DOCTOR"]
        yield visitor


def one(collector: Collector, trace: str, service: str, name: str) -> Span:
    """The span of a service under a name (or its beginning) in a trace."""

    def found() -> Span | None:
        spans = collector.of_trace(trace)
        return next((s for s in spans if s.service == service and s.name.startswith(name)), None)

    span: Span = eventually(
        found, FLUSH_SECONDS, f"{service} {name} in {collector.of_trace(trace)}"
    )
    return span


def test_a_request_is_one_trace_from_the_browser_to_the_statement(
    person: Visitor, collector: Collector
) -> None:
    trace, browser = secrets.token_hex(16), secrets.token_hex(8)

    answer = person.request(
        "GET",
        f"/api/v1/accreditations?specialty={trace}",
        headers={"traceparent": f"00-{trace}-{browser}-01"},
    )

    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == trace
    gateway = one(collector, trace, "gateway", "GET /api/v1/accreditations")
    called = one(collector, trace, "accreditation", LIST)
    query = one(collector, trace, "accreditation", "postgresql")
    assert (gateway.kind, gateway.parent) == ("SERVER", browser)
    assert (called.kind, called.parent) == ("SERVER", gateway.id)
    assert (query.kind, query.parent) == ("CLIENT", called.id)


def test_an_error_shows_the_trace_under_which_it_is_found(
    person: Visitor, collector: Collector
) -> None:
    trace = secrets.token_hex(16)

    answer = person.request(
        "GET",
        f"/api/v1/accreditations/{secrets.token_hex(16)}",
        headers={"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"},
    )

    assert answer.status_code == 404
    assert answer.json()["trace_id"] == trace
    assert one(collector, trace, "gateway", "GET")


def test_a_sign_in_is_traced_through_auth_and_the_registers(
    watched: ThreadedSuite, collector: Collector
) -> None:
    with Visitor(watched) as newcomer:
        newcomer.sign_in("kuznetsov")

    finish = "/lkmr.auth.v1.AuthService/FinishSignIn"
    eventually(
        lambda: [s for s in collector.spans if s.name == finish],
        FLUSH_SECONDS,
        "a finished sign-in",
    )
    trace = [s.trace for s in collector.spans if s.name == finish][-1]
    finished = one(collector, trace, "auth", finish)
    checked = one(
        collector, trace, "egisz-bridge", "/lkmr.egisz_bridge.v1.EgiszBridgeService/Check"
    )
    asked = {s.name.split()[0] for s in collector.of_trace(trace) if s.parent == checked.id}
    assert finished.parent == one(collector, trace, "gateway", "GET").id
    assert checked.parent == finished.id
    assert {"worker_register", "insured_register"} <= asked
    assert one(collector, trace, "accreditation", "lkmr.auth.v1.session.opened").kind == "CONSUMER"


def test_a_register_change_is_one_trace_from_the_bridge_to_the_message(
    person: Visitor, collector: Collector
) -> None:
    person.control(
        "egisz",
        "PUT",
        "register/workers/90000103798/accreditations/7726 031000055",
        {"kind": "PERIODIC", "specialty": "гериатрия", "recorded_at": "2026-10-01"},
    )
    eventually(
        lambda: [s for s in collector.spans if (s.service, s.name) == ("notify", RECORDED)],
        FLUSH_SECONDS,
        "the fact at notify",
    )

    told = [s for s in collector.spans if (s.service, s.name) == ("notify", RECORDED)][-1]
    stored = one(collector, told.trace, "accreditation", REGISTER_CHANGED)
    read = one(collector, told.trace, "egisz-bridge", "register feed")
    kept = one(collector, told.trace, "egisz-bridge", "postgresql insert")
    assert {told.kind, stored.kind} == {"CONSUMER"}
    assert told.parent == stored.id
    assert stored.parent == read.id
    assert kept.parent == read.id
    assert read.parent == ""
    assert one(collector, told.trace, "notify", "postgresql insert").parent == told.id
    assert one(collector, told.trace, "auth", "/lkmr.auth.v1.AuthService/").parent == told.id
    card = "/lkmr.egisz_bridge.v1.EgiszBridgeService/GetWorkerCard"
    one(collector, told.trace, "egisz-bridge", card)
    reads = [s for s in collector.of_trace(told.trace) if s.name == card]
    assert stored.id in {read.parent for read in reads}  # auth reads the jobs of the card, too


def test_no_span_holds_the_values_of_a_statement(person: Visitor, collector: Collector) -> None:
    person.api("messages")
    texts = eventually(
        lambda: {
            s.attributes["db.query.text"]
            for s in collector.spans
            if "db.query.text" in s.attributes
        },
        FLUSH_SECONDS,
        "a span with a statement",
    )

    assert [text for text in texts if "'" in text and "@" in text] == []
