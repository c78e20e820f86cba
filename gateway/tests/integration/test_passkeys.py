"""Passkeys and backup codes at the gateway: kept behind a step-up, used as one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import identity_service_pb2 as identity_pb
from lkmr.auth.v1 import passkey_service_pb2 as pb
from lxml import html
from played_cabinet import Build, Cabinet, a_session, document, refusing, stamp

from lkmr_gateway.entry import key_of
from lkmr_servicekit.errors import Category

RENEWED = "r" * 43
FORM = "application/x-www-form-urlencoded"
KEY = "11111111-1111-4111-8111-111111111111"
CREDENTIAL = json.dumps({"id": "x" * 22, "response": {"signature": "s" * 1500}})
KEYS = {
    "items": [
        {
            "id": KEY,
            "name": "Телефон",
            "address": "127.0.0.1",
            "create_time": "2026-11-20T09:14:00Z",
            "use_time": None,
        }
    ],
    "backup_codes_left": 7,
}


@pytest.fixture
async def cabinet(build: Build) -> Cabinet:
    made: Cabinet = await build()
    plain, proven = a_session(family="f1"), a_session(family="f1")
    proven.assurance = auth_pb.ASSURANCE_STEPPED_UP
    proven.step_up_expire_time.CopyFrom(stamp(datetime.now(UTC) + timedelta(minutes=5)))
    made.signed_in(plain)

    def resolve(request: auth_pb.ResolveSessionRequest) -> auth_pb.Session:
        return proven if request.session_hash == key_of(RENEWED.encode()) else plain

    made.auth.on["ResolveSession"] = resolve
    made.identity.on["GetStepUp"] = lambda _: identity_pb.StepUp(
        passkey_offered=True, backup_code_offered=True
    )
    started = auth_pb.SessionStarted(session_cookie=RENEWED)
    made.passkeys.on |= {
        "ReadPasskeys": lambda _: document(KEYS),
        "StartPasskey": lambda _: pb.PasskeyOptions(options='{"challenge": "YT0x"}'),
        "CreatePasskey": lambda _: document(KEYS),
        "RenamePasskey": lambda _: document(KEYS),
        "DeletePasskey": lambda _: document({"items": [], "backup_codes_left": 0}),
        "IssueBackupCodes": lambda _: pb.IssueBackupCodesResponse(codes=["ABCDE-23456"] * 10),
        "StartPasskeyProof": lambda _: pb.PasskeyOptions(options='{"challenge": "YT0y"}'),
        "ProveByPasskey": lambda _: started,
        "ProveByBackupCode": lambda _: started,
    }
    return made


def proven(cabinet: Cabinet) -> None:
    """The browser goes on with the cookie that a step-up gave."""
    cabinet.headers["cookie"] = f"__Host-lkmr={RENEWED}"


def hidden(text: str, action: str) -> dict[str, str]:
    form = next(one for one in html.fromstring(text).forms if one.action == action)
    return {name: value or "" for name, value in form.form_values()}


async def send(cabinet: Cabinet, path: str, **fields: str) -> Any:
    return await cabinet.post(path, fields, accept="text/html", content_type=FORM)


async def api(cabinet: Cabinet, method: str, path: str, body: Any = None) -> Any:
    csrf = await cabinet.csrf()
    headers = {**cabinet.headers, "x-csrf-token": csrf}
    return await cabinet.client.request(method, f"/api/v1/{path}", json=body, headers=headers)


def asked(cabinet: Cabinet, wanted: str) -> Any:
    return next(one for method, one in cabinet.passkeys.calls if method == wanted)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "passkeys/options"),
        ("POST", "passkeys"),
        ("DELETE", f"passkeys/{KEY}"),
        ("POST", "backup-codes"),
    ],
)
async def test_keys_and_codes_change_only_after_a_step_up(
    cabinet: Cabinet, method: str, path: str
) -> None:
    answer = await api(cabinet, method, path)

    assert (answer.status_code, answer.json()["reason"]) == (403, "STEP_UP_REQUIRED")


async def test_a_key_proves_through_the_api_and_the_cookie_changes(cabinet: Cabinet) -> None:
    asks = await api(cabinet, "POST", "step-up/passkey")
    answer = await api(cabinet, "POST", "step-up/passkey/confirm", {"credential": CREDENTIAL})

    assert asks.json() == {"options": {"challenge": "YT0y"}}
    assert asked(cabinet, "StartPasskeyProof").origin == cabinet.url
    assert asked(cabinet, "ProveByPasskey").credential == CREDENTIAL
    assert answer.json()["assurance"] == "STEPPED_UP"
    assert answer.headers["set-cookie"].startswith(f"__Host-lkmr={RENEWED};")


async def test_keys_are_kept_through_the_api(cabinet: Cabinet) -> None:
    proven(cabinet)
    assert (await cabinet.get("/api/v1/passkeys")).json() == KEYS

    options = await api(cabinet, "POST", "passkeys/options")
    assert options.json() == {"options": {"challenge": "YT0x"}}
    made = await api(cabinet, "POST", "passkeys", {"name": "Телефон", "credential": CREDENTIAL})
    assert (made.status_code, made.json()) == (201, KEYS)
    renamed = await api(cabinet, "PATCH", f"passkeys/{KEY}", {"name": "Другой"})
    assert renamed.status_code == 200
    assert asked(cabinet, "RenamePasskey").display_name == "Другой"
    removed = await api(cabinet, "DELETE", f"passkeys/{KEY}")
    assert removed.json()["items"] == []
    codes = await api(cabinet, "POST", "backup-codes")
    assert (codes.status_code, len(codes.json()["codes"])) == (201, 10)


async def test_a_form_waits_for_a_key_and_is_then_sent_on(cabinet: Cabinet) -> None:
    csrf = await cabinet.csrf()
    refused = await send(cabinet, f"/security/passkeys/{KEY}/remove", csrf_token=csrf)
    found = await cabinet.get("/step-up", accept="text/html")
    assert 'action="/step-up/passkey"' in found.text
    carried = hidden(refused.text, "/step-up/code")

    done = await send(cabinet, "/step-up/passkey", **{**carried, "credential": CREDENTIAL})

    assert (done.status_code, done.headers["location"]) == (303, "/security?done=key_removed")
    assert done.headers["set-cookie"].startswith(f"__Host-lkmr={RENEWED};")
    assert asked(cabinet, "DeletePasskey").passkey == KEY


async def test_a_wrong_backup_code_is_said_at_its_field(cabinet: Cabinet) -> None:
    cabinet.passkeys.on["ProveByBackupCode"] = refusing(
        "BACKUP_CODE_WRONG", Category.INVALID_ARGUMENT
    )
    csrf = await cabinet.csrf()

    answer = await send(
        cabinet, "/step-up/backup-code", csrf_token=csrf, backup_code="22222-22222", return_to="/"
    )

    assert answer.status_code == 400
    (field,) = html.fromstring(answer.text).xpath("//input[@name='backup_code']")
    assert field.get("aria-invalid") == "true"


async def test_a_key_that_is_not_taken_leaves_the_other_ways_open(cabinet: Cabinet) -> None:
    cabinet.passkeys.on["ProveByPasskey"] = refusing("PASSKEY_REFUSED", Category.INVALID_ARGUMENT)
    csrf = await cabinet.csrf()

    answer = await send(
        cabinet, "/step-up/passkey", csrf_token=csrf, credential="{}", return_to="/profile"
    )

    assert (answer.status_code, "LKMR-CONF-020" in answer.text) == (400, True)
    assert hidden(answer.text, "/step-up/code")["return_to"] == "/profile"


async def test_a_name_that_does_not_fit_is_said_at_its_field_with_a_new_challenge(
    cabinet: Cabinet,
) -> None:
    proven(cabinet)
    cabinet.passkeys.on["CreatePasskey"] = refusing(
        "PASSKEY_NAME_INVALID", Category.INVALID_ARGUMENT, field="name"
    )
    csrf = await cabinet.csrf()

    answer = await send(
        cabinet, "/security/passkeys", csrf_token=csrf, name="", credential=CREDENTIAL
    )

    assert answer.status_code == 422
    (form,) = html.fromstring(answer.text).xpath("//form[@data-passkey='create']")
    assert json.loads(form.get("data-options")) == {"challenge": "YT0x"}


async def test_the_page_of_a_new_key_leads_through_the_step_up(cabinet: Cabinet) -> None:
    led = await cabinet.page("/security/passkeys/new")
    assert led.headers["location"] == "/step-up?return_to=/security/passkeys/new"
    proven(cabinet)

    assert (await cabinet.page("/security/passkeys/new")).status_code == 200


async def test_codes_are_shown_once_on_a_page(cabinet: Cabinet) -> None:
    proven(cabinet)
    csrf = await cabinet.csrf()

    answer = await send(cabinet, "/security/backup-codes", csrf_token=csrf)

    assert answer.status_code == 200
    assert len(html.fromstring(answer.text).xpath("//ol[@id='backup-codes']/li")) == 10
    assert answer.headers["cache-control"] == "no-store"


async def test_the_security_page_lists_keys_and_goes_without_them_when_they_are_away(
    cabinet: Cabinet,
) -> None:
    cabinet.auth.on["ListSessions"] = lambda _: document({"items": [], "sign_ins": []})
    assert "Телефон" in (await cabinet.page("/security")).text
    cabinet.passkeys.on["ReadPasskeys"] = refusing("AUTH_UNAVAILABLE", Category.UNAVAILABLE)

    page = await cabinet.page("/security")

    assert (page.status_code, "Ключи входа" in page.text) == (200, False)


async def test_pages_may_use_keys_and_foreign_frames_may_not(cabinet: Cabinet) -> None:
    allowed = (await cabinet.page("/security")).headers["permissions-policy"]

    assert "publickey-credentials-get=(self)" in allowed
    assert "publickey-credentials-create=(self)" in allowed
