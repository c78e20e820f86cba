"""Fields proposed out of a photo: recognised by a real program, where this machine has one."""

from pathlib import Path

import pytest
import typst

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


def a_photo() -> bytes:
    """A paper as a slightly turned picture (PNG)."""
    return typst.compile(PAPER.encode(), format="png", ppi=200, font_paths=[str(FONTS)])


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
@pytest.mark.parametrize("content", [b"\xff\xd8\xff" + b"0" * 99, b"\x89PNG\r\n\x1a\n"])
async def test_a_picture_that_is_none_is_no_text(content: bytes) -> None:
    seen = await PaperReader(READER).text_of(content)

    assert (seen.text.strip(), seen.picture) == ("", True)


async def test_without_a_recogniser_a_picture_has_no_text_and_it_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    texts = PaperReader(PictureReader.installed())
    seen = await texts.text_of(a_photo())

    assert (texts.reads_pictures, seen.text, seen.picture) == (False, "", True)
    assert proposal_of(seen.text).number == ""
