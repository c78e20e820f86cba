"""The JSON API over played services."""

import asyncio
import uuid
from typing import Any

import pytest
from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation_pb
from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.type.v1.act_pb2 import Act
from played_cabinet import (
    COOKIE,
    ENTRY_ID,
    MESSAGE_ID,
    PERSON,
    WORKER,
    Build,
    Cabinet,
    a_session,
    an_item,
    document,
    refusing,
)

from lkmr_gateway.access import RULES
from lkmr_gateway.entry import key_of
from lkmr_servicekit.errors import Category

PROBLEM_FIELDS = {"code", "reason", "title", "detail", "instruction", "trace_id", "status", "type"}
FOREIGN = str(uuid.UUID(int=77))


def check_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) >= PROBLEM_FIELDS
    assert body["code"] == code
    assert body["status"] == status
    assert body["instruction"]
    assert body["trace_id"] == answer.headers["x-request-id"]
    return body


def recorded(cabinet: Cabinet) -> list[Act]:
    """The acts that the journal was told of, in order."""
    told = [request for name, request in cabinet.auth.calls if name == "RecordActs"]
    return [entry.act for request in told for entry in request.entries]


PROTECTED = [
    "/api/v1/session",
    "/api/v1/accreditations",
    f"/api/v1/accreditations/{ENTRY_ID}",
    f"/api/v1/accreditations/{ENTRY_ID}/extract.pdf",
    "/api/v1/messages",
    f"/api/v1/messages/{MESSAGE_ID}",
    "/api/v1/sessions",
    "/api/v1/events",
]


@pytest.mark.parametrize("path", PROTECTED)
async def test_without_a_session_the_api_answers_401(cabinet: Cabinet, path: str) -> None:
    check_problem(await cabinet.get(path), 401, "LKMR-AUTH-002")
    assert not cabinet.auth.calls


@pytest.mark.parametrize("path", PROTECTED)
async def test_with_an_unknown_cookie_the_api_answers_401(cabinet: Cabinet, path: str) -> None:
    cabinet.headers["cookie"] = f"__Host-lkmr={'x' * 43}"

    check_problem(await cabinet.get(path), 401, "LKMR-AUTH-002")


async def test_the_session_tells_who_is_signed_in(cabinet: Cabinet) -> None:
    cabinet.signed_in()

    answer = await cabinet.get("/api/v1/session")

    body = answer.json()
    assert body["person"] == {
        "id": PERSON,
        "family_name": "Иванова",
        "given_name": "Анна",
        "patronymic": "Сергеевна",
        "account_number": "ЛК-000001",
    }
    assert body["organization"]["id"] == "org-gp1"
    assert body["roles"] == ["DOCTOR"]
    assert body["profiles"][0]["name"] == "org-gp1/DOCTOR"
    assert body["csrf_token"]
    assert body["expire_time"].endswith("Z")
    assert body["assurance"] == "SIGNED_IN"
    assert COOKIE not in answer.text


async def test_the_list_is_passed_on_byte_for_byte_with_the_callers_token(
    cabinet: Cabinet,
) -> None:
    cabinet.signed_in()
    made = document({"items": [an_item()], "next_page_token": "t"})
    cabinet.accreditation.on["ListAccreditations"] = lambda _: made

    answer = await cabinet.get("/api/v1/accreditations")

    assert answer.content == made.body
    assert answer.headers["etag"] == f'"{made.etag}"'
    assert answer.headers["cache-control"] == "no-store"
    assert cabinet.accreditation.calls[0][1].parent == f"workers/{WORKER}"
    assert cabinet.accreditation.tokens == ["Bearer token-of-ivanova"]
    assert (
        await cabinet.get("/api/v1/accreditations", if_none_match=f'"{made.etag}"')
    ).status_code == 304


async def test_query_parameters_reach_the_service(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    query = "page_size=5&page_token=abc&state=ACTIVE&state=EXPIRED&specialty=%D1%82"

    answer = await cabinet.get(f"/api/v1/accreditations?{query}&order_by=-expire_date")

    assert answer.status_code == 200
    asked = cabinet.accreditation.calls[0][1]
    assert (asked.page_size, asked.page_token, asked.specialty) == (5, "abc", "т")
    assert list(asked.states) == ["ACTIVE", "EXPIRED"]
    assert asked.order_by == "-expire_date"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("foo=1", "foo"),
        ("page_size=-1", "page_size"),
        ("page_size=many", "page_size"),
        ("page_size=1&page_size=2", "page_size"),
        ("state=GONE", "state"),
        ("order_by=name", "order_by"),
        ("page_token=" + "a" * 600, "page_token"),
        ("specialty=" + "a" * 400, "specialty"),
        ("nonsense", "query"),
        ("specialty=%FF", "query"),
    ],
)
async def test_a_query_that_does_not_fit_is_422_by_field(
    cabinet: Cabinet, query: str, field: str
) -> None:
    cabinet.signed_in()

    body = check_problem(await cabinet.get(f"/api/v1/accreditations?{query}"), 422, "LKMR-SYS-008")

    assert [one["field"] for one in body["errors"]] == [field]
    assert all(one["code"] and one["detail"] for one in body["errors"])
    assert not cabinet.accreditation.calls


async def test_a_refusal_of_a_service_names_the_field(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.accreditation.on["ListAccreditations"] = refusing(
        "PAGE_TOKEN_INVALID", Category.INVALID_ARGUMENT, field="page_token"
    )

    body = check_problem(
        await cabinet.get("/api/v1/accreditations?page_token=x"), 422, "LKMR-SYS-008"
    )

    assert body["errors"][0]["field"] == "page_token"
    assert body["reason"] == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize(
    ("category", "reason", "status", "code"),
    [
        (Category.UNAVAILABLE, "DATABASE_UNAVAILABLE", 503, "LKMR-SYS-010"),
        (Category.UNAVAILABLE, "REGISTER_UNAVAILABLE", 503, "LKMR-ACC-008"),
        (Category.TIMED_OUT, "DEADLINE_EXCEEDED", 504, "LKMR-SYS-011"),
        (Category.INTERNAL, "INTERNAL", 500, "LKMR-SYS-001"),
        (Category.PERMISSION_DENIED, "WORKER_REQUIRED", 403, "LKMR-RBAC-003"),
        (Category.CONFLICT, "UNHEARD_OF", 409, "LKMR-SYS-013"),
    ],
)
async def test_faults_of_a_service_have_a_code(
    cabinet: Cabinet, category: Category, reason: str, status: int, code: str
) -> None:
    cabinet.signed_in()
    cabinet.accreditation.on["ListAccreditations"] = refusing(reason, category, secret="текст")

    body = check_problem(await cabinet.get("/api/v1/accreditations"), status, code)

    assert category is not Category.INTERNAL or body["metadata"] == {}


async def test_a_fault_of_a_service_never_shows_its_text(cabinet: Cabinet) -> None:
    cabinet.signed_in()

    def broken(_: Any) -> Any:
        raise ValueError("Иванова 900-001-037 98")

    cabinet.accreditation.on["ListAccreditations"] = broken

    answer = await cabinet.get("/api/v1/accreditations")

    check_problem(answer, 500, "LKMR-SYS-001")
    assert "Иванова" not in answer.text


async def test_people_without_a_medical_post_are_told_so(cabinet: Cabinet) -> None:
    cabinet.signed_in(a_session(worker=""))

    check_problem(await cabinet.get("/api/v1/accreditations"), 403, "LKMR-RBAC-003")


async def test_a_section_closed_to_the_role_is_403_and_journalled(cabinet: Cabinet) -> None:
    cabinet.signed_in(a_session(role="IT_ADMIN"))

    for path in PROTECTED[1:4]:
        check_problem(await cabinet.get(path), 403, "LKMR-RBAC-001")

    notes = recorded(cabinet)
    assert len(notes) == 3
    assert {note.result for note in notes} == {Act.RESULT_DENIED}
    assert notes[0].reason == "SECTION_CLOSED"
    assert notes[1].object == "/api/v1/accreditations/{accreditation}"
    assert not cabinet.accreditation.calls


async def test_a_journal_that_is_away_does_not_open_a_closed_section(cabinet: Cabinet) -> None:
    cabinet.signed_in(a_session(role="IT_ADMIN"))
    cabinet.auth.on["RecordActs"] = refusing("DATABASE_UNAVAILABLE", Category.UNAVAILABLE)

    check_problem(await cabinet.get("/api/v1/accreditations"), 403, "LKMR-RBAC-001")


@pytest.mark.parametrize("identity", [FOREIGN, "7", "..%2f..", "%00", FOREIGN.upper(), "a" * 300])
async def test_a_foreign_or_unknown_object_is_404_and_journalled(
    cabinet: Cabinet, identity: str
) -> None:
    cabinet.signed_in()
    cabinet.accreditation.on["ReadAccreditation"] = refusing(
        "ACCREDITATION_NOT_FOUND", Category.NOT_FOUND
    )
    cabinet.notify.on["ReadMessage"] = refusing("MESSAGE_NOT_FOUND", Category.NOT_FOUND)

    one = await cabinet.get(f"/api/v1/accreditations/{identity}")
    pdf = await cabinet.get(f"/api/v1/accreditations/{identity}/extract.pdf")
    message = await cabinet.get(f"/api/v1/messages/{identity}")

    for answer in (one, pdf, message):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    if identity == FOREIGN:
        assert one.json()["code"] == "LKMR-ACC-001"
        notes = recorded(cabinet)
        assert {note.object for note in notes} == {
            f"accreditations/{FOREIGN}",
            f"messages/{FOREIGN}",
        }


async def test_the_extract_is_an_attachment_with_the_hash_as_etag(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    made = accreditation_pb.Extract(name="extracts/1", content=b"%PDF-1.7 x", sha256="ab" * 32)
    cabinet.accreditation.on["IssueExtract"] = lambda _: made
    path = f"/api/v1/accreditations/{ENTRY_ID}/extract.pdf"

    answer = await cabinet.get(path)

    assert answer.content == made.content
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["etag"] == f'"{made.sha256}"'
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert cabinet.accreditation.calls[-1][1].verify_origin == cabinet.url
    assert (await cabinet.get(path, if_none_match=answer.headers["etag"])).status_code == 304


async def test_a_write_needs_the_token_of_the_page(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.notify.on["MarkMessageRead"] = lambda _: document({"id": MESSAGE_ID})
    path = f"/api/v1/messages/{MESSAGE_ID}/read"
    token = await cabinet.csrf()

    check_problem(await cabinet.post(path), 403, "LKMR-SESS-002")
    check_problem(await cabinet.post(path, csrf="x" * 43), 403, "LKMR-SESS-002")
    check_problem(
        await cabinet.post(path, csrf=token, sec_fetch_site="cross-site"), 403, "LKMR-SESS-002"
    )
    check_problem(
        await cabinet.post(path, csrf=token, origin="https://evil.example"), 403, "LKMR-SESS-002"
    )
    assert not [name for name, _ in cabinet.notify.calls if name == "MarkMessageRead"]

    for more in ({}, {"sec_fetch_site": "same-origin"}, {"origin": cabinet.url}):
        assert (await cabinet.post(path, csrf=token, **more)).status_code == 200


async def test_a_token_of_another_session_does_not_fit(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    token = await cabinet.csrf()
    cabinet.headers["cookie"] = f"__Host-lkmr={'t' * 43}"

    check_problem(
        await cabinet.post(f"/api/v1/messages/{MESSAGE_ID}/read", csrf=token),
        403,
        "LKMR-SESS-002",
    )


async def test_the_idempotency_key_becomes_the_request_id(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.notify.on["MarkMessageRead"] = lambda _: document({"id": MESSAGE_ID})
    token, path = await cabinet.csrf(), f"/api/v1/messages/{MESSAGE_ID}/read"

    for key in (FOREIGN, "my-own-key-1", "my-own-key-1"):
        await cabinet.post(path, csrf=token, idempotency_key=key)

    ids = [r.request_id for name, r in cabinet.notify.calls if name == "MarkMessageRead"]
    assert ids[0] == FOREIGN
    assert ids[1] == ids[2] != ids[0]
    assert uuid.UUID(ids[1]).version == 4
    check_problem(
        await cabinet.post(path, csrf=token, idempotency_key="short"), 422, "LKMR-SYS-008"
    )


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("application/json", b'{"a": ', 400, "LKMR-SYS-009"),
        ("application/json", b'{"a": "1", "a": "2"}', 400, "LKMR-SYS-009"),
        ("application/json", b"[" * 5000 + b"]" * 5000, 400, "LKMR-SYS-009"),
        ("application/json", b"[1]", 400, "LKMR-SYS-009"),
        ("application/json", b"\xff", 400, "LKMR-SYS-009"),
        ("application/json", b'{"unknown": "x"}', 422, "LKMR-SYS-008"),
        ("application/json", b"{" + b" " * 300_000 + b"}", 413, "LKMR-SYS-006"),
        ("application/x-www-form-urlencoded", b"a=1", 415, "LKMR-SYS-007"),
        ("text/plain", b"a", 415, "LKMR-SYS-007"),
        ("", b"a", 415, "LKMR-SYS-007"),
    ],
)
async def test_a_body_that_does_not_fit_has_a_code(
    cabinet: Cabinet, kind: str, body: bytes, status: int, code: str
) -> None:
    cabinet.signed_in()
    headers = {**cabinet.headers, "x-csrf-token": await cabinet.csrf(), "content-type": kind}

    answer = await cabinet.client.post(
        f"/api/v1/messages/{MESSAGE_ID}/read", headers=headers, content=body
    )

    check_problem(answer, status, code)


async def test_wrong_methods_and_addresses_have_a_code(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    for method, path in (
        ("PUT", "/api/v1/accreditations"),
        ("POST", "/api/v1/accreditations"),
        ("DELETE", "/accreditations"),
        ("TRACE", "/"),
        ("OPTIONS", "/api/v1/session"),
        ("PROPFIND", "/api/v1/session"),
    ):
        answer = await cabinet.client.request(method, path, headers=cabinet.headers)
        check_problem(answer, 405, "LKMR-SYS-005")
        assert answer.headers["allow"]
    check_problem(await cabinet.get("/api/v1/nothing"), 404, "LKMR-SYS-004")
    check_problem(await cabinet.get("/api/v1/accreditations/"), 404, "LKMR-SYS-004")
    check_problem(await cabinet.get("/api/v1/session", host="evil.example"), 400, "LKMR-SYS-009")


async def test_head_gives_the_headers_without_the_body(cabinet: Cabinet) -> None:
    cabinet.signed_in()

    answer = await cabinet.client.head("/api/v1/accreditations", headers=cabinet.headers)

    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


async def test_the_trace_of_the_browser_goes_on(cabinet: Cabinet) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    answer = await cabinet.get("/api/v1/session", traceparent=f"00-{trace}-00f067aa0ba902b7-01")

    assert answer.json()["trace_id"] == trace


async def test_own_sessions_are_listed_and_ended(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.auth.on["ListSessions"] = lambda _: document({"items": [], "sign_ins": []})
    cabinet.auth.on["RevokeSession"] = lambda _: auth_pb.RevokeSessionResponse()
    token = await cabinet.csrf()
    headers = {**cabinet.headers, "x-csrf-token": token}

    assert (await cabinet.get("/api/v1/sessions")).json() == {"items": [], "sign_ins": []}
    answer = await cabinet.client.delete(f"/api/v1/sessions/{FOREIGN}", headers=headers)

    assert answer.status_code == 204
    assert "set-cookie" not in answer.headers
    name = next(r.name for n, r in cabinet.auth.calls if n == "RevokeSession")
    assert name == f"persons/{PERSON}/sessions/{FOREIGN}"
    assert (await cabinet.get("/api/v1/session")).status_code == 200

    cabinet.auth.on["RevokeSession"] = refusing("SESSION_NOT_FOUND", Category.NOT_FOUND)
    answer = await cabinet.client.delete(f"/api/v1/sessions/{FOREIGN}", headers=headers)
    check_problem(answer, 404, "LKMR-SYS-004")


async def test_ending_the_present_session_ends_it_here_too(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.auth.on["RevokeSession"] = lambda _: auth_pb.RevokeSessionResponse()
    headers = {**cabinet.headers, "x-csrf-token": await cabinet.csrf()}
    cabinet.auth.on["ResolveSession"] = refusing(
        "SESSION_REVOKED", Category.UNAUTHENTICATED, reason="REVOKED_BY_OWNER"
    )

    own = uuid.UUID(int=9)
    answer = await cabinet.client.delete(f"/api/v1/sessions/{own}", headers=headers)

    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    check_problem(await cabinet.get("/api/v1/session"), 401, "LKMR-AUTH-021")


async def test_kept_answers_are_given_until_a_fact_says_otherwise(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    first = await cabinet.get("/api/v1/accreditations")
    assert (await cabinet.get("/api/v1/accreditations")).content == first.content
    assert len(cabinet.accreditation.calls) == 1

    changed = {"items": [an_item(state="ACTIVE")], "next_page_token": ""}
    cabinet.accreditation.on["ListAccreditations"] = lambda _: document(changed)
    cabinet.parts.cache.flush(f"workers/{WORKER}")

    assert (await cabinet.get("/api/v1/accreditations")).json() == changed
    assert len(cabinet.accreditation.calls) == 2


async def test_a_revoked_session_gets_no_kept_answer(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    await cabinet.get("/api/v1/accreditations")
    cabinet.auth.on["ResolveSession"] = refusing(
        "SESSION_REVOKED", Category.UNAUTHENTICATED, reason="SIGNED_OUT"
    )

    cabinet.parts.sessions.revoke(key_of(COOKIE.encode()))

    check_problem(await cabinet.get("/api/v1/accreditations"), 401, "LKMR-AUTH-002")


async def test_without_the_cache_every_read_goes_to_the_service(build: Build) -> None:
    cabinet = await build(answer_cache=False)
    cabinet.signed_in()

    for _ in range(3):
        await cabinet.get("/api/v1/accreditations")

    assert len(cabinet.accreditation.calls) == 3


async def test_sessions_are_resolved_once_for_all_who_wait(cabinet: Cabinet) -> None:
    async def slow(_: Any) -> auth_pb.Session:
        await asyncio.sleep(0.1)
        return a_session()

    cabinet.auth.on["ResolveSession"] = slow
    cabinet.headers["cookie"] = f"__Host-lkmr={COOKIE}"

    answers = await asyncio.gather(*(cabinet.get("/api/v1/session") for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(cabinet.auth.calls) == 1


@pytest.mark.proves("F-237")
async def test_a_session_store_that_is_away_is_503_and_never_a_session(cabinet: Cabinet) -> None:
    cabinet.headers["cookie"] = f"__Host-lkmr={COOKIE}"
    cabinet.auth.on["ResolveSession"] = refusing("DATABASE_UNAVAILABLE", Category.UNAVAILABLE)

    answer = await cabinet.get("/api/v1/session")

    check_problem(answer, 503, "LKMR-AUTH-024")
    assert answer.headers["retry-after"]


async def test_too_many_requests_of_a_session_are_429(build: Build) -> None:
    cabinet = await build(LKMR_LIMIT_FACTOR=1)
    cabinet.signed_in()

    answers = [await cabinet.get("/api/v1/session") for _ in range(60)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    check_problem(refused[0], 429, "LKMR-SYS-003")
    assert int(refused[0].headers["retry-after"]) >= 1


async def test_an_overloaded_gateway_sheds_reads_before_sign_in(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.edge.load.in_flight = 105

    answer = await cabinet.get("/api/v1/accreditations")

    check_problem(answer, 503, "LKMR-SYS-012")
    assert answer.headers["retry-after"]
    cabinet.auth.on["StartSignIn"] = lambda _: auth_pb.StartSignInResponse(
        redirect_url="https://esia.example/x", login_cookie="l" * 43
    )
    assert (await cabinet.get("/auth/login")).status_code == 302
    assert (await cabinet.get("/healthz")).status_code == 200
    cabinet.edge.load.in_flight = 0


async def test_the_description_names_every_api_route(cabinet: Cabinet) -> None:
    described = (await cabinet.get("/api/openapi.json")).json()

    declared = {path for _, path in RULES if path.startswith("/api/v1/")}
    assert set(described["paths"]) == declared
    listed = described["paths"]["/api/v1/accreditations"]["get"]
    assert {one["name"] for one in listed["parameters"]} == {
        "page_size",
        "page_token",
        "state",
        "specialty",
        "order_by",
    }
    schema = described["components"]["schemas"]["Accreditation"]["properties"]
    assert set(schema) == set(an_item())


async def test_readiness_tells_of_every_service(cabinet: Cabinet) -> None:
    answer = await cabinet.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["services"] == {
        "gateway": True,
        "auth": True,
        "accreditation": True,
        "notify": True,
        "egisz-bridge": True,
        "education": True,
    }
    cabinet.parts.health.draining = True
    assert (await cabinet.get("/readyz")).status_code == 503
    assert (await cabinet.get("/readyz/self")).status_code == 503
    assert (await cabinet.get("/healthz")).status_code == 200
