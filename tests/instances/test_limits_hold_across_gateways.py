"""What guards secrets and sign-in is counted once, however many gateways there are."""

import math
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from lkmr_auth.usecases.start_limit import PER_ADDRESS
from lkmr_rig.threaded import ThreadedSuite

from ..support.own_suite import own_suite
from .balanced import Balanced

pytestmark = pytest.mark.journey
PHONE = "+79000000015"
GATEWAYS, MANY = 2, 20 * PER_ADDRESS


@pytest.fixture(scope="module")
def strict() -> Iterator[ThreadedSuite]:
    """Two of each, with the limits of production."""
    with own_suite("limits", LKMR_INSTANCES="2", LKMR_LIMIT_FACTOR="1") as started:
        yield started


@pytest.fixture
def person(strict: ThreadedSuite) -> Iterator[Balanced]:
    """Somebody whose every request is served by the other gateway."""
    with Balanced(strict) as made:
        yield made


def test_a_code_has_three_guesses_and_one_sending_at_both_gateways_together(
    person: Balanced,
) -> None:
    person.open("/auth/login")
    form = person.form_with("password")
    assert form is not None
    person.submit(form, login="novikov", password="Kabinet-2026!")
    while urlsplit(person.at).netloc != urlsplit(person.base).netloc:
        person.submit(person.consent_form())
    assert urlsplit(person.at).path == "/auth/code"
    right = person.code_for(PHONE)

    resent = [post(person, "/auth/code/resend") for _ in range(GATEWAYS)]
    assert [code for code, _ in resent] == ["LKMR-CONF-009"] * GATEWAYS
    assert person.code_for(PHONE) == right, "no second message was sent"
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    told = [post(person, "/auth/code", code=wrong) for _ in range(3)]

    assert [code for code, _ in told] == ["LKMR-CONF-001", "LKMR-CONF-001", "LKMR-CONF-005"]
    for answers in (resent, told):
        assert len({gateway for _, gateway in answers}) == GATEWAYS
    person.open("/auth/login")
    assert "LKMR-CONF-005" in person.last.text, "a new sign-in gives no new guesses"
    assert person.request("GET", "/api/v1/session").status_code == 401


def post(person: Balanced, action: str, **values: str) -> tuple[str, int]:
    """The code of the refusal of a form, and the gateway that gave it: each time the other one."""
    person.request("GET", "/healthz")
    person.open("/auth/code")
    form = next(one for one in person.forms() if one.action == action)
    answer = person.request(
        "POST", action, data={**form.fields, **values}, headers={"origin": person.base}
    )
    gateway = person.turns.served[-1]
    found = re.search(r"LKMR-CONF-\d{3}", answer.text)
    assert found is not None
    return found.group(), gateway


def test_starts_of_sign_ins_are_counted_over_both_gateways(person: Balanced) -> None:
    began, begun = time.monotonic(), 0
    refusing: set[int] = set()

    while len(refusing) < GATEWAYS:
        answer = person.request("GET", "/auth/login")
        assert answer.status_code in {302, 429}
        assert begun < MANY, "nobody refuses"
        begun += answer.status_code == 302
        if answer.status_code == 429:
            assert "LKMR-AUTH-025" in answer.text
            assert 1 <= int(answer.headers["retry-after"]) <= 3
            refusing.add(person.turns.served[-1])

    passed = time.monotonic() - began
    assert begun <= PER_ADDRESS + math.ceil(passed * PER_ADDRESS / 60)
