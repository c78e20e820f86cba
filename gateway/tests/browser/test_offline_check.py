"""The page that checks a printed extract with no network, in a real browser."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from page_samples import GUEST
from page_server import PageServer, serving
from playwright.sync_api import BrowserContext, Page, expect

from lkmr_accreditation.clients.seal import Seal
from lkmr_accreditation.domain.extract import statement_of
from lkmr_gateway.pages.views.accreditation import VerifyOfflineView
from lkmr_rig import seal as rig_seal
from lkmr_rig.layout import Home

pytestmark = pytest.mark.browser
IMAGES = Path(__file__).parents[3] / "docs" / "images"
CONTENT = {
    "code": "0ws4mQ4X3S2mHbS6yY8q3iZk", "name": "Образцова Проба Тестовна", "annulled": False,
    "birth_date": "1980-01-01", "specialty": "Терапия", "kind": "PERIODIC",
    "registry_number": "7723 031234567", "record_date": "2023-12-18",
    "effective_expire_date": "2099-12-18", "create_time": "2026-11-01T09:00:00+00:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    home = Home(Path(tmp_path_factory.mktemp("seal")))
    rig_seal.make(home)
    secrets = home.secrets("accreditation")
    return Seal(secrets / "seal_certificates", secrets / "seal_key")


@pytest.fixture(scope="module")
def server(seal: Seal) -> Iterator[PageServer]:
    with serving({"/verify/offline": (VerifyOfflineView(), GUEST)}) as opened:
        opened.files["/verify/keys.json"] = orjson.dumps(seal.keys())
        yield opened


def check(page: Page, code: str) -> None:
    page.get_by_label("Текст кода").fill(code)
    page.get_by_role("button", name="Проверить", exact=True).click()


def test_a_code_is_checked_when_neither_network_nor_server_answers(
    server: PageServer,
    context: BrowserContext,
    page: Page,
    seal: Seal,
) -> None:
    code = seal.statement(statement_of(orjson.dumps(CONTENT)))
    page.goto(server.origin + "/verify/offline")
    expect(page.get_by_text("откроется здесь без сети")).to_be_visible()

    context.set_offline(True)
    page.reload()
    asked = len(server.asked)
    check(page, code)

    expect(page.get_by_role("heading", name="Выписка подлинная")).to_be_visible()
    expect(page.get_by_text("Образцова Проба Тестовна")).to_be_visible()
    expect(page.get_by_text("18.12.2099")).to_be_visible()
    assert len(server.asked) == asked
    page.screenshot(path=IMAGES / "offline-check.png")
    context.set_offline(False)


def test_a_forged_code_and_one_of_a_stranger_are_refused(
    server: PageServer,
    page: Page,
    seal: Seal,
    tmp_path: Path,
) -> None:
    head, body, signature = seal.statement(statement_of(orjson.dumps(CONTENT))).split(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=="))
    told["n"] = "Другая Проба Тестовна"
    forged = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    stranger = Home(tmp_path)
    rig_seal.make(stranger)
    folder = stranger.secrets("accreditation")
    foreign = Seal(folder / "seal_certificates", folder / "seal_key")
    page.goto(server.origin + "/verify/offline")

    check(page, f"{head}.{forged}.{signature}")
    expect(page.get_by_role("heading", name="Подпись неверна")).to_be_visible()
    check(page, foreign.statement(statement_of(orjson.dumps(CONTENT))))
    expect(page.get_by_role("heading", name="Подпись неизвестна")).to_be_visible()
    check(page, "12345")
    expect(page.get_by_role("heading", name="Это не код выписки")).to_be_visible()
    expect(page.get_by_text("Другая Проба Тестовна")).not_to_be_visible()


@pytest.mark.proves("F-267")
def test_an_extract_of_stale_data_is_marked_by_the_code_itself(
    server: PageServer, page: Page, seal: Seal
) -> None:
    stale = {**CONTENT, "as_of": "2026-10-30T12:00+03:00"}
    page.goto(server.origin + "/verify/offline")

    check(page, seal.statement(statement_of(orjson.dumps(stale))))

    expect(page.get_by_role("heading", name="сведения могли устареть")).to_be_visible()
    expect(page.get_by_text("Реестр не ответил, когда формировалась выписка")).to_be_visible()
    expect(page.get_by_text("30.10.2026")).to_be_visible()


def test_an_extract_whose_term_is_over_says_so(server: PageServer, page: Page, seal: Seal) -> None:
    over = {**CONTENT, "effective_expire_date": "2020-01-01"}
    page.goto(server.origin + "/verify/offline")

    check(page, seal.statement(statement_of(orjson.dumps(over))))

    expect(page.get_by_role("heading", name="срок закончился")).to_be_visible()
