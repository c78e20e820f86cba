"""Every cell of the matrix of rights is tried through the public API, on every route there is.

The routes are read from the gateway's own declarations, so the test grows with them.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from lkmr_access import matrix
from lkmr_gateway.access import RULES, Entrance, Rule
from lkmr_rig.threaded import ThreadedSuite
from lkmr_servicekit.clock import MOSCOW

from ..support.own_suite import eventually, own_suite, rows
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
LOGINS = {
    "DOCTOR": ("ivanova", ""),
    "NURSE": ("sidorova", ""),
    "HEAD_DEPT": ("kuznetsov", ""),
    "HEAD_ORG": ("orlova", ""),
    "HR": ("smirnova", ""),
    "REGISTRAR": ("fedorov", ""),
    "STAT": ("belova", ""),
    "PKU": ("zaytseva", "org-kb2/PKU"),
    "IT_ADMIN": ("morozov", ""),
    "SEC_ADMIN": ("volkov", ""),
    "AUDITOR": ("nikitina", ""),
    "REGULATOR": ("lebedeva", ""),
    "SUPPORT": ("egorov", ""),
    "EDU_COORD": ("pavlova", ""),
    "DEPUTY_DEPT": ("akhmetov", "org-gp1/DEPUTY_DEPT"),
    "DEPUTY_ORG": ("akhmetov", "org-gp1/DEPUTY_ORG"),
}
HEADS = ("kuznetsov", "orlova")
STREAMS = re.compile(r"/events|/export|\.xlsx|\.csv")
CELLS = sorted(
    (path, method)
    for (method, path), rule in RULES.items()
    if path.startswith("/api/v1/") and rule.entrance is Entrance.SESSION and rule.section
)


@pytest.fixture(scope="module")
def cabinet() -> Iterator[ThreadedSuite]:
    with own_suite("matrix") as started:
        for head in HEADS:
            let_act_for(started, head, "akhmetov")
        yield started


def let_act_for(cabinet: ThreadedSuite, head: str, login: str) -> None:
    """The head delegates for today."""
    with Visitor(cabinet) as delegate, Visitor(cabinet) as giver:
        delegate.sign_in(login, profile="org-gp1/DOCTOR")
        session = delegate.api("session")
        giver.sign_in(head)
        giver.step_up(head)
        day = datetime.now(MOSCOW).date().isoformat()
        wanted = {
            "delegate": session["person"]["account_number"],
            "start_date": day,
            "end_date": day,
        }
        answer = giver.post("delegations", wanted)
        assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module", params=sorted(LOGINS))
def holder(request: Any, cabinet: ThreadedSuite) -> Iterator[tuple[str, Visitor]]:
    """A person of each role."""
    login, profile = LOGINS[request.param]
    with Visitor(cabinet) as person:
        person.sign_in(login, profile=profile)
        yield request.param, person


def test_every_role_of_the_matrix_has_somebody_to_try_it() -> None:
    assert set(LOGINS) == set(matrix.roles()) - {"WITHOUT_JOB"}


def tried(person: Visitor, method: str, path: str, token: str) -> Any:
    """A request to a route, about objects that are nobody's."""
    address = re.sub(r"\{[^}]+\}", lambda _: str(uuid.uuid4()), path)
    more = {"headers": {"x-csrf-token": token}} if method != "GET" else {}
    if method in {"POST", "PUT", "PATCH"}:
        more["json"] = {}
    return person.request(method, address, **more)


def refused_by_section(answer: Any) -> bool:
    kind = answer.headers.get("content-type", "")
    return kind.startswith("application/problem") and answer.json()["reason"] == "SECTION_CLOSED"


@pytest.mark.proves("F-026", "F-245", "F-246", "F-256")
def test_every_cell_is_open_or_closed_as_the_matrix_says(holder: tuple[str, Visitor]) -> None:
    role, person = holder
    token = person.api("session")["csrf_token"]
    wrong = []

    for path, method in CELLS:
        if method == "GET" and STREAMS.search(path):
            continue
        rule: Rule = RULES[method, path]
        answer = tried(person, method, path, token)
        scope = rule.scope_for([role])
        is_open = bool(scope)
        # What shows one person is closed by its service to who reads sums or masked data only.
        narrowed = scope in {"a", "m"} and ":gateway:" not in answer.text
        if refused_by_section(answer) == is_open and not narrowed:
            wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:120]}")
        if is_open and "{" in path and method == "GET" and answer.status_code not in {403, 404}:
            wrong.append(f"{method} {path}: a foreign object gave {answer.status_code}")
        if answer.status_code >= 500:
            wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:120]}")

    assert wrong == []


@pytest.mark.proves("F-247", "F-256")
def test_every_closed_door_that_was_tried_is_in_the_journal(
    cabinet: ThreadedSuite, holder: tuple[str, Visitor]
) -> None:
    role, person = holder
    closed = [
        (path, method)
        for path, method in CELLS
        if method == "GET"
        and not RULES[method, path].scope_for([role])
        and not STREAMS.search(path)
    ]
    before = _denied(cabinet, person)

    for path, method in closed:
        assert tried(person, method, path, "").status_code == 403

    eventually(
        lambda: _denied(cabinet, person) - before >= len(closed), 10, "all refusals are chained"
    )


def _denied(cabinet: ThreadedSuite, person: Visitor) -> int:
    actor = f"persons/{person.api('session')['person']['id']}"
    counted = "SELECT count(*) FROM journal_entry WHERE actor = $1 AND result = 'DENIED'"
    return int(rows(cabinet, "auth", counted, actor)[0][0])
