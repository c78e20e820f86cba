"""The JSON API as an outside program meets it."""

import asyncio
import re
import ssl
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lkmr_gateway.access import RULES
from lkmr_rig.layout import SERVICES

from ..support.own_suite import apart
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="module")
def doctor(suite: Any) -> Any:
    with Visitor(suite) as person:
        person.sign_in("ivanova")
        yield person


def problem(answer: Any, status: int, code: str = "") -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "detail", "code", "reason", "instruction", "trace_id"} <= set(body)
    assert body["instruction"]
    assert code in body["code"]
    return body


@pytest.mark.proves("F-030", "F-033", "F-041")
def test_an_accreditation_has_the_fields_that_others_rely_on(doctor: Visitor) -> None:
    answer = doctor.api("accreditations")

    assert set(answer) == {"items", "next_page_token"}
    (item,) = answer["items"]
    assert item["specialty"] == "терапия"
    assert item["kind"] == "PERIODIC"
    assert item["state"] == "EXPIRING"
    assert item["days_left"] == 150
    assert item["record_date"] < item["expire_date"]
    assert [one["name"] for one in item["organizations"]] == [
        "ГБУЗ «Городская поликлиника № 1» (демо)"
    ]
    assert item["source"]["system"]
    assert item["source"]["stale"] is False
    assert doctor.api(f"accreditations/{item['id']}")["registry_number"] == item["registry_number"]


@pytest.mark.proves("F-036")
def test_the_extract_is_the_same_bytes_twice(doctor: Visitor) -> None:
    entry = doctor.api("accreditations")["items"][0]["id"]
    path = f"/api/v1/accreditations/{entry}/extract.pdf"

    first, second = doctor.request("GET", path), doctor.request("GET", path)

    assert first.content == second.content
    assert first.content.startswith(b"%PDF-1.")
    assert first.headers["content-type"] == "application/pdf"
    assert first.headers["content-disposition"].startswith("attachment")


@pytest.mark.proves("F-034", "F-155")
@pytest.mark.parametrize(
    "path",
    [
        "session",
        "accreditations",
        "messages",
        "events",
        "accreditations/0b5f7cba-3fbf-4d5e-a1a6-203497bc9d75",
    ],
)
def test_without_a_session_nothing_answers(visitor: NewVisitor, path: str) -> None:
    problem(visitor().request("GET", f"/api/v1/{path}"), 401, "LKMR-AUTH-002")


@pytest.mark.proves("F-279")
def test_every_function_stands_behind_the_gateway_and_wants_a_session(
    visitor: NewVisitor, suite: Any
) -> None:
    stranger = visitor()
    described = stranger.request("GET", "/api/openapi.json").json()["paths"]
    inventory = {(method.upper(), path) for path, row in described.items() for method in row}
    declared = {route for route in RULES if route[1].startswith("/api/v1/")}
    assert inventory == declared
    assert len(inventory) > 100

    for method, path in sorted(inventory):
        address = re.sub(r"\{[^}]+\}", lambda _: str(uuid.uuid4()), path)
        more = {"json": {}} if method in {"POST", "PUT", "PATCH"} else {}
        answer = stranger.request(method, address, **more)
        while answer.status_code == 503:  # too many questions at once: the answer says when to come
            time.sleep(int(answer.headers["retry-after"]))
            answer = stranger.request(method, address, **more)
        problem(answer, 401, "LKMR-AUTH-002")
        stranger.cookies.clear()
    for service in SERVICES:  # behind the gateway: nobody else is let in
        address = f"127.0.0.1:{suite.ports.grpc(service)}"
        tls = ssl.create_default_context(cafile=str(suite.home.root / "tls" / "ca.pem"))
        tls.check_hostname = False
        tls.set_alpn_protocols(["h2"])
        assert apart(_greeted(address, tls)) == b"", service


async def _greeted(address: str, tls: ssl.SSLContext) -> bytes:
    """What a service says to who shows no certificate of a program."""
    host, _, port = address.partition(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port), ssl=tls)
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        return await asyncio.wait_for(reader.read(64), 10)
    except OSError:  # the handshake was refused; an SSLError is one
        return b""


def test_a_section_closed_to_the_role_is_403_and_a_foreign_object_404(
    visitor: NewVisitor, doctor: Visitor
) -> None:
    foreign = doctor.api("accreditations")["items"][0]["id"]
    registrar, nurse = visitor(), visitor()
    registrar.sign_in("fedorov")
    nurse.sign_in("sidorova")

    problem(registrar.request("GET", "/api/v1/accreditations"), 403, "LKMR-RBAC-001")
    for unknown in (foreign, str(uuid.uuid4()), "not-an-id"):
        problem(nurse.request("GET", f"/api/v1/accreditations/{unknown}"), 404)
        problem(nurse.request("GET", f"/api/v1/accreditations/{unknown}/extract.pdf"), 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "accreditations?page_size=x", 422),
        ("GET", "accreditations?page_size=-1", 422),
        ("GET", "accreditations?page_token=zzz", 422),
        ("GET", "accreditations?state=NO_SUCH", 422),
        ("GET", "accreditations?order_by=name", 422),
        ("GET", "accreditations?nonsense=1", 422),
        ("PUT", "accreditations", 405),
        ("GET", "no-such-thing", 404),
        ("POST", "messages/00000000-0000-0000-0000-000000000000/read", 403),
    ],
)
def test_bad_requests_get_a_code_and_an_instruction(
    doctor: Visitor, method: str, path: str, status: int
) -> None:
    body = problem(doctor.request(method, f"/api/v1/{path}"), status)

    if status == 422:
        assert all({"field", "code", "detail"} <= set(error) for error in body["errors"])
        assert body["errors"]


def test_a_write_without_the_token_of_the_session_or_from_another_site_is_refused(
    doctor: Visitor,
) -> None:
    path = f"/api/v1/messages/{uuid.uuid4()}/read"
    token = doctor.api("session")["csrf_token"]

    problem(doctor.request("POST", path, json={}), 403, "LKMR-SESS-002")
    foreign = {"x-csrf-token": token, "origin": "https://evil.example"}
    problem(doctor.request("POST", path, json={}, headers=foreign), 403, "LKMR-SESS-002")
    problem(doctor.post(f"messages/{uuid.uuid4()}/read"), 404)


def test_huge_and_wrong_bodies_are_refused(doctor: Visitor) -> None:
    token = {"x-csrf-token": doctor.api("session")["csrf_token"]}
    path = f"/api/v1/messages/{uuid.uuid4()}/read"

    problem(
        doctor.request(
            "POST",
            path,
            content=b"{" * 300_000,
            headers={**token, "content-type": "application/json"},
        ),
        413,
    )
    problem(
        doctor.request(
            "POST", path, content=b"a=b", headers={**token, "content-type": "text/plain"}
        ),
        415,
    )


def test_pages_split_a_list_without_loss_or_repeat(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("kuznetsov")
    for number in range(5):
        person.control(
            "egisz",
            "PUT",
            f"register/workers/90000414815/accreditations/77{number}0 031000009",
            {
                "kind": "PRIMARY",
                "specialty": f"проба {number}",
                "recorded_at": f"202{number}-01-0{number + 1}",
            },
        )
    _until(lambda: len(person.api("accreditations")["items"]) >= 6)
    whole = [item["id"] for item in person.api("accreditations")["items"]]

    seen: list[str] = []
    token = ""
    while True:
        page = person.api(f"accreditations?page_size=2&page_token={token}")
        seen += [item["id"] for item in page["items"]]
        token = page["next_page_token"]
        if not token:
            break

    assert seen == whole


def _until(condition: Callable[[], bool], seconds: float = 15) -> None:
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_api_describes_itself(visitor: NewVisitor) -> None:
    described = visitor().request("GET", "/api/openapi.json").json()

    assert {"/api/v1/session", "/api/v1/accreditations", "/api/v1/messages"} <= set(
        described["paths"]
    )


def test_every_answer_carries_the_headers_that_protect_a_browser(doctor: Visitor) -> None:
    for path in ("/", "/api/v1/session", "/accreditations", "/no-such-page", "/static/none"):
        headers = doctor.request("GET", path).headers

        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers
