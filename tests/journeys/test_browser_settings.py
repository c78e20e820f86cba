"""Settings of a real browser that stop a sign-in, and the way back in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..support.own_suite import metrics
from ..support.visitor import PASSWORD, Visitor
from .conftest import CHROMIUM, FLAGS

pytestmark = [pytest.mark.journey, pytest.mark.browser]
NewVisitor = Callable[..., Visitor]
PHONE = "+79000000001"
NO_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('', 'SecurityError'); };"
BLOCK = 2


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Any:
    """Opens a browser with cookies blocked, or with the settings of every day."""
    contexts = []

    def one(*, cookies: bool) -> Any:
        folder = tmp_path / f"profile-{len(contexts)}"
        (folder / "Default").mkdir(parents=True)
        values = {} if cookies else {"cookies": BLOCK}
        preferences = {"profile": {"default_content_setting_values": values}}
        (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
        context = browser.browser_type.launch_persistent_context(
            folder, executable_path=CHROMIUM, args=FLAGS, locale="ru-RU", ignore_https_errors=True
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.pages[0] if context.pages else context.new_page()

    yield one
    for context in contexts:
        context.close()


def text_of(place: Any) -> str:
    """What is seen, with plain blanks."""
    return str(place.inner_text()).replace("\u00a0", " ")


def sign_in(page: Any, person: Visitor) -> None:
    """From the button of the cabinet to «Главная»."""
    page.goto(f"{person.base}/")
    page.get_by_role("link", name="Войти через Госуслуги").click()
    page.fill("#login", "ivanova")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_selector("#code")
    page.fill("#code", person.code_for(PHONE))
    page.get_by_role("button", name="Продолжить").click()
    if page.locator("#grantAuthorization").count():
        page.click("#grantAuthorization")
    page.wait_for_url(f"{person.base}/")
    assert page.get_by_role("link", name="Документы и аккредитация").first.is_visible()


@pytest.mark.proves("F-172", "F-176", "F-185", "F-191")
def test_with_cookies_off_each_page_says_so_and_with_cookies_on_the_way_is_free(
    opened: Any, visitor: NewVisitor
) -> None:
    person = visitor()
    page = opened(cookies=False)
    page.goto(f"{person.base}/")
    warning = page.locator("[data-browser-warning]")
    warning.wait_for(state="visible")
    assert "LKMR-AUTH-004" in text_of(warning)
    page.goto(f"{person.base}/help/sign-in")
    found = page.locator("[data-found]")
    found.wait_for(state="visible")
    assert "LKMR-AUTH-004" in text_of(found)
    for name in ("cookies", "storage"):
        assert "Не в порядке" in text_of(page.locator(f"#check-{name}"))
    page.goto(f"{person.base}/auth/login")
    page.wait_for_selector("#problem")
    assert "LKMR-AUTH-004" in text_of(page.locator("#problem"))
    counted = metrics(person.suite, "gateway")
    assert 'lkmr_gateway_errors_total{code="LKMR-AUTH-004"}' in counted

    sign_in(opened(cookies=True), person)


@pytest.mark.proves("F-172", "F-177", "F-191")
def test_without_local_storage_the_page_says_so_and_with_it_the_way_is_free(
    opened: Any, visitor: NewVisitor
) -> None:
    person = visitor()
    page = opened(cookies=True)
    page.add_init_script(NO_STORAGE)
    page.goto(f"{person.base}/help/sign-in")
    found = page.locator("[data-found]")
    found.wait_for(state="visible")
    assert "LKMR-AUTH-005" in text_of(found)

    sign_in(opened(cookies=True), person)


@pytest.mark.proves("F-200")
def test_blocked_windows_are_named_and_allowed_ones_found_in_order(
    opened: Any, visitor: NewVisitor
) -> None:
    person = visitor()
    page = opened(cookies=True)
    page.add_init_script("window.open = () => null")
    page.goto(f"{person.base}/help/sign-in")
    page.get_by_role("button", name="Проверить окна").click()
    assert "LKMR-CONF-007" in text_of(page.locator("[data-found]"))

    allowed = opened(cookies=True)
    allowed.goto(f"{person.base}/help/sign-in")
    allowed.get_by_role("button", name="Проверить окна").click()
    assert "В порядке" in text_of(allowed.locator("#check-popups"))


@pytest.mark.proves("F-186")
def test_the_self_check_shows_version_and_protocol(opened: Any, visitor: NewVisitor) -> None:
    person = visitor()
    page = opened(cookies=True)
    page.goto(f"https://localhost:{person.suite.ports.gateway_https()}/help/sign-in")

    version = page.evaluate("navigator.userAgent.match(/Chrome\\/(\\d+)/)[1]")
    text = text_of(page.locator("main"))
    assert f"Chrome {version}" in text
    assert "TLS 1.3" in text


@pytest.mark.proves("F-203")
def test_the_button_clears_what_the_site_stored_and_a_new_sign_in_works(
    opened: Any, visitor: NewVisitor
) -> None:
    person = visitor()
    page = opened(cookies=True)
    sign_in(page, person)
    page.evaluate("localStorage.setItem('old', '1')")
    page.goto(f"{person.base}/help/sign-in")

    page.get_by_role("button", name="очистить данные сайта").click()
    page.wait_for_url("**/help/sign-in?cleared=1")

    own = [one["name"] for one in page.context.cookies(person.base)]
    assert "__Host-lkmr" not in own
    assert page.evaluate("localStorage.getItem('old')") is None
    assert "Данные сайта удалены" in text_of(page.locator("main"))
    page.get_by_role("link", name="Войти через Госуслуги").click()
    page.wait_for_selector("#login, #content")
