"""No serious accessibility finding and no sideways scroll on the pages as they are served."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from ..support.visitor import Visitor
from .steps import sign_in

pytestmark = [pytest.mark.journey, pytest.mark.browser]
OPEN = ["/", "/help/sign-in", "/help/codes", "/accessibility", "/personal-data", "/status", "/nope"]
OWN = [
    "/",
    "/accreditations",
    "/accreditations?state=EXPIRED",
    "/messages",
    "/security",
    "/access-log?who=all",
]


def findings(page: Any, path: str) -> list[str]:
    page.goto(path)
    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    serious = [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
    return [f"{path}: {name}" for name in serious + (["scrolls sideways"] if wide else [])]


@pytest.mark.parametrize("width", [1280, 320])
def test_no_page_has_a_serious_finding(
    browser: Any, suite: Any, visitor: Callable[..., Visitor], width: int
) -> None:
    context = browser.new_context(
        base_url=suite.url("gateway"), viewport={"width": width, "height": 800}, bypass_csp=True
    )
    page = context.new_page()

    found = [one for path in OPEN for one in findings(page, path)]
    sign_in(page, visitor(), "ivanova")
    found += [one for path in OWN for one in findings(page, path)]
    page.goto("/accreditations")
    entry = page.locator("main a[href^='/accreditations/']").first.get_attribute("href")
    found += findings(page, entry)
    context.close()

    assert found == []
