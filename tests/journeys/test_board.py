"""A head looks at the staff: who may work, who needs what, down to one person, out to a file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..support.own_suite import eventually
from ..support.visitor import Visitor
from .steps import IMAGES, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.browser]


def test_a_head_filters_the_board_opens_a_person_and_takes_the_file(
    page: Any, visitor: Callable[..., Visitor]
) -> None:
    head = visitor()
    sign_in(page, head, "orlova")
    page.goto("/")
    page.get_by_role("link", name="Допуск сотрудников").first.click()
    eventually(lambda: named(page, "Сидорова"), 60, "the staff has been judged")
    page.screenshot(path=IMAGES / "board.png")

    page.get_by_label("Фамилия").fill("сидор")
    page.get_by_role("button", name="Показать").click()
    page.wait_for_load_state()
    assert named(page, "Сидорова")
    assert not named(page, "Кузнецов")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as book:
        words = book.read("xl/sharedStrings.xml").decode()
    assert "Сидорова" in words
    assert "Кузнецов" not in words
    assert "Сведения реестра (ФРМР) на" in words
    page.get_by_role("link", name="Сидорова").first.click()
    page.get_by_role("heading", name="Проверка по правилам").wait_for()


def named(page: Any, name: str) -> bool:
    page.wait_for_load_state()
    if name in page.locator("main").inner_text():
        return True
    page.reload()
    return name in page.locator("main").inner_text()
