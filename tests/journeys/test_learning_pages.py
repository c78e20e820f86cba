"""Pages of learning as they are served: no serious finding, no sideways scroll, none for others."""

from collections.abc import Callable
from typing import Any

import pytest

from ..support.visitor import Visitor
from .steps import sign_in
from .test_every_page_is_accessible import findings

pytestmark = [pytest.mark.journey, pytest.mark.browser]
PAGES = {
    "ivanova": ["/education", "/education/plan", "/education/catalog?query=анемия"],
    "smirnova": ["/education/confirmations"],
    "morozov": ["/education/kept-notices", "/education/kept-notices?resolved=true"],
    "pavlova": ["/education/staff", "/education/reports"],
}


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("login", PAGES)
def test_no_page_of_learning_has_a_serious_finding(
    browser: Any, suite: Any, visitor: Callable[..., Visitor], login: str, width: int
) -> None:
    context = browser.new_context(
        base_url=suite.url("gateway"), viewport={"width": width, "height": 800}, bypass_csp=True
    )
    page = context.new_page()
    sign_in(page, visitor(), login)
    found = [one for path in PAGES[login] for one in findings(page, path)]
    context.close()

    assert found == []


@pytest.mark.parametrize("path", ["confirmations", "kept-notices", "reports"])
def test_pages_of_others_are_closed_to_a_doctor(visitor: Callable[..., Visitor], path: str) -> None:
    doctor = visitor()
    doctor.sign_in("ivanova")

    assert doctor.request("GET", f"/education/{path}").status_code == 403
