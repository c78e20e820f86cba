"""Pages in a real browser, under the policy that the cabinet serves them with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from axe_playwright_python.sync_playwright import Axe
from page_samples import CALM, FAULT, GUEST, ITEMS, MESSAGES, PAGES, with_current
from page_server import PageServer, serving
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lkmr_gateway.pages.views.accreditation import AccreditationListView
from lkmr_gateway.pages.views.frame import Banner, Chrome, RefusedView, SessionClock
from lkmr_gateway.pages.views.home import HomeView
from lkmr_gateway.pages.views.inbox import MessageListView
from lkmr_gateway.pages.views.sign_in import Cause, CodeView, SelfCheckView, SignInView

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
ZOOMED = {"width": 320, "height": 256}  # 1280 x 1024 at 400 %
NO_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('', 'SecurityError'); };"
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def samples() -> Iterator[PageServer]:
    with serving() as server:
        yield server


def overflow(page: Page) -> int:
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


def one_page(view: Any, chrome: Chrome, **others: tuple[Any, Chrome]) -> dict[str, Any]:
    return {"/": (view, chrome)} | {f"/{name}": given for name, given in others.items()}


def fresh(chrome: Chrome, *, idle_seconds: int = 900, left: timedelta) -> Chrome:
    now = datetime.now(UTC)
    clock = SessionClock(idle_seconds=idle_seconds, expire_time=now + left)
    return replace(chrome, now=now, session=clock)


HOME = HomeView(greeting_name="Анна", accreditations=ITEMS[1:2], messages=MESSAGES[1:2])
HOME_CHROME = replace(with_current("/"), unread_count=0)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier_and_fits_small_screens(
    name: str, samples: PageServer, page: Page
) -> None:
    page.goto(f"{samples.origin}/{name}")

    found = Axe().run(page, options=AXE_RULES).response["violations"]
    assert not [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found]
    for size in (NARROW, ZOOMED):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert overflow(page) == 0, size


@pytest.mark.parametrize("name", ["sign-in", "home", "accreditation", "messages", "code-error"])
def test_text_spacing_may_be_widened(name: str, samples: PageServer, page: Page) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(f"{samples.origin}/{name}")

    page.evaluate(
        """for (const { style } of document.querySelectorAll("main *")) {
             style.lineHeight = "1.5"; style.letterSpacing = ".12em"; style.wordSpacing = ".16em";
           }"""
    )

    assert overflow(page) == 0


@pytest.mark.parametrize("name", ["sign-in", "home"])
def test_the_first_stop_of_the_keyboard_leads_to_the_content(
    name: str, samples: PageServer, page: Page
) -> None:
    page.goto(f"{samples.origin}/{name}")

    page.keyboard.press("Tab")
    link = page.locator(":focus")
    expect(link).to_have_text("Перейти к содержанию")
    box = link.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_menu_of_the_header_opens_and_closes_by_keyboard(samples: PageServer, page: Page) -> None:
    page.goto(f"{samples.origin}/home")
    menu = page.locator("details.drop--end")

    menu.locator("summary").press("Enter")
    expect(menu.get_by_role("button", name="Выйти")).to_be_visible()
    page.keyboard.press("Escape")

    expect(menu.get_by_role("button", name="Выйти")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_sections_open_from_a_button_on_a_narrow_screen(samples: PageServer, page: Page) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(f"{samples.origin}/home")
    link = page.get_by_role("link", name="Документы и аккредитация").first
    expect(page.locator("#menu")).to_be_hidden()

    page.get_by_role("button", name="Меню").click()

    expect(page.locator("#menu")).to_be_visible()
    expect(link).to_be_visible()
    assert overflow(page) == 0


@pytest.mark.parametrize("name", ["sign-in", "home", "accreditation", "messages", "self-check"])
def test_a_page_can_be_read_without_scripts(
    name: str, samples: PageServer, browser: Browser
) -> None:
    plain = browser.new_context(java_script_enabled=False)
    try:
        opened = plain.new_page()
        opened.goto(f"{samples.origin}/{name}")

        expect(opened.get_by_role("heading", level=1)).to_be_visible()
        expect(opened.get_by_role("main")).to_be_visible()
        assert opened.locator("dialog[open]").count() == 0
        if name == "messages":
            expect(opened.get_by_role("button", name="Отметить прочитанным").first).to_be_enabled()
    finally:
        plain.close()


def test_printing_keeps_the_content_and_drops_the_frame(samples: PageServer, page: Page) -> None:
    page.goto(f"{samples.origin}/accreditation")

    page.emulate_media(media="print")

    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator(".verdict")).to_be_visible()


def test_the_fonts_are_our_own(samples: PageServer, page: Page) -> None:
    page.goto(f"{samples.origin}/sign-in")

    loaded = page.evaluate(
        """document.fonts.ready.then((fonts) => [...fonts]
             .filter((font) => font.status === "loaded" && font.family.includes("PT Sans"))
             .map((font) => font.weight))"""
    )

    assert {"400", "700"} <= set(loaded)


def test_text_never_becomes_markup_outside_an_awaited_answer(
    samples: PageServer, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{samples.origin}/home")

    refused = page.evaluate(
        """() => ["innerHTML", "parse"].map((way) => {
             try {
               if (way === "parse") new DOMParser().parseFromString("<b>x</b>", "text/html");
               else document.body.innerHTML = "<img src=x>";
               return "passed";
             } catch (fault) { return fault.name; }
           })"""
    )

    assert refused == ["TypeError", "TypeError"]


def test_a_changed_record_appears_without_reload_and_is_announced(page: Page) -> None:
    with serving(one_page(HOME, HOME_CHROME)) as server:
        page.goto(server.origin)
        expect(page.get_by_text("924 дня")).to_be_visible()
        page.evaluate("window.sameDocument = true")
        wait_for_stream(page, server)

        later = replace(HOME, accreditations=ITEMS[:2])
        server.pages["/"] = (later, replace(HOME_CHROME, unread_count=3))
        server.say("changed", '{"name": "workers/w/accreditations/a"}')

        expect(page.get_by_text("25 дней").first).to_be_visible()
        expect(page.locator("#announce")).to_have_text("Сведения на странице обновлены")
        expect(page.locator("#inbox-count .count")).to_have_text("3")
        assert page.evaluate("window.sameDocument")
        assert server.requests("/")[-1]["x-background"] == "1"


def test_a_renewal_keeps_the_place_of_the_keyboard(page: Page) -> None:
    with serving(one_page(HOME, HOME_CHROME)) as server:
        page.goto(server.origin)
        wait_for_stream(page, server)
        link = page.get_by_role("link", name=MESSAGES[1].title)
        link.focus()

        server.pages["/"] = (replace(HOME, accreditations=ITEMS[:2]), HOME_CHROME)
        server.say("changed", "{}")

        expect(page.get_by_text("25 дней").first).to_be_visible()
        expect(link).to_be_focused()


def test_a_new_message_is_counted_announced_and_listed(page: Page) -> None:
    with serving(one_page(HOME, HOME_CHROME)) as server:
        page.goto(server.origin)
        wait_for_stream(page, server)

        server.pages["/"] = (
            replace(HOME, messages=MESSAGES[:2]),
            replace(HOME_CHROME, unread_count=1),
        )
        item = {"id": MESSAGES[0].id, "kind": "X", "title": MESSAGES[0].title, "link": "/"}
        server.say("message", orjson.dumps(item).decode())

        expect(page.locator("#announce")).to_have_text(f"Новое сообщение: {MESSAGES[0].title}")
        expect(page.locator("#inbox-count .count")).to_have_text("1")
        expect(page.get_by_role("link", name=MESSAGES[0].title)).to_be_visible()


def test_a_second_tab_hears_facts_without_a_stream_of_its_own(
    page: Page, context: BrowserContext
) -> None:
    with serving(one_page(HOME, HOME_CHROME)) as server:
        page.goto(server.origin)
        wait_for_stream(page, server)
        second = context.new_page()
        second.goto(server.origin)
        expect(second.get_by_text("924 дня")).to_be_visible()

        server.pages["/"] = (replace(HOME, accreditations=ITEMS[:2]), HOME_CHROME)
        server.say("changed", '{"name": "workers/w/accreditations/a"}')

        expect(second.get_by_text("25 дней").first).to_be_visible()
        assert len(server.streams) == 1


def test_after_a_lost_stream_the_page_catches_up(page: Page) -> None:
    with serving(one_page(HOME, HOME_CHROME)) as server:
        page.goto(server.origin)
        wait_for_stream(page, server)

        server.pages["/"] = (replace(HOME, accreditations=ITEMS[:2]), HOME_CHROME)
        server.say("reconnect", "{}")

        expect(page.get_by_text("25 дней").first).to_be_visible(timeout=15_000)


def test_an_ended_session_leads_to_the_sign_in_page_with_an_explanation(page: Page) -> None:
    ended = SignInView(notice=Banner(tone="info", title="Сеанс завершён на другом устройстве"))
    with serving(one_page(HOME, HOME_CHROME, ended=(ended, GUEST))) as server:
        page.goto(f"{server.origin}/?x=1")
        wait_for_stream(page, server)

        server.say("session_ended", "{}")

        page.wait_for_url("**/?ended=revoked&return_to=*")
        assert page.url.endswith("return_to=%2F%3Fx%3D1")
        expect(page.get_by_text("Сеанс завершён на другом устройстве")).to_be_visible()


def test_two_minutes_before_the_end_a_dialog_offers_to_stay(page: Page) -> None:
    chrome = fresh(HOME_CHROME, idle_seconds=121, left=timedelta(hours=5))
    with serving(one_page(HOME, chrome)) as server:
        server.answers["/auth/keep"] = 204
        page.goto(server.origin)
        dialog = page.get_by_role("dialog", name="Вы ещё здесь?")

        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text("вы выйдете из кабинета через 2 минуты")
        expect(dialog.get_by_role("button", name="Остаться")).to_be_focused()
        assert not Axe().run(page, options=AXE_RULES).response["violations"]
        dialog.get_by_role("button", name="Остаться").click()

        expect(dialog).to_be_hidden()
        [kept] = server.requests("/auth/keep", "POST")
        assert kept["x-csrf-token"] == HOME_CHROME.csrf_token


def test_an_idle_page_is_left_with_its_address_kept(page: Page) -> None:
    chrome = fresh(HOME_CHROME, idle_seconds=1, left=timedelta(hours=5))
    ended = (SignInView(), GUEST)
    with serving(one_page(HOME, chrome, ended=ended)) as server:
        page.goto(f"{server.origin}/?x=1")

        page.wait_for_url("**/?ended=idle&return_to=%2F%3Fx%3D1")

        expect(page.get_by_role("link", name="Войти через Госуслуги")).to_be_visible()


def test_ten_minutes_before_the_absolute_end_the_page_says_so(page: Page) -> None:
    chrome = fresh(HOME_CHROME, left=timedelta(minutes=9))
    with serving(one_page(HOME, chrome)) as server:
        page.goto(server.origin)
        dialog = page.get_by_role("dialog", name="Сеанс скоро закончится")

        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="Понятно").click()

        expect(dialog).to_be_hidden()


def test_a_message_is_marked_as_read_in_place(page: Page) -> None:
    plain = replace(MESSAGES[0], task=False)
    unread = MessageListView(items=(plain,), unread_count=1)
    read = replace(unread, items=(replace(plain, read_time=CALM.now),), unread_count=0)
    chrome = with_current("/messages")
    with serving({"/messages": (unread, chrome)}) as server:
        page.goto(f"{server.origin}/messages")
        server.pages[f"/messages/{MESSAGES[0].id}/read"] = (read, replace(chrome, unread_count=0))

        page.get_by_role("button", name="Отметить прочитанным").click()

        expect(page.get_by_text("Всё прочитано")).to_be_visible()
        expect(page.get_by_role("main")).to_be_focused()
        expect(page.locator("#inbox-count")).to_be_empty()
        assert server.requests(f"/messages/{MESSAGES[0].id}/read", "POST")


def test_a_filter_answers_in_place_and_its_address_can_be_kept(page: Page) -> None:
    view = AccreditationListView(items=ITEMS[:2], specialties=("кардиология", "терапия"))
    chrome = with_current("/accreditations")
    with serving({"/accreditations": (view, chrome)}) as server:
        page.goto(f"{server.origin}/accreditations")
        server.pages["/accreditations"] = (replace(view, items=(), state="ANNULLED"), chrome)

        page.get_by_label("Состояние").select_option("ANNULLED")

        expect(page.get_by_text("По этим условиям записей нет")).to_be_visible()
        assert "state=ANNULLED" in page.url


def test_when_another_page_answers_it_is_opened_whole(page: Page) -> None:
    with serving(one_page(HOME, HOME_CHROME)) as server:
        page.goto(server.origin)
        wait_for_stream(page, server)

        server.pages["/"] = (SignInView(), GUEST)
        server.say("changed", "{}")

        expect(page.get_by_role("link", name="Войти через Госуслуги")).to_be_visible()


def test_facts_of_a_fault_are_copied_line_by_line(
    samples: PageServer, page: Page, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=samples.origin)
    page.goto(f"{samples.origin}/error")

    page.get_by_role("button", name="Скопировать сведения").click()

    expect(page.get_by_role("button", name="Скопировано")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()").replace("\u00a0", " ")
    assert copied.splitlines()[0] == "Код ошибки: LKMR-AUTH-007"
    assert "Время: 23.11.2026, 14:32:08 МСК" in copied


def self_check(page: Page, now: datetime) -> None:
    view = SelfCheckView()
    with serving({"/help/sign-in": (view, replace(GUEST, now=now))}) as server:
        page.goto(f"{server.origin}/help/sign-in")
        expect(page.locator("#check-storage")).to_contain_text("В порядке")


def test_the_self_check_finds_a_sound_browser_sound(page: Page) -> None:
    self_check(page, datetime.now(UTC))

    for name in ("cookies", "storage", "clock", "browser"):
        expect(page.locator(f"#check-{name}")).to_contain_text("В порядке")
    expect(page.locator("[data-found]")).to_be_hidden()


def test_the_self_check_names_a_wrong_clock_and_what_to_do(page: Page) -> None:
    self_check(page, datetime.now(UTC) - timedelta(minutes=5))

    expect(page.get_by_role("heading", name="Часы устройства идут неверно")).to_be_visible()
    expect(page.locator("[data-found]")).to_contain_text("автоматическую установку времени")


def test_the_self_check_names_missing_cookies_and_storage(page: Page) -> None:
    page.add_init_script(
        """Object.defineProperty(navigator, "cookieEnabled", {value: false});
           Storage.prototype.setItem = () => { throw new DOMException("no", "SecurityError"); };"""
    )
    view = SelfCheckView()
    with serving({"/help/sign-in": (view, replace(GUEST, now=datetime.now(UTC)))}) as server:
        page.goto(f"{server.origin}/help/sign-in")

        for name, code in (("cookies", "LKMR-AUTH-004"), ("storage", "LKMR-AUTH-005")):
            expect(page.locator(f"#check-{name}")).to_contain_text("Не в порядке")
            expect(page.locator(f"#check-{name}")).to_contain_text(code)
        expect(page.locator("[data-found]")).to_contain_text("LKMR-AUTH-004")


def test_the_self_check_tries_windows_when_asked_and_names_their_blocking(page: Page) -> None:
    view, chrome = SelfCheckView(), replace(GUEST, now=datetime.now(UTC))
    with serving({"/help/sign-in": (view, chrome)}) as server:
        page.goto(f"{server.origin}/help/sign-in")
        page.get_by_role("button", name="Проверить окна").click()
        expect(page.locator("#check-popups")).to_contain_text("В порядке")

        page.add_init_script("window.open = () => null")
        page.goto(f"{server.origin}/help/sign-in")
        page.get_by_role("button", name="Проверить окна").click()

        expect(page.locator("[data-found]")).to_contain_text("LKMR-CONF-007")
        expect(page.locator("[data-found]")).to_contain_text("Разрешите всплывающие окна")


def test_what_the_browser_lacks_stands_in_place_of_the_last_refusal(page: Page) -> None:
    cause = Cause(
        code="LKMR-AUTH-014",
        title="Попытка входа устарела.",
        detail="Начните ещё раз.",
        instruction=("Начните вход заново.",),
        time=datetime.now(UTC),
    )
    view, chrome = SelfCheckView(cause=cause), replace(GUEST, now=datetime.now(UTC))
    with serving({"/help/sign-in": (view, chrome)}) as server:
        page.goto(f"{server.origin}/help/sign-in")
        expect(page.locator("[data-known]")).to_be_visible()
        expect(page.locator("[data-found]")).to_be_hidden()

        page.add_init_script(NO_STORAGE)
        page.goto(f"{server.origin}/help/sign-in")

        expect(page.locator("[data-found]")).to_contain_text("LKMR-AUTH-005")
        expect(page.locator("[data-known]")).to_be_hidden()


def test_the_way_in_warns_of_a_browser_that_cannot_keep_what_gosuslugi_needs(page: Page) -> None:
    page.add_init_script(NO_STORAGE)
    with serving(one_page(SignInView(), replace(GUEST, now=datetime.now(UTC)))) as server:
        page.goto(f"{server.origin}/")

        warning = page.locator("[data-browser-warning]")
        expect(warning).to_contain_text("LKMR-AUTH-005")
        expect(warning.get_by_role("link", name="Не получается войти?")).to_be_visible()


def test_a_sign_in_that_only_has_to_wait_begins_again_unless_told_not_to(page: Page) -> None:
    view = RefusedView(fault=FAULT, retry_href="/auth/login?return_to=/messages", retry_seconds=1)
    others = {"auth/login": (HOME, HOME_CHROME)}
    with serving(one_page(view, GUEST, **others)) as server:
        server.answers["/auth/login"] = 204
        page.goto(f"{server.origin}/")
        with page.expect_request("**/auth/login?return_to=/messages"):
            pass

    still = replace(view, retry_seconds=2)
    with serving(one_page(still, GUEST)) as server:
        page.goto(f"{server.origin}/")
        page.get_by_role("button", name="Не повторять").click()
        page.wait_for_timeout(2500)
        assert [path for _, path, _ in server.asked if path == "/auth/login"] == []


def test_a_link_to_an_answer_opens_it(samples: PageServer, page: Page) -> None:
    page.goto(f"{samples.origin}/self-check-least#organization")

    expect(page.locator("#organization p")).to_be_visible()


def test_a_new_code_can_be_asked_for_when_its_time_has_come(page: Page) -> None:
    now = datetime.now(UTC)
    view = CodeView(
        phone_masked="+7 900 •••-••-02",
        expire_time=now + timedelta(minutes=5),
        attempts_left=3,
        resend_time=now + timedelta(seconds=3),
    )
    with serving({"/auth/code": (view, replace(GUEST, now=now, csrf_token="t"))}) as server:
        page.goto(f"{server.origin}/auth/code")
        button = page.get_by_role("button", name="Отправить новый код")

        expect(page.get_by_label("Код из SMS")).to_be_focused()
        expect(button).to_be_disabled()
        expect(button).to_be_enabled()


def wait_for_stream(page: Page, server: PageServer) -> None:
    """Until the page holds its stream of events."""
    for _ in range(100):
        if server.streams:
            return
        page.wait_for_timeout(50)
    pytest.fail("the page opened no stream")
