"""What a person does in a browser, step by step."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..support.visitor import PASSWORD, Visitor

MAX_STEPS = 8
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SESSION_COOKIE = "__Host-lkmr"


def sign_in(page: Any, visitor: Visitor, login: str, *, profile: str = "") -> int:
    """From the front page to the page where the sign-in ends. Returns the clicks in the cabinet.

    `visitor` reads the codes that the person gets by SMS. Raises AssertionError with the words of
    the page when it ends without a session.
    """
    page.goto("/")
    page.get_by_role("link", name="Войти через Госуслуги").click()
    clicks = 1
    cabinet = urlsplit(visitor.base).netloc
    for _ in range(MAX_STEPS):
        page.wait_for_load_state()
        if page.locator("input[name=password]").count():
            page.locator("input[name=login]").fill(login)
            page.locator("input[name=password]").fill(PASSWORD)
            submit(page, "input[name=password]")
        elif page.locator("input[name=code]").count():
            page.locator("input[name=code]").fill(visitor.code_for(visitor._phone_of(login)))
            submit(page, "input[name=code]")
        elif page.locator("input[name=profile]").count():
            page.locator(f"input[name=profile][value='{profile}']").check()
            submit(page, "input[name=profile]")
            clicks += 2
        elif urlsplit(page.url).netloc != cabinet:
            page.get_by_role("button", name="Предоставить").click()
        else:
            assert SESSION_COOKIE in {one["name"] for one in page.context.cookies()}, said(page)
            return clicks
    raise AssertionError(f"the sign-in does not end: {page.url}")


def said(page: Any) -> str:
    """The path of a page and its words, without the long parameters of Gosuslugi."""
    return f"{urlsplit(page.url).path}: {page.locator('main').inner_text()}"


def submit(page: Any, field: str) -> None:
    """Press the button of the form in which a field stands."""
    form = page.locator("form", has=page.locator(field)).first
    form.locator("button[type=submit], button:not([type])").first.click()
