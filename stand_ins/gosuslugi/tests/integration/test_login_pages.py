"""Pages of the sign-in: what a person meets when something does not fit."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from conftest import RunningStandIn, SmsSink
from esia_mini_client import MiniClient, returned
from lxml import html

pytestmark = pytest.mark.servers
WRONG = "Not-the-password-1!"


@pytest.mark.proves("F-173")
def test_a_wrong_password_and_an_unknown_login_get_one_answer(
    client: MiniClient, new_person: Callable[..., str]
) -> None:
    page = client.open()

    wrong = client.submit(page, login=new_person(), password=WRONG)
    unknown = client.submit(page, login="nobody-of-this-name", password=WRONG)

    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "LKMR-AUTH-001" in wrong.text
    assert "Логин или пароль не подошли." in wrong.text
    texts = [
        html.fromstring(one.text).find_class("problem")[0].text_content()
        for one in (wrong, unknown)
    ]
    assert texts[0] == texts[1]


@pytest.mark.proves("F-175")
def test_five_failures_close_the_account_for_half_an_hour(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink, stand_in: RunningStandIn
) -> None:
    login, page = new_person(), client.open()
    answers = [client.submit(page, login=login, password=WRONG) for _ in range(5)]

    assert [one.status_code for one in answers] == [401, 401, 401, 401, 423]
    right = client.submit(page, login=login, password="Kabinet-2026!")
    assert right.status_code == 423
    assert "LKMR-AUTH-003" in right.text
    assert "Учётная запись временно закрыта" in right.text
    try:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 30 * 60 + 1})
        fresh = client.open(timestamp=timedelta(seconds=30 * 60 + 1))
        opened = client.submit(fresh, login=login, password="Kabinet-2026!")
    finally:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 0})
    assert 'name="code"' in opened.text


@pytest.mark.proves("F-187")
def test_the_support_opens_a_closed_account(
    client: MiniClient, new_person: Callable[..., str], stand_in: RunningStandIn
) -> None:
    login, page = new_person(), client.open()
    for _ in range(5):
        closed = client.submit(page, login=login, password=WRONG)
    assert closed.status_code == 423

    stand_in.control("POST", f"/people/{login}/unlock")

    assert 'name="code"' in client.submit(page, login=login, password="Kabinet-2026!").text


def code_page(client: MiniClient, login: str) -> object:
    return client.submit(client.open(), login=login, password="Kabinet-2026!")


def wrong_for(sms: SmsSink) -> str:
    return f"{(int(sms.code()) + 1) % 10**6:06d}"


def test_three_wrong_codes_spend_the_code(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink
) -> None:
    page = client.submit(client.open(), login=new_person(), password="Kabinet-2026!")

    answers = [client.submit(page, code=wrong_for(sms)) for _ in range(3)]
    right = client.submit(page, code=sms.code())

    assert "Осталось попыток: 2" in answers[0].text
    assert "Осталось попыток: 1" in answers[1].text
    assert "LKMR-CONF-005" in answers[2].text
    assert right.status_code == 423


def test_a_new_code_comes_after_a_minute_and_kills_the_old(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink, stand_in: RunningStandIn
) -> None:
    page = client.submit(client.open(), login=new_person(), password="Kabinet-2026!")
    old = sms.code()
    early = client.submit(page, 2)
    assert (early.status_code, sms.code()) == (429, old)
    try:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 61})
        page = client.submit(page, 2)
        new = sms.code()
        earlier = client.submit(page, code=old)
        passed = client.submit(page, code=f" {new[:3]} {new[3:]} ")
    finally:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 0})

    assert new != old
    assert "LKMR-CONF-003" in earlier.text
    assert "grantAuthorization" in passed.text


def test_a_code_lives_five_minutes(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink, stand_in: RunningStandIn
) -> None:
    page = client.submit(client.open(), login=new_person(), password="Kabinet-2026!")
    try:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 301})
        late = client.submit(page, code=sms.code())
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 290})
        in_time = client.submit(page, code=sms.code())
    finally:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 0})

    assert late.status_code == 410
    assert "grantAuthorization" in in_time.text


@pytest.mark.parametrize("text", ["12345", "1234567", "12345a", "", "٣٣٣٣٣٣"])
def test_a_code_of_another_form_spends_no_attempt(
    text: str, client: MiniClient, new_person: Callable[..., str], sms: SmsSink
) -> None:
    page = client.submit(client.open(), login=new_person(), password="Kabinet-2026!")

    answer = client.submit(page, code=text)

    assert "LKMR-CONF-008" in answer.text
    assert "grantAuthorization" in client.submit(page, code=sms.code()).text


@pytest.mark.proves("F-196")
def test_a_person_without_a_phone_binds_one_by_its_code(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink, stand_in: RunningStandIn
) -> None:
    login = new_person(phone=None)
    page = client.submit(client.open(), login=login, password="Kabinet-2026!")
    assert "LKMR-CONF-004" in page.text
    assert client.submit(page, phone="12").status_code == 422
    page = client.submit(page, phone="8 900 123-45-67")
    assert sms.messages[-1]["to"] == "+79001234567"

    answer = client.submit(page, code=sms.code())

    assert "grantAuthorization" in answer.text
    assert stand_in.control("GET", f"/people/{login}")["phone"] == "+79001234567"


def test_a_message_that_cannot_be_sent_is_told(
    client: MiniClient, new_person: Callable[..., str], sms: SmsSink
) -> None:
    sms.refuse = True
    try:
        page = client.submit(client.open(), login=new_person(), password="Kabinet-2026!")
    finally:
        sms.refuse = False

    assert page.status_code == 502
    assert "LKMR-CONF-012" in page.text


def test_a_form_without_its_browser_or_its_mark_does_nothing(
    new_client: Callable[..., MiniClient], new_person: Callable[..., str]
) -> None:
    client, stranger, login = new_client(), new_client(), new_person()
    page = client.open()
    form = html.fromstring(page.text).forms[0]
    values = dict(form.form_values()) | {"login": login, "password": "Kabinet-2026!"}

    without_cookie = stranger.post("/login", values)
    without_mark = client.post("/login", values | {"csrf_token": "0" * 64})
    own_mark = html.fromstring(stranger.open().text).forms[0].form_values()
    foreign_flow = stranger.post("/login", values | {"csrf_token": dict(own_mark)["csrf_token"]})

    assert "LKMR-AUTH-004" in without_cookie.text
    assert "LKMR-AUTH-004" in without_mark.text
    assert "LKMR-AUTH-014" in foreign_flow.text


@pytest.mark.proves("F-150")
def test_the_sign_in_pages_have_labels_a_strict_policy_and_no_script(client: MiniClient) -> None:
    page = client.open()
    tree = html.fromstring(page.text)

    assert not tree.xpath("//script | //@onclick | //@style")
    assert tree.find(".//title").text.startswith("Вход")
    for name in ("login", "password"):
        assert tree.xpath(f"//label[@for='{name}']")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "form-action 'self' https://cabinet.example" in policy
    assert page.headers["cache-control"] == "no-store"


def test_cookies_are_out_of_reach_of_scripts(client: MiniClient, sms: SmsSink) -> None:
    client.sign_in("ivanova", sms)

    names = {cookie.name for cookie in client.http.cookies.jar}

    assert {"ESIA_SESSION", "ESIA_BROWSER"} <= names
    assert all(cookie.has_nonstandard_attr("HttpOnly") for cookie in client.http.cookies.jar)


def test_a_session_ends_after_three_idle_hours(
    client: MiniClient, sms: SmsSink, stand_in: RunningStandIn
) -> None:
    client.sign_in("ivanova", sms)
    shift = timedelta(hours=3, seconds=90)
    try:
        stand_in.control(
            "PUT", "/switches", {"clock_offset_seconds": timedelta(hours=2, minutes=50).seconds}
        )
        assert "code" in returned(client.open(timestamp=timedelta(hours=2, minutes=50)))
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 2 * shift.seconds})
        page = client.open(timestamp=2 * shift)
    finally:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 0})

    assert "password" in page.text


@pytest.mark.proves("F-239")
def test_codes_and_passwords_stand_in_no_log_and_no_journal(
    client: MiniClient, sms: SmsSink, stand_in: RunningStandIn
) -> None:
    page = client.submit(client.open(), login="ivanova", password="Kabinet-2026!")
    code = sms.code()
    answer = client.submit(page, code=code)
    journal = str(stand_in.control("GET", "/requests"))

    for text in (stand_in.log(), journal, answer.text):
        assert code not in text
        assert "Kabinet-2026" not in text
    for secret in ("Иванова", "ivanova@demo.example", "900-001-037", "90000103798"):
        assert secret not in stand_in.log()
