"""Step-up at the gateway: what asks for it, the way through it, and what goes on afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import identity_service_pb2 as pb
from lxml import html
from played_cabinet import MESSAGE_ID, Build, Cabinet, a_session, document, refusing, stamp

from lkmr_gateway import access
from lkmr_gateway.access import Entrance, Rule
from lkmr_servicekit.errors import Category

GUARDED = f"/messages/{MESSAGE_ID}/read"
RENEWED = "r" * 43
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def cabinet(build: Build, monkeypatch: pytest.MonkeyPatch) -> Cabinet:
    """A cabinet in which marking a message as read asks for a step-up."""
    guarded = Rule(Entrance.SESSION, step_up=True)
    for path in ("/messages/{message}/read", "/api/v1/messages/{message}/read"):
        monkeypatch.setitem(access.RULES, ("POST", path), guarded)
    made: Cabinet = await build()
    plain, proven = a_session(family="f1"), a_session(family="f1")
    proven.assurance = auth_pb.ASSURANCE_STEPPED_UP
    proven.step_up_expire_time.CopyFrom(stamp(datetime.now(UTC) + timedelta(minutes=5)))
    made.signed_in(plain)
    old: list[bytes] = []

    def resolve(request: auth_pb.ResolveSessionRequest) -> auth_pb.Session:
        old[:] = old or [request.session_hash]
        return plain if request.session_hash == old[0] else proven

    made.auth.on["ResolveSession"] = resolve
    made.identity.on["GetStepUp"] = lambda _: pb.StepUp(password_required=True, code=a_code())
    made.identity.on["StartStepUp"] = made.identity.on["GetStepUp"]
    made.identity.on["ConfirmStepUp"] = lambda _: auth_pb.SessionStarted(session_cookie=RENEWED)
    made.notify.on["MarkMessageRead"] = lambda _: document({"id": MESSAGE_ID})
    return made


def a_code(attempts: int = 3) -> auth_pb.CodeRequired:
    now = datetime.now(UTC)
    return auth_pb.CodeRequired(
        phone_masked="+7 900 ***-**-01",
        expire_time=stamp(now + timedelta(minutes=5)),
        attempts_left=attempts,
        resend_time=stamp(now + timedelta(minutes=1)),
    )


def hidden(text: str, action: str) -> dict[str, str]:
    form = next(one for one in html.fromstring(text).forms if one.action == action)
    return {name: value or "" for name, value in form.form_values()}


async def send(cabinet: Cabinet, path: str, **fields: str) -> Any:
    return await cabinet.post(path, fields, accept="text/html", content_type=FORM)


async def test_the_api_refuses_with_the_reason_and_where_to_confirm(cabinet: Cabinet) -> None:
    csrf = await cabinet.csrf()

    answer = await cabinet.post(f"/api/v1{GUARDED}", csrf=csrf)

    told = answer.json()
    assert (answer.status_code, told["code"]) == (403, "LKMR-SESS-003")
    assert told["reason"] == "STEP_UP_REQUIRED"
    assert told["metadata"] == {"confirm": "/api/v1/step-up", "page": "/step-up"}
    assert told["actions"][0]["href"] == "/step-up"
    assert not any(method == "MarkMessageRead" for method, _ in cabinet.notify.calls)
    told = [one for method, one in cabinet.auth.calls if method == "RecordActs"]
    assert [one.act.reason for acts in told for one in acts.entries] == ["STEP_UP_REQUIRED"]


async def test_the_api_proves_the_person_and_renews_the_cookie(cabinet: Cabinet) -> None:
    csrf = await cabinet.csrf()
    sent = await cabinet.post("/api/v1/step-up/code", csrf=csrf)
    assert sent.json()["code"]["phone_masked"] == "+7 900 ***-**-01"

    answer = await cabinet.client.post(
        "/api/v1/step-up/confirm",
        json={"code": "12 34 56", "password": "Kabinet-2026!"},
        headers={**cabinet.headers, "x-csrf-token": csrf},
    )

    assert answer.status_code == 200
    assert answer.json()["assurance"] == "STEPPED_UP"
    assert answer.json()["csrf_token"] == csrf  # forms in other tabs stay good
    assert answer.headers["set-cookie"].startswith(f"__Host-lkmr={RENEWED};")
    asked = next(one for method, one in cabinet.identity.calls if method == "ConfirmStepUp")
    assert (asked.code, asked.password) == ("123456", "Kabinet-2026!")
    cabinet.headers["cookie"] = f"__Host-lkmr={RENEWED}"
    assert (await cabinet.get("/api/v1/session")).json()["assurance"] == "STEPPED_UP"
    assert (await cabinet.post(f"/api/v1{GUARDED}", csrf=csrf)).status_code == 200


async def test_a_form_waits_through_the_confirmation_and_is_then_sent_on(cabinet: Cabinet) -> None:
    csrf = await cabinet.csrf()

    refused = await send(cabinet, GUARDED, csrf_token=csrf)
    assert refused.status_code == 403
    carried = hidden(refused.text, "/step-up/code")
    asked = await send(cabinet, "/step-up/code", **carried)
    carried = hidden(asked.text, "/step-up")
    done = await send(cabinet, "/step-up", **{**carried, "code": "123456", "password": "x"})

    assert done.status_code == 303
    assert done.headers["location"] == "/messages"
    assert done.headers["set-cookie"].startswith(f"__Host-lkmr={RENEWED};")
    assert sum(method == "MarkMessageRead" for method, _ in cabinet.notify.calls) == 1


async def test_a_wrong_code_is_said_at_its_field_and_the_form_still_waits(
    cabinet: Cabinet,
) -> None:
    csrf = await cabinet.csrf()
    carried = hidden((await send(cabinet, GUARDED, csrf_token=csrf)).text, "/step-up/code")
    cabinet.identity.on["ConfirmStepUp"] = refusing(
        "CODE_WRONG", Category.INVALID_ARGUMENT, attempts_left="2"
    )

    answer = await send(cabinet, "/step-up", **carried, code="000000", password="x")

    assert answer.status_code == 400
    assert "Осталось попыток: 2" in answer.text.replace("\xa0", " ")
    assert hidden(answer.text, "/step-up")["kept"] == carried["kept"]


@pytest.mark.parametrize(
    "action", ["/api/v1/sessions", "/auth/logout", "https://evil.example/", "/step-up", "/nowhere"]
)
async def test_only_a_form_of_our_pages_is_sent_on(cabinet: Cabinet, action: str) -> None:
    csrf = await cabinet.csrf()

    answer = await send(
        cabinet,
        "/step-up",
        csrf_token=csrf,
        action=action,
        kept="YT0x",
        code="123456",
        return_to="//evil.example",
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_reduced_session_reads_its_own_and_does_nothing_else(cabinet: Cabinet) -> None:
    made = a_session(family="f2")
    made.assurance = auth_pb.ASSURANCE_REDUCED
    cabinet.signed_in(made)
    csrf = await cabinet.csrf()

    assert (await cabinet.get("/api/v1/accreditations")).status_code == 200
    refused = await cabinet.post(f"/api/v1{GUARDED}", csrf=csrf)

    assert (refused.status_code, refused.json()["code"]) == (403, "LKMR-SESS-004")


async def test_a_session_gets_a_new_id_with_a_read_when_it_is_due(build: Build) -> None:
    cabinet: Cabinet = await build()
    due = a_session(family="f3")
    due.renew_time.CopyFrom(stamp(datetime.now(UTC) - timedelta(seconds=1)))
    cabinet.signed_in(due)
    cabinet.identity.on["RenewSession"] = lambda _: auth_pb.SessionStarted(session_cookie=RENEWED)

    background = await cabinet.get("/api/v1/session")
    act = await cabinet.get("/api/v1/messages")
    again = await cabinet.get("/api/v1/messages")

    assert "set-cookie" not in background.headers
    assert act.headers["set-cookie"] == (
        f"__Host-lkmr={RENEWED}; Secure; HttpOnly; SameSite=Lax; Path=/"
    )
    assert "set-cookie" not in again.headers


async def test_a_renewal_that_fails_leaves_the_session_as_it_is(build: Build) -> None:
    cabinet: Cabinet = await build()
    due = a_session(family="f4")
    due.renew_time.CopyFrom(stamp(datetime.now(UTC) - timedelta(seconds=1)))
    cabinet.signed_in(due)
    cabinet.identity.on["RenewSession"] = refusing("SESSION_REVOKED", Category.UNAUTHENTICATED)

    answer = await cabinet.get("/api/v1/messages")

    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
