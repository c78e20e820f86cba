"""Sign-in at the gateway: cookies, steps, refusals; no return from ESIA gives a bare code."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1 import identity_service_pb2 as identity_pb
from lxml import html
from played_cabinet import CHROME, COOKIE, Cabinet, refusing, stamp

from lkmr_gateway.backends.auth import Auth
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_client import Peer

LOGIN = "l" * 43
STATE = "5b1f6b9e-8d1c-4a57-a3a4-0c9d2e7f6a10"


def with_login(cabinet: Cabinet) -> None:
    cabinet.headers["cookie"] = f"__Host-lkmr-login={LOGIN}"


def cookies_of(answer: Any) -> dict[str, str]:
    given_cookies = answer.headers.get_list("set-cookie")
    return {one.partition("=")[0]: one for one in given_cookies}


def a_code_step(attempts: int = 3) -> pb.SignInStep:
    now = datetime.now(UTC)
    return pb.SignInStep(
        code=pb.CodeRequired(
            phone_masked="+7 900 ***-**-06",
            expire_time=stamp(now + timedelta(minutes=5)),
            attempts_left=attempts,
            resend_time=stamp(now + timedelta(minutes=1)),
        )
    )


def a_profile_step() -> pb.SignInStep:
    names = [("org-kb2", "КБ № 2"), ("org-gp1", "ГП № 1")]
    profiles = [
        pb.Profile(
            name=f"{one}/DOCTOR",
            organization=one,
            organization_name=name,
            organization_short_name=name,
            role="DOCTOR",
            position="врач-кардиолог",
        )
        for one, name in names
    ]
    return pb.SignInStep(profile=pb.ProfileRequired(profiles=profiles), login_cookie="n" * 43)


def a_session_step(return_to: str = "/accreditations") -> pb.SignInStep:
    return pb.SignInStep(session=pb.SessionStarted(session_cookie=COOKIE, return_to=return_to))


async def sign_in_token(cabinet: Cabinet) -> str:
    return cabinet.parts.csrf.sign_in_token(LOGIN.encode())


async def test_sign_in_begins_at_the_origin_of_the_browser(cabinet: Cabinet) -> None:
    cabinet.auth.on["StartSignIn"] = lambda _: pb.StartSignInResponse(
        redirect_url="https://esia.example/aas/oauth2/v2/ac?x=1", login_cookie=LOGIN
    )

    answer = await cabinet.get("/auth/login?return_to=/accreditations")

    assert answer.status_code == 302
    assert answer.headers["location"] == "https://esia.example/aas/oauth2/v2/ac?x=1"
    assert cookies_of(answer)["__Host-lkmr-login"] == (
        f"__Host-lkmr-login={LOGIN}; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=600"
    )
    asked = cabinet.auth.calls[0][1]
    assert (asked.origin, asked.return_to) == (cabinet.url, "/accreditations")
    assert (asked.address, asked.user_agent) == ("127.0.0.1", CHROME)


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/\\evil", "/x"])
async def test_sign_in_forgets_an_address_that_is_not_ours(cabinet: Cabinet, wanted: str) -> None:
    cabinet.auth.on["StartSignIn"] = lambda _: pb.StartSignInResponse(
        redirect_url="https://esia.example/", login_cookie=LOGIN
    )

    await cabinet.get(f"/auth/login?return_to={quote(wanted, safe='')}")

    assert cabinet.auth.calls[0][1].return_to == "/"


@pytest.mark.parametrize(
    ("reason", "category", "metadata", "status", "code"),
    [
        ("ESIA_UNAVAILABLE", Category.UNAVAILABLE, {}, 503, "LKMR-AUTH-007"),
        (
            "ESIA_MAINTENANCE",
            Category.UNAVAILABLE,
            {"end_time": "2026-11-24T18:00:00Z"},
            503,
            "LKMR-AUTH-008",
        ),
        ("ESIA_OVERLOADED", Category.UNAVAILABLE, {"seconds": "30"}, 503, "LKMR-AUTH-009"),
        ("ORIGIN_UNKNOWN", Category.INVALID_ARGUMENT, {}, 400, "LKMR-AUTH-010"),
        ("SIGN_IN_RATE_LIMITED", Category.RATE_LIMITED, {"seconds": "7"}, 429, "LKMR-AUTH-025"),
        ("DATABASE_UNAVAILABLE", Category.UNAVAILABLE, {}, 503, "LKMR-AUTH-024"),
    ],
)
async def test_a_sign_in_that_cannot_begin_is_explained(  # noqa: PLR0917 - the columns of a table
    cabinet: Cabinet,
    reason: str,
    category: Category,
    metadata: dict[str, str],
    status: int,
    code: str,
) -> None:
    cabinet.auth.on["StartSignIn"] = refusing(reason, category, **metadata)

    page = await cabinet.page("/auth/login")
    program = await cabinet.get("/auth/login")

    assert page.status_code == program.status_code == status
    assert code in page.text
    assert "Попробовать ещё раз" in page.text
    assert program.json()["code"] == code
    if "seconds" in metadata:
        assert page.headers["retry-after"] == metadata["seconds"]
    if "end_time" in metadata:
        assert "24.11.2026 21:00 МСК" in program.json()["detail"]


async def test_auth_being_away_is_a_cause_of_its_own(cabinet: Cabinet) -> None:
    async with Peer("auth", "127.0.0.1:1", tls_dir=None) as nobody:
        vars(cabinet.parts.auth).update(vars(Auth(nobody)))

        for path in ("/auth/login", f"/auth/callback?code=a&state={STATE}"):
            answer = await cabinet.page(path)
            assert answer.status_code == 503
            assert "LKMR-AUTH-024" in answer.text


async def test_the_return_with_a_session_sets_its_cookie_and_leads_on(cabinet: Cabinet) -> None:
    with_login(cabinet)
    cabinet.auth.on["FinishSignIn"] = lambda _: a_session_step()

    answer = await cabinet.get(f"/auth/callback?code=abc.def&state={STATE}")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/accreditations"
    made = cookies_of(answer)
    assert made["__Host-lkmr"] == f"__Host-lkmr={COOKIE}; Secure; HttpOnly; SameSite=Lax; Path=/"
    assert "Max-Age=0" in made["__Host-lkmr-login"]
    asked = cabinet.auth.calls[0][1]
    assert (asked.login_cookie, asked.code, asked.state) == (LOGIN, "abc.def", STATE)
    assert asked.device == "chrome;linux"


async def test_a_return_address_of_auth_is_checked_again(cabinet: Cabinet) -> None:
    with_login(cabinet)
    cabinet.auth.on["FinishSignIn"] = lambda _: a_session_step("//evil.example")

    answer = await cabinet.get(f"/auth/callback?code=a&state={STATE}")

    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("step", "where"),
    [
        (a_code_step(), "/auth/code"),
        (a_profile_step(), "/auth/profile"),
        (
            pb.SignInStep(activation=pb.ActivationRequired(greeting_name="Анна")),
            "/auth/activation",
        ),
    ],
)
async def test_a_sign_in_that_waits_leads_to_its_step(
    cabinet: Cabinet, step: pb.SignInStep, where: str
) -> None:
    with_login(cabinet)
    cabinet.auth.on["FinishSignIn"] = cabinet.auth.on["GetSignIn"] = lambda _: step
    cabinet.identity.on["GetActivation"] = lambda _: identity_pb.Activation(
        stage=identity_pb.Activation.STAGE_EMPLOYEE
    )

    answer = await cabinet.get(f"/auth/callback?code=a&state={STATE}")

    assert (answer.status_code, answer.headers["location"]) == (303, where)
    assert ("__Host-lkmr-login" in cookies_of(answer)) == bool(step.login_cookie)
    shown = await cabinet.page(where)
    assert shown.status_code == 200
    for other in {"/auth/code", "/auth/profile", "/auth/activation"} - {where}:
        assert (await cabinet.page(other)).headers["location"] == where


@pytest.mark.parametrize(
    ("reason", "category", "status", "code"),
    [
        ("SIGN_IN_STATE_LOST", Category.FAILED_PRECONDITION, 400, "LKMR-AUTH-014"),
        ("ESIA_DENIED", Category.PERMISSION_DENIED, 403, "LKMR-AUTH-013"),
        ("ESIA_CODE_REFUSED", Category.FAILED_PRECONDITION, 400, "LKMR-AUTH-015"),
        ("ESIA_REQUEST_REFUSED", Category.UNAVAILABLE, 502, "LKMR-AUTH-016"),
        ("ACCOUNT_NOT_CONFIRMED", Category.PERMISSION_DENIED, 403, "LKMR-AUTH-017"),
        ("IDENTITY_NAME_DIFFERS", Category.FAILED_PRECONDITION, 409, "LKMR-IDENT-001"),
        ("IDENTITY_BIRTH_DATE_DIFFERS", Category.FAILED_PRECONDITION, 409, "LKMR-IDENT-002"),
        ("IDENTITY_POLICY_DIFFERS", Category.FAILED_PRECONDITION, 409, "LKMR-IDENT-003"),
        ("IDENTITY_CHECK_UNAVAILABLE", Category.UNAVAILABLE, 503, "LKMR-IDENT-005"),
        ("WORKER_NOT_IN_REGISTER", Category.NOT_FOUND, 404, "LKMR-IDENT-006"),
        ("ACCOUNT_BLOCKED", Category.PERMISSION_DENIED, 423, "LKMR-AUTH-026"),
        ("CODE_BLOCKED", Category.PERMISSION_DENIED, 423, "LKMR-CONF-005"),
    ],
)
async def test_a_refused_sign_in_says_why_and_what_to_do(
    cabinet: Cabinet, reason: str, category: Category, status: int, code: str
) -> None:
    with_login(cabinet)
    cabinet.auth.on["FinishSignIn"] = refusing(reason, category)

    answer = await cabinet.page(f"/auth/callback?code=a&state={STATE}")

    assert answer.status_code == status
    assert code in answer.text
    assert "Попробовать ещё раз" in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "Max-Age=0" in cookies_of(answer)["__Host-lkmr-login"]


async def test_several_differing_fields_are_named_without_values(cabinet: Cabinet) -> None:
    with_login(cabinet)
    cabinet.auth.on["FinishSignIn"] = refusing(
        "IDENTITY_SEVERAL_DIFFER", Category.FAILED_PRECONDITION, fields="name,birth_date"
    )

    answer = await cabinet.page(f"/auth/callback?code=a&state={STATE}")

    assert answer.status_code == 409
    assert "Дата рождения" in answer.text
    assert "LKMR-IDENT-004" in answer.text


async def test_no_mangled_return_gives_a_server_fault_or_a_bare_code(cabinet: Cabinet) -> None:
    seen: list[pb.FinishSignInRequest] = []

    def finish(request: pb.FinishSignInRequest) -> pb.SignInStep:
        seen.append(request)
        raise refusing_state  # the state is never the one of the record

    refusing_state = ServiceError("SIGN_IN_STATE_LOST", Category.FAILED_PRECONDITION)
    cabinet.auth.on["FinishSignIn"] = finish
    queries = [
        "",
        "code",
        "code=%00&state=%00",
        "code=%FF%FE&state=%ED%A0%80",
        f"code=a&code=b&state={STATE}&state={STATE}",
        "code=" + "a" * 7000,
        "error=%3Cscript%3E&error_description=%3Cscript%3Ealert(1)%3C/script%3E",
        "error=access_denied&error_description=" + quote("ЕСИА\r\nSet-Cookie: a=b"),
        "&&&&=&=",
        "state[]=1&code[]=2",
        "&".join(f"a{number}=1" for number in range(200)),
        f"code=a%0d%0aX: y&state={STATE}",
    ]
    for query in queries:
        answer = await cabinet.page(f"/auth/callback?{query}")
        assert answer.status_code == 400, query
        assert "LKMR-AUTH-014" in answer.text
        assert "<script>alert" not in answer.text
    for request in seen:
        for name in ("code", "state", "error", "error_description"):
            assert all(sign.isprintable() for sign in getattr(request, name))


async def test_the_code_is_asked_for_and_taken(cabinet: Cabinet) -> None:
    with_login(cabinet)
    cabinet.auth.on["GetSignIn"] = lambda _: a_code_step()
    cabinet.auth.on["SubmitSignInCode"] = lambda _: a_session_step("/")
    token = await sign_in_token(cabinet)

    shown = await cabinet.page("/auth/code")
    answer = await cabinet.post("/auth/code", {"code": " 123 456 ", "csrf_token": token})

    assert 'autocomplete="one-time-code"' in shown.text
    assert f'value="{token}"' in shown.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "__Host-lkmr" in cookies_of(answer)
    sent = next(request for name, request in cabinet.auth.calls if name == "SubmitSignInCode")
    assert (sent.code, sent.login_cookie) == ("123456", LOGIN)


async def test_a_form_of_the_sign_in_without_its_token_is_refused(cabinet: Cabinet) -> None:
    with_login(cabinet)

    for data in ({"code": "123456"}, {"code": "123456", "csrf_token": "x" * 43}):
        answer = await cabinet.post("/auth/code", data)
        assert answer.status_code == 403
        assert answer.json()["code"] == "LKMR-SESS-002"
    assert {name for name, _ in cabinet.auth.calls} <= {"RecordActs"}


async def test_a_wrong_code_is_shown_at_the_field_with_the_attempts_left(cabinet: Cabinet) -> None:
    with_login(cabinet)
    cabinet.auth.on["GetSignIn"] = lambda _: a_code_step(2)
    cabinet.auth.on["SubmitSignInCode"] = refusing(
        "CODE_WRONG", Category.INVALID_ARGUMENT, attempts_left="2"
    )
    data = {"code": "000000", "csrf_token": await sign_in_token(cabinet)}

    page = await cabinet.post("/auth/code", data, accept="text/html")
    program = await cabinet.post("/auth/code", data)

    assert page.status_code == program.status_code == 400
    assert "LKMR-CONF-001" in page.text
    assert 'name="code"' in page.text
    assert program.json()["code"] == "LKMR-CONF-001"
    assert program.json()["metadata"] == {"attempts_left": "2"}


async def test_the_third_wrong_code_ends_the_sign_in(cabinet: Cabinet) -> None:
    with_login(cabinet)
    cabinet.auth.on["SubmitSignInCode"] = refusing("CODE_BLOCKED", Category.PERMISSION_DENIED)
    data = {"code": "000000", "csrf_token": await sign_in_token(cabinet)}

    answer = await cabinet.post("/auth/code", data, accept="text/html")

    assert answer.status_code == 423
    assert "LKMR-CONF-005" in answer.text
    assert "Max-Age=0" in cookies_of(answer)["__Host-lkmr-login"]


async def test_a_new_code_is_sent_or_its_wait_is_told(cabinet: Cabinet) -> None:
    with_login(cabinet)
    cabinet.auth.on["GetSignIn"] = lambda _: a_code_step()
    cabinet.auth.on["ResendSignInCode"] = lambda _: a_code_step()
    data = {"csrf_token": await sign_in_token(cabinet)}

    sent = await cabinet.post("/auth/code/resend", data)
    cabinet.auth.on["ResendSignInCode"] = refusing(
        "CODE_TOO_SOON", Category.RATE_LIMITED, seconds="41"
    )
    early = await cabinet.post("/auth/code/resend", data, accept="text/html")

    assert (sent.status_code, sent.headers["location"]) == (303, "/auth/code")
    assert early.status_code == 429
    assert early.headers["retry-after"] == "41"


async def test_a_telephone_that_differs_is_told_at_its_field_with_the_way_to_the_profile(
    cabinet: Cabinet,
) -> None:
    with_login(cabinet)
    cabinet.auth.on["GetSignIn"] = lambda _: a_code_step()
    cabinet.auth.on["ResendSignInCode"] = refusing("PHONE_DIFFERS", Category.INVALID_ARGUMENT)
    data = {"csrf_token": await sign_in_token(cabinet), "phone": "+7 900 000-00-02"}

    answer = await cabinet.post("/auth/code/resend", data, accept="text/html")

    (asked,) = [one for name, one in cabinet.auth.calls if name == "ResendSignInCode"]
    assert asked.phone == "+7 900 000-00-02"
    assert (answer.status_code, "LKMR-CONF-014" in answer.text) == (422, True)
    page = html.fromstring(answer.text)
    (field,) = page.xpath("//input[@name='phone']")
    assert (field.get("aria-invalid"), field.get("value")) == ("true", None)
    assert page.xpath("//a[@href='https://esia.example/profile']")
    assert page.xpath("//input[@name='code'][not(@aria-invalid)]")
    assert "+7 900 000-00-02" not in answer.text
    assert "__Host-lkmr-login" not in cookies_of(answer)


async def test_a_profile_is_chosen_by_its_name(cabinet: Cabinet) -> None:
    with_login(cabinet)
    cabinet.auth.on["GetSignIn"] = lambda _: a_profile_step()
    cabinet.auth.on["ChooseProfile"] = lambda _: a_session_step("/")
    token = await sign_in_token(cabinet)

    shown = await cabinet.page("/auth/profile")
    none = await cabinet.post("/auth/profile", {"csrf_token": token}, accept="text/html")
    answer = await cabinet.post("/auth/profile", {"profile": "org-kb2/DOCTOR", "csrf_token": token})

    assert 'value="org-kb2/DOCTOR"' in shown.text
    assert 'name="profile"' in shown.text
    assert none.status_code == 422
    assert answer.status_code == 303
    assert cabinet.auth.calls[-1][1].profile == "org-kb2/DOCTOR"


async def test_a_step_without_its_cookie_is_a_lost_state(cabinet: Cabinet) -> None:
    for path in ("/auth/code", "/auth/profile", "/auth/activation"):
        answer = await cabinet.page(path)
        assert answer.status_code == 400
        assert "LKMR-AUTH-014" in answer.text


async def test_sign_out_ends_the_session_everywhere(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.auth.on["EndSession"] = lambda _: pb.EndSessionResponse(
        esia_logout_url="https://esia.example/idp/ext/Logout?x=1"
    )
    token = await cabinet.csrf()
    cabinet.auth.on["ResolveSession"] = refusing("SESSION_UNKNOWN", Category.UNAUTHENTICATED)

    answer = await cabinet.post("/auth/logout", {"csrf_token": token})

    assert answer.status_code == 303
    assert answer.headers["location"] == "https://esia.example/idp/ext/Logout?x=1"
    assert "Max-Age=0" in cookies_of(answer)["__Host-lkmr"]
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert (await cabinet.get("/api/v1/session")).status_code == 401


async def test_sign_out_needs_a_post_with_the_token(cabinet: Cabinet) -> None:
    cabinet.signed_in()

    assert (await cabinet.get("/auth/logout")).status_code == 405
    assert (await cabinet.post("/auth/logout")).status_code == 403


async def test_a_switch_of_profile_changes_the_cookie(cabinet: Cabinet) -> None:
    cabinet.signed_in()
    cabinet.auth.on["SwitchProfile"] = lambda _: pb.SessionStarted(session_cookie="w" * 43)
    data = {"profile": "org-kb2/DOCTOR", "csrf_token": await cabinet.csrf()}

    answer = await cabinet.post("/auth/switch", data)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert cookies_of(answer)["__Host-lkmr"].startswith(f"__Host-lkmr={'w' * 43};")


async def test_staying_counts_as_an_act_and_looking_at_the_session_does_not(
    cabinet: Cabinet,
) -> None:
    cabinet.signed_in()
    await cabinet.get("/api/v1/session")
    await cabinet.parts.sessions.report_due(-1)
    assert not [name for name, _ in cabinet.auth.calls if name == "TouchSession"]

    await cabinet.post("/auth/keep", csrf=await cabinet.csrf())
    await cabinet.get("/api/v1/messages", x_background="1")
    await cabinet.parts.sessions.report_due(-1)

    assert len([name for name, _ in cabinet.auth.calls if name == "TouchSession"]) == 1
