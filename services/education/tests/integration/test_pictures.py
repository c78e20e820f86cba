"""Fields proposed out of a photo: recognised by a real program, where this machine has one."""

import io
from pathlib import Path
from typing import Any

import pytest
import typst
from PIL import Image, ImageFilter
from pypdf import PdfReader

from lkmr_education.clients.paper_reader import PaperReader
from lkmr_education.clients.picture_reader import PictureReader
from lkmr_education.domain.proposal import proposal_of

from ..builders import WORKER
from .conftest import FONTS, Service
from .test_feeds import uploaded

pytestmark = pytest.mark.servers
READER = PictureReader.installed()
recognised = pytest.mark.skipif(
    not READER.ready, reason="no tesseract with Russian: apt-get install tesseract-ocr-rus"
)
PAPER = """
#set page(width: 21cm, height: 14.8cm, margin: 2cm)
#set text(font: "PT Sans", size: 14pt, lang: "ru")
#rotate(0.7deg)[
#align(center)[*УДОСТОВЕРЕНИЕ О ПОВЫШЕНИИ КВАЛИФИКАЦИИ*]

Регистрационный номер 774411-26

Слушатель прошёл обучение по программе «Аритмии: диагностика и лечение» в объёме 36 часов.

Дата выдачи 21.03.2026]
"""


def a_photo(*, size: float = 1.0, blur: float = 0.0) -> bytes:
    """A paper as a slightly turned picture (PNG), made smaller and blurred."""
    png = typst.compile(PAPER.encode(), format="png", ppi=200, font_paths=[str(FONTS)])
    with Image.open(io.BytesIO(png)) as picture:
        return _bytes(_worse(picture, size, blur), "PNG")


def a_scan(*, pages: int = 1, size: float = 1.0, blur: float = 0.0) -> bytes:
    """The paper as pages of a PDF that has no text, the paper on the last one."""
    with Image.open(io.BytesIO(a_photo(size=size, blur=blur))) as picture:
        paper = picture.convert("L")
        blank = [Image.new("L", paper.size, 255) for _ in range(pages - 1)]
        return _bytes((*blank, paper)[0], "PDF", append_images=[*blank, paper][1:], save_all=True)


def _worse(picture: Image.Image, size: float, blur: float) -> Image.Image:
    smaller = picture.resize((int(picture.width * size), int(picture.height * size)))
    return smaller.filter(ImageFilter.GaussianBlur(blur))


def _bytes(picture: Image.Image, form: str, **options: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, form, resolution=200, **options)
    return made.getvalue()


@recognised
async def test_fields_are_proposed_out_of_a_photo_and_nothing_is_stored(service: Service) -> None:
    await service.summary()

    found = await uploaded(service, "ProposeCertificate", f"workers/{WORKER}", a_photo())

    assert found["proposed"] == {
        "number": "774411-26",
        "series": "",
        "issue_date": "2026-03-21",
        "hours": "36",
    }
    assert (found["read"], found["picture"], found["reads_pictures"]) == (True, True, True)
    assert await service.store.pool.fetchval("SELECT count(*) FROM certificate") == 0


@recognised
@pytest.mark.parametrize("pages", [1, 2])
async def test_fields_are_proposed_out_of_a_scan_without_text(service: Service, pages: int) -> None:
    await service.summary()
    scan = a_scan(pages=pages)
    assert not "".join(page.extract_text() for page in PdfReader(io.BytesIO(scan)).pages).strip()

    found = await uploaded(service, "ProposeCertificate", f"workers/{WORKER}", scan)

    assert found["proposed"] == {
        "number": "774411-26",
        "series": "",
        "issue_date": "2026-03-21",
        "hours": "36",
    }
    assert (found["read"], found["picture"]) == (True, True)
    assert await service.store.pool.fetchval("SELECT count(*) FROM certificate") == 0


@recognised
async def test_of_a_bad_scan_nothing_is_proposed_and_it_is_said_so(service: Service) -> None:
    await service.summary()

    found = await uploaded(service, "ProposeCertificate", f"workers/{WORKER}", a_scan(blur=6))

    assert not any(found["proposed"].values())
    assert (found["read"], found["picture"]) == (False, True)


@recognised
async def test_a_file_that_is_no_pdf_inside_is_no_text() -> None:
    seen = await PaperReader(READER).text_of(b"%PDF-1.7 broken")

    assert (seen.text, seen.picture) == ("", False)


@recognised
@pytest.mark.parametrize("content", [b"\xff\xd8\xff" + b"0" * 99, b"\x89PNG\r\n\x1a\n"])
async def test_a_picture_that_is_none_is_no_text(content: bytes) -> None:
    seen = await PaperReader(READER).text_of(content)

    assert (seen.text.strip(), seen.picture) == ("", True)


async def test_without_a_recogniser_a_picture_has_no_text_and_it_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    texts = PaperReader(PictureReader.installed())
    for content in (a_photo(), a_scan()):
        seen = await texts.text_of(content)
        assert (texts.reads_pictures, seen.text, seen.picture) == (False, "", True)
        assert proposal_of(seen.text).number == ""
