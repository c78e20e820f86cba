"""Two gateways and two instances of each service are one cabinet to a person."""

import time
import uuid
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lkmr_rig.layout import SERVICES
from lkmr_rig.threaded import ThreadedSuite

from ..support.events import OpenPage
from ..support.own_suite import eventually, metrics
from ..support.visitor import Visitor
from .balanced import Balanced

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]

LIST = "/lkmr.accreditation.v1.AccreditationService/ListAccreditations"
READS_AFTER_DEATH = 80


def at_the_other_gateway(person: Visitor, visitor: NewVisitor) -> Visitor:
    """The same browser session, seen by the second gateway (a cookie knows no port)."""
    other = visitor(instance=2)
    first, second = (one.base.partition("://")[2] for one in (person, other))
    other.cookies[second] = dict(person.cookies[first])
    return other


def calls(suite: ThreadedSuite, program: str, instance: int, method: str = "") -> float:
    """How many calls a service instance has answered."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(metrics(suite, program, instance))
        for sample in family.samples
        if sample.name == "lkmr_grpc_server_seconds_count"
        and method in ("", sample.labels["method"])
    )


def test_a_sign_in_goes_on_at_whichever_gateway_the_balancer_picks(visitor: NewVisitor) -> None:
    person = visitor(Balanced)
    person.sign_in("novikov")

    assert person.api("session")["person"]["family_name"] == "Новиков"
    assert person.api("accreditations")["items"][0]["specialty"] == "хирургия"
    assert isinstance(person, Balanced)
    assert len(set(person.turns.served)) == 2


def test_a_session_opened_at_one_gateway_works_at_the_other(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("ivanova")
    other = at_the_other_gateway(person, visitor)

    assert other.api("session")["person"] == person.api("session")["person"]
    assert other.api("accreditations") == person.api("accreditations")


def test_signing_out_at_one_gateway_ends_the_session_at_the_other_within_a_second(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    person.sign_in("belova")
    other = at_the_other_gateway(person, visitor)
    token = other.api("session")["csrf_token"]

    left = person.request(
        "POST", "/auth/logout", data={"csrf_token": token}, headers={"origin": person.base}
    )

    assert left.status_code in {200, 303}
    eventually(
        lambda: other.request("GET", "/api/v1/session").status_code == 401,
        1,
        "the end of the session at the other gateway",
    )


def test_a_page_open_at_the_second_gateway_hears_a_change_once(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("akhmetov")
    other = at_the_other_gateway(person, visitor)
    with OpenPage(other) as page, OpenPage(person) as first:
        other.control(
            "egisz",
            "PUT",
            "register/workers/90002177736/accreditations/7726 031000077",
            {"kind": "PERIODIC", "specialty": "неонатология", "recorded_at": "2026-10-01"},
        )
        eventually(lambda: recorded(page) and recorded(first), 15, "a message")
        names = {one["name"] for one in page.data_of("changed")}
        entry = other.api("accreditations?specialty=неонатология")["items"][0]["id"]

        assert any(name.endswith(entry) for name in names)
        assert recorded(page) == recorded(first)
        assert len(recorded(page)) == 1
    kinds = [one["kind"] for one in other.api("messages")["items"]]
    assert kinds.count("ACCREDITATION_RECORDED") == 1


def recorded(page: OpenPage) -> list[str]:
    """Ids of the messages about new entries that an open page has heard."""
    heard = page.data_of("message")
    return [str(one["id"]) for one in heard if one["kind"] == "ACCREDITATION_RECORDED"]


@pytest.mark.parametrize("program", ["auth", "accreditation", "notify"])
def test_calls_are_spread_over_both_instances(
    pair: ThreadedSuite, visitor: NewVisitor, program: str
) -> None:
    before = [calls(pair, program, number) for number in (1, 2)]
    person = visitor(Balanced)
    person.sign_in("kuznetsov")
    for size in range(1, 20):
        person.api(f"accreditations?page_size={size}")
        person.api(f"messages?page_size={size}")

    after = [calls(pair, program, number) for number in (1, 2)]
    assert all(now > then for now, then in zip(after, before, strict=True)), (before, after)


@pytest.mark.parametrize("program", SERVICES)
def test_the_death_of_one_instance_costs_no_request_beyond_a_retry(
    pair: ThreadedSuite, visitor: NewVisitor, program: str
) -> None:
    person = visitor()
    person.sign_in("ivanova")
    statuses: list[int] = []

    def read() -> int:
        """The status of a read that no cache can answer."""
        answer = person.request("GET", f"/api/v1/accreditations?specialty={uuid.uuid4()}")
        statuses.append(answer.status_code)
        return answer.status_code

    assert read() == 200
    pid = pair.kill(program, 2)
    for _ in range(READS_AFTER_DEATH):
        assert read() == 200 or read() == 200, statuses
    newcomer = visitor()
    newcomer.sign_in("sidorova")
    assert newcomer.api("session")["roles"] == ["NURSE"]
    pair.wait_restarted(program, 2, after=pid)

    assert set(statuses) <= {200, 503}
    assert statuses.count(503) <= 2, statuses


def test_the_death_of_a_gateway_leaves_the_session_alive_at_the_other(
    pair: ThreadedSuite, visitor: NewVisitor
) -> None:
    person = visitor()
    person.sign_in("petrov")
    other = at_the_other_gateway(person, visitor)
    assert other.api("session")["roles"] == ["DOCTOR"]

    pid = pair.kill("gateway", 1)

    assert other.api("accreditations")["items"]
    pair.wait_restarted("gateway", 1, after=pid)
    began = time.monotonic()
    assert person.api("accreditations") == other.api("accreditations")
    assert time.monotonic() - began < 5
