"""Causes of refusal: each has its code, its steps, and a page that names it afterwards."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from lkmr.auth.v1 import auth_service_pb2 as pb
from lxml import html
from played_cabinet import Cabinet, refusing
from test_sign_in import LOGIN, STATE, cookies_of, with_login

from lkmr_gateway.composer import Composer
from lkmr_gateway.exchange import Refused
from lkmr_gateway.problems import Problem, catalogue, problem
from lkmr_servicekit.errors import Category

OLD = "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/79.0.3945.88 Safari/537.36"
INTERNET_EXPLORER = "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko"
CALLBACK = f"/auth/callback?code=a&state={STATE}"


def known_cause(page: Any) -> str:
    """The heading of the one cause that the self-check names; empty for none."""
    found = html.fromstring(page.text).xpath("//section[@data-known]/h2")
    return str(found[0].text_content()).replace("\u00a0", " ") if found else ""


async def refuse(cabinet: Cabinet, reason: str, category: Category, **more: str) -> Any:
    """A return from Gosuslugi that ends in a refusal; the browser keeps what it is given."""
    with_login(cabinet)
    cabinet.auth.on["FinishSignIn"] = refusing(reason, category, **more)
    answer = await cabinet.page(CALLBACK)
    kept = cookies_of(answer)["__Host-lkmr-fault"].partition(";")[0]
    cabinet.headers["cookie"] = kept
    return answer


@pytest.mark.proves("F-143")
async def test_every_error_page_shows_code_steps_and_number_of_the_request(
    cabinet: Cabinet,
) -> None:
    composer: Composer = cabinet.parts.composer
    shown: dict[str, str] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        exchange = scope["state"]["exchange"]
        for code, entry in catalogue().items():
            drawn = composer.fault_page(exchange, Problem(entry, "TRIED"))
            shown[code] = drawn.decode().replace("\u00a0", " ")
        raise Refused(problem("PAGE_NOT_FOUND"))

    cabinet.edge._app = app  # type: ignore[assignment] # the pages alone are of interest
    answer = await cabinet.get("/anything")

    assert set(shown) == set(catalogue())
    for code, text in shown.items():
        assert code in text
        assert answer.headers["x-request-id"] in text
        assert all(step in text for step in catalogue()[code].instruction), code
        assert "каталоге ошибок" in text


@pytest.mark.parametrize("agent", [OLD, INTERNET_EXPLORER])
async def test_an_old_browser_is_told_so_before_the_way_to_gosuslugi(
    cabinet: Cabinet, agent: str
) -> None:
    answer = await cabinet.get("/auth/login", accept="text/html", user_agent=agent)
    help_page = await cabinet.get("/help/sign-in", accept="text/html", user_agent=agent)

    assert answer.status_code == 426
    assert answer.headers["upgrade"] == "TLS/1.3"
    assert "LKMR-AUTH-006" in answer.text
    assert known_cause(help_page) == "Браузер не поддерживает нужный уровень защиты"
    assert not cabinet.auth.calls or cabinet.auth.calls[-1][0] != "StartSignIn"


async def test_a_return_without_cookies_tells_a_browser_that_keeps_none_from_an_old_attempt(
    cabinet: Cabinet,
) -> None:
    cabinet.auth.on["FinishSignIn"] = refusing("SIGN_IN_STATE_LOST", Category.FAILED_PRECONDITION)
    probe = await cabinet.page(CALLBACK)
    assert (probe.status_code, probe.headers["location"]) == (303, "/auth/no-cookie")

    keeps_none = await cabinet.page("/auth/no-cookie")
    cabinet.headers["cookie"] = cookies_of(probe)["__Host-lkmr-probe"].partition(";")[0]
    keeps = await cabinet.page("/auth/no-cookie")

    assert (keeps_none.status_code, "LKMR-AUTH-004" in keeps_none.text) == (400, True)
    assert (keeps.status_code, "LKMR-AUTH-014" in keeps.text) == (400, True)
    assert "LKMR-AUTH-004" not in keeps.text


async def test_a_cookie_lost_between_page_and_code_is_told_as_such(cabinet: Cabinet) -> None:
    answer = await cabinet.post("/auth/code", {"code": "123456"}, accept="text/html")

    assert answer.status_code == 400
    assert "LKMR-CONF-006" in answer.text


@pytest.mark.parametrize(
    ("reason", "category", "page"),
    [
        ("ACCOUNT_NOT_CONFIRMED", Category.PERMISSION_DENIED, "identity"),
        ("SECOND_FACTOR_REFUSED", Category.PERMISSION_DENIED, "profile"),
        ("PHONE_MISSING", Category.FAILED_PRECONDITION, "profile"),
        ("IDENTITY_NAME_DIFFERS", Category.FAILED_PRECONDITION, "profile"),
        ("ESIA_UNAVAILABLE", Category.UNAVAILABLE, "status"),
    ],
)
async def test_a_refusal_leads_to_the_page_of_gosuslugi_where_it_is_mended(
    cabinet: Cabinet, reason: str, category: Category, page: str
) -> None:
    answer = await refuse(cabinet, reason, category)
    href = f"https://esia.example/{page}"

    assert html.fromstring(answer.text).xpath(f"//a[@href='{href}'][contains(@class, 'button')]")
    if page != "status":  # an outage that is over asks for nothing at the portal
        assert href in (await cabinet.page("/help/sign-in")).text


async def test_the_portal_s_pages_are_settings(build: Callable[..., Any]) -> None:
    cabinet = await build(portal_pages={"identity": "https://portal.example/confirm"})

    answer = await refuse(cabinet, "ACCOUNT_NOT_CONFIRMED", Category.PERMISSION_DENIED)

    assert "https://portal.example/confirm" in answer.text


async def test_who_must_only_wait_is_led_on_by_the_page_itself_and_keeps_the_target(
    cabinet: Cabinet,
) -> None:
    cabinet.auth.on["StartSignIn"] = refusing("ESIA_OVERLOADED", Category.UNAVAILABLE, seconds="40")

    answer = await cabinet.page("/auth/login?return_to=/accreditations")

    (retry,) = html.fromstring(answer.text).xpath("//p[@data-retry]")
    assert dict(retry.attrib) == {
        "data-retry": "40",
        "data-href": "/auth/login?return_to=/accreditations",
        "hidden": "",
    }
    assert "LKMR-AUTH-009" in answer.text
    cabinet.auth.on["StartSignIn"] = refusing("ORIGIN_UNKNOWN", Category.INVALID_ARGUMENT)
    assert "data-retry" not in (await cabinet.page("/auth/login")).text


@pytest.mark.parametrize("reason", ["ACCOUNT_NOT_CONFIRMED", "SECOND_FACTOR_REFUSED"])
async def test_the_self_check_names_how_the_last_sign_in_ended(
    cabinet: Cabinet, reason: str
) -> None:
    refused = await refuse(cabinet, reason, Category.PERMISSION_DENIED)
    page = await cabinet.page("/help/sign-in")

    (code,) = set(re.findall(r"LKMR-AUTH-0\d\d", refused.text))
    assert known_cause(page) == catalogue()[code].title.rstrip(".")
    assert len(html.fromstring(page.text).xpath("//section[@data-known]")) == 1
    assert "Портал сообщил" in page.text


async def test_an_outage_is_named_while_it_lasts_and_its_end_too(cabinet: Cabinet) -> None:
    down, up = pb.SignInHealth.STATE_DOWN, pb.SignInHealth.STATE_UP
    await refuse(cabinet, "ESIA_UNAVAILABLE", Category.UNAVAILABLE)
    cabinet.auth.on["GetSignInHealth"] = lambda _: pb.SignInHealth(state=down)
    cabinet.parts.systems._kept = None
    assert known_cause(await cabinet.page("/help/sign-in")) == "Госуслуги сейчас не отвечают"

    cabinet.auth.on["GetSignInHealth"] = lambda _: pb.SignInHealth(state=up)
    cabinet.parts.systems._kept = None
    page = await cabinet.page("/help/sign-in")

    assert known_cause(page) == "Можно войти снова"
    assert "Причина устранена" in page.text


@pytest.mark.parametrize(
    "value", ["AUTH-999_1796000000", "AUTH-018_1", "AUTH-018", "<b>", "AUTH-018_99999999999"]
)
async def test_a_made_up_last_fault_is_ignored(cabinet: Cabinet, value: str) -> None:
    cabinet.headers["cookie"] = f"__Host-lkmr-fault={value}"

    assert known_cause(await cabinet.page("/help/sign-in")) == ""


async def test_a_sign_in_that_worked_forgets_the_last_refusal(cabinet: Cabinet) -> None:
    await refuse(cabinet, "ACCOUNT_NOT_CONFIRMED", Category.PERMISSION_DENIED)
    with_login(cabinet)
    session = pb.SessionStarted(session_cookie="s" * 43, return_to="/")
    cabinet.auth.on["FinishSignIn"] = lambda _: pb.SignInStep(session=session)

    answer = await cabinet.page(CALLBACK)

    assert "Max-Age=0" in cookies_of(answer)["__Host-lkmr-fault"]


async def test_clearing_takes_everything_that_the_site_stored_and_ends_the_session(
    cabinet: Cabinet,
) -> None:
    cabinet.signed_in()
    cabinet.auth.on["EndSession"] = lambda _: pb.EndSessionResponse()
    csrf = await cabinet.csrf()
    page = await cabinet.page("/help/sign-in")
    assert html.fromstring(page.text).xpath("//button[text()='очистить данные сайта']")
    foreign = await cabinet.post("/help/clear", {"csrf_token": csrf}, sec_fetch_site="cross-site")
    without = await cabinet.post("/help/clear", {"csrf_token": "no"})

    answer = await cabinet.post("/help/clear", {"csrf_token": csrf})

    assert (foreign.status_code, without.status_code) == (403, 403)
    assert (answer.status_code, answer.headers["location"]) == (303, "/help/sign-in?cleared=1")
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    made = cookies_of(answer)
    for name in ("__Host-lkmr", "__Host-lkmr-login", "__Host-lkmr-fault"):
        assert "Max-Age=0" in made[name]
    assert "EndSession" in [name for name, _ in cabinet.auth.calls]
    assert "Данные сайта удалены" in (await cabinet.page("/help/sign-in?cleared=1")).text


async def test_clearing_needs_no_session(cabinet: Cabinet) -> None:
    answer = await cabinet.post("/help/clear", {})

    assert (answer.status_code, "EndSession" in dict(cabinet.auth.calls)) == (303, False)


@pytest.mark.proves("F-296")
async def test_each_shown_error_is_counted_by_its_code(cabinet: Cabinet) -> None:
    codes = cabinet.edge.requests.codes
    with_login(cabinet)
    cabinet.auth.on["FinishSignIn"] = refusing("ESIA_DENIED", Category.PERMISSION_DENIED)
    await cabinet.page(CALLBACK)
    await cabinet.page(CALLBACK)
    await cabinet.get("/api/v1/nothing")
    await cabinet.post("/help/found", {"code": "LKMR-AUTH-005"})
    await cabinet.post("/help/found", {"code": "LKMR-SYS-001"})

    assert codes["LKMR-AUTH-013"] == 2
    assert codes["LKMR-SYS-004"] == 1
    assert codes["LKMR-AUTH-005"] == 1
    assert "LKMR-SYS-001" not in codes
    rows = [one for family in cabinet.edge.requests.collect() for one in family.samples]
    shown = {
        one.labels["code"]: one.value for one in rows if one.name == "lkmr_gateway_errors_total"
    }
    assert shown == codes


def test_the_moment_of_the_last_fault_is_utc() -> None:
    from lkmr_gateway.last_fault import remember

    entry = catalogue()["LKMR-AUTH-018"]
    name, value = remember(Problem(entry, "X"), datetime(2026, 11, 26, 9, tzinfo=UTC))

    assert name == b"set-cookie"
    assert value.startswith(b"__Host-lkmr-fault=AUTH-018_1795683600; Secure; HttpOnly")
    assert LOGIN
