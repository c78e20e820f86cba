"""The journey that the cabinet exists for."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from ..support.visitor import Visitor
from .steps import IMAGES, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.browser]
SNILS = "900-001-037 98"


@pytest.mark.proves("F-028", "F-109", "F-145", "F-148", "F-149", "F-152", "F-235")
def test_a_doctor_signs_in_sees_the_accreditation_and_takes_the_extract(
    page: Any, visitor: Callable[..., Visitor], suite: Any
) -> None:
    clicks = sign_in(page, visitor(), "ivanova")

    assert page.locator("h1").inner_text().startswith("Анна Сергеевна")
    assert "терапия" in page.locator("main").inner_text()
    IMAGES.mkdir(exist_ok=True)
    page.screenshot(path=IMAGES / "home.png")

    page.get_by_role("link", name="Документы и аккредитация").first.click()
    page.get_by_role("link", name=re.compile("терапия", re.IGNORECASE)).first.click()
    clicks += 2
    assert "Истекает" in page.locator("main").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Выписка")).first.click()
    clicks += 1

    pdf = Path(download.value.path()).read_bytes()
    assert "Иванова Анна Сергеевна" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert clicks <= 4


@pytest.mark.proves("F-040", "F-045", "F-046", "F-137")
def test_a_change_in_the_register_reaches_the_open_page_and_the_mailbox_once(
    page: Any, visitor: Callable[..., Visitor], suite: Any
) -> None:
    reader = visitor()
    sign_in(page, reader, "akhmetov")
    page.goto("/accreditations")
    page.wait_for_load_state()
    before = len(reader.messages("akhmetov@demo.example"))

    reader.control(
        "egisz",
        "PUT",
        "register/workers/90002177736/accreditations/7726 031000001",
        {"kind": "PERIODIC", "specialty": "неонатология", "recorded_at": "2026-10-01"},
    )

    page.get_by_text("неонатология").first.wait_for(timeout=15_000)
    wait_for(lambda: len(reader.messages("akhmetov@demo.example")) == before + 1, page)
    mail = reader.messages("akhmetov@demo.example")[0]
    assert not re.search("Ахметов|Тимур|неонатология|900-021", mail["subject"] + mail["text"])
    page.goto("/messages")
    assert page.get_by_text("неонатология").count() >= 1


def wait_for(condition: Callable[[], bool], page: Any, seconds: float = 15) -> None:
    for _ in range(int(seconds * 10)):
        if condition():
            return
        page.wait_for_timeout(100)
    assert condition()


def test_all_of_it_works_without_a_script(
    browser: Any, visitor: Callable[..., Visitor], suite: Any
) -> None:
    context = browser.new_context(base_url=suite.url("gateway"), java_script_enabled=False)
    page = context.new_page()

    sign_in(page, visitor(), "petrov", profile="org-kb2/DOCTOR")
    page.get_by_role("link", name="Документы и аккредитация").first.click()

    assert "кардиология" in page.locator("main").inner_text()
    context.close()


def test_the_extract_opens_a_public_page_that_shows_what_was_issued(
    page: Any, visitor: Callable[..., Visitor], suite: Any
) -> None:
    reader = visitor()
    reader.sign_in("kuznetsov")
    entry = reader.api("accreditations")["items"][0]["id"]
    pdf = reader.request("GET", f"/api/v1/accreditations/{entry}/extract.pdf").content
    links = PdfReader(io.BytesIO(pdf)).pages[0]["/Annots"]
    address = links[0].get_object()["/A"]["/URI"]

    page.goto(str(address))

    shown = page.locator("main").inner_text()
    assert "Кузнецов" in shown
    assert "900-004" not in shown
    reader.control(
        "egisz",
        "PUT",
        f"register/workers/90000414815/accreditations/{reader.api('accreditations')['items'][0]['registry_number']}",
        {
            "kind": "PERIODIC",
            "specialty": "терапия",
            "recorded_at": "2024-06-07",
            "annulled": True,
        },
    )
    wait_for(lambda: "не совпадает" in _reloaded(page).lower(), page)


def _reloaded(page: Any) -> str:
    page.reload()
    return str(page.locator("main").inner_text()).replace("\xa0", " ")
