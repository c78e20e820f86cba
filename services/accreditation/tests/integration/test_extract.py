import hashlib
import io
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from sysconfig import get_path
from typing import Any

import orjson
import pytest
from pypdf import PdfReader

from lkmr_accreditation.clients.printer import TypstPrinter
from lkmr_accreditation.clients.seal import Seal
from lkmr_accreditation.domain.errors import ExtractNotFound
from lkmr_accreditation.domain.extract import statement_of
from lkmr_accreditation.domain.law import Law, Norm
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.issue_extract import issue_extract
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_accreditation.usecases.verify_extract import verify_extract
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.errors import Category, ServiceError

from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
LAW = Law(
    norms=[
        Norm(key="accr.window.open_days", value=180, source="проба"),
        Norm(key="accr.sync.stale_hours", value=24, source="проба"),
    ],
    extensions=[],
)
FONTS = Path(get_path("purelib")) / "fontpkg_pt_sans" / "files"


class Issuing:
    def __init__(self, store: Database, new_uow: NewUow, clock: FakeClock, seal: Seal) -> None:
        self.printer, self.away = TypstPrinter(FONTS, seal), False
        self.parts: dict[str, Any] = {
            "reader": PostgresReader(store), "new_uow": new_uow, "law": LAW, "clock": clock,
        }  # fmt: skip

    async def refresh(self, _: str) -> None:
        assert self.away, "nothing is stale here"
        raise ServiceError("REGISTER_UNAVAILABLE", Category.UNAVAILABLE)

    async def issue(self, worker: str, accreditation: str) -> Any:
        return await issue_extract(
            worker, accreditation, verify_origin="https://localhost:8084",
            refresh=self.refresh, printer=self.printer, **self.parts,
        )  # fmt: skip

    async def verify(self, code: str) -> Any:
        return await verify_extract(code, **self.parts)


@pytest.fixture
async def issuing(store: Database, new_uow: NewUow, clock: FakeClock, seal: Seal) -> Issuing:
    return Issuing(store, new_uow, clock, seal)


async def stored(new_uow: NewUow, store: Database, card: Any) -> str:
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    found = await PostgresReader(store).find_worker(card.worker)
    assert found is not None
    return found.entries[0].id


async def test_the_extract_is_pdf_a_with_text_and_the_same_bytes_each_time(
    issuing: Issuing, store: Database, new_uow: NewUow, clock: FakeClock
) -> None:
    card = a_card(an_entry())
    entry = await stored(new_uow, store, card)

    first = await issuing.issue(card.worker, entry)
    clock.move(hours=2)
    second = await issuing.issue(card.worker, entry)

    assert first.pdf == second.pdf
    assert first.pdf_sha256 == hashlib.sha256(first.pdf).hexdigest()
    reader = PdfReader(io.BytesIO(first.pdf))
    text = reader.pages[0].extract_text()
    assert "Образцова Проба Тестовна" in text
    assert "7723 031234567" in text
    assert "18.12.2028" in text
    assert "900-001" not in text
    xmp = reader.xmp_metadata
    assert xmp is not None
    assert b"<pdfaid:part>2" in first.pdf
    assert b"<pdfaid:conformance>B" in first.pdf
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert fonts
    assert all("PTSans" in font["/BaseFont"] for font in fonts)


async def test_the_code_shows_what_was_issued_and_says_when_the_register_has_moved_on(
    issuing: Issuing, store: Database, new_uow: NewUow
) -> None:
    card = a_card(an_entry())
    entry = await stored(new_uow, store, card)
    made = await issuing.issue(card.worker, entry)
    assert (await issuing.verify(made.code)).matches_register

    changed = an_entry(expire_date=date(2027, 1, 1))
    await stored(new_uow, store, a_card(changed, worker=card.worker, version=2))

    verified = await issuing.verify(made.code)
    assert not verified.matches_register
    assert orjson.loads(verified.extract.content)["expire_date"] == "2028-12-18"
    assert (await issuing.issue(card.worker, entry)).pdf_sha256 != made.pdf_sha256


@pytest.mark.proves("F-267")
async def test_an_extract_of_stale_data_says_so_everywhere_and_a_fresh_one_is_another_document(
    issuing: Issuing, store: Database, new_uow: NewUow, clock: FakeClock, seal: Seal
) -> None:
    card = a_card(an_entry())
    entry = await stored(new_uow, store, card)
    fresh = await issuing.issue(card.worker, entry)
    clock.move(hours=25)
    issuing.away = True

    stale = await issuing.issue(card.worker, entry)

    moment = "2026-11-23T12:00+03:00"
    assert stale.code != fresh.code
    assert stale.pdf == (await issuing.issue(card.worker, entry)).pdf
    assert orjson.loads(stale.content)["as_of"] == moment
    assert orjson.loads(statement_of(stale.content))["o"] == moment
    words = words_of(stale.pdf)
    assert "Сведения могли устареть" in words
    assert "23.11.2026 в 12:00 (МСК)" in words
    assert "устареть" not in words_of(fresh.pdf)
    assert "o" not in orjson.loads(statement_of(fresh.content))
    for code in (stale.code, fresh.code):
        assert (await issuing.verify(code)).matches_register

    issuing.away = False
    async with new_uow() as uow:
        await uow.workers.touch(card.worker, clock.now())
        await uow.commit()
    assert (await issuing.issue(card.worker, entry)).code == fresh.code


def words_of(pdf: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


async def test_an_extract_from_before_the_seal_stays_checkable(
    issuing: Issuing, store: Database, new_uow: NewUow
) -> None:
    card = a_card(an_entry())
    entry = await stored(new_uow, store, card)
    made = await issuing.issue(card.worker, entry)
    facts = json.loads(made.content)
    for name in ("extract_id", "code", "create_time", "source_system", "source_version"):
        del facts[name]
    plain = hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).digest()
    old = replace(made, id=str(uuid.uuid4()), code="old-form-code", facts_hash=plain)
    async with new_uow() as uow:
        assert await uow.extracts.add(old)
        await uow.commit()

    assert (await issuing.verify("old-form-code")).matches_register
    assert (await issuing.issue(card.worker, entry)).code == made.code


async def test_an_unknown_code_is_not_found(issuing: Issuing) -> None:
    with pytest.raises(ExtractNotFound):
        await issuing.verify("no-such-code")
