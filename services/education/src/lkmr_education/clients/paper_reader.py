"""Reads the text of a file that came from outside, in a process of its own."""

import sys

from lkmr_education.clients import page_picture, paper_text
from lkmr_education.clients.picture_reader import MAGICS, PictureReader
from lkmr_education.usecases.files import Seen
from lkmr_servicekit.child import answer_of

WALL_SECONDS, DRAW_SECONDS = 8.0, 15.0
FEWEST_SIGNS = 20
"""A PDF with fewer letters and digits is a scan: its pages are pictures."""
_COMMAND = (sys.executable, "-I", "-m", paper_text.__name__)
_DRAW = (sys.executable, "-I", "-m", page_picture.__name__)


class PaperReader:
    """The port `TextReader`. Anything that goes wrong is no text."""

    def __init__(self, pictures: PictureReader) -> None:
        self._pictures = pictures

    @property
    def reads_pictures(self) -> bool:
        """Whether this machine can read photos and scans."""
        return self._pictures.ready

    async def text_of(self, content: bytes) -> Seen:
        """The text of a PDF's first pages or of a picture; empty for an unreadable file."""
        if content.startswith(MAGICS):
            return Seen(await self._pictures.text_of(content), picture=True)
        if not content.startswith(b"%PDF-"):
            return Seen("", picture=False)
        found = await answer_of(_COMMAND, content, seconds=WALL_SECONDS)
        text = (found or b"").decode("utf-8", "replace")
        if sum(sign.isalnum() for sign in text) >= FEWEST_SIGNS:
            return Seen(text, picture=False)
        return await self._scan(content)

    async def _scan(self, content: bytes) -> Seen:
        """What is recognised on the drawn pages of a PDF without text."""
        if not self._pictures.ready:
            return Seen("", picture=True)
        drawn = await answer_of(_DRAW, content, seconds=DRAW_SECONDS)
        if drawn is None:
            return Seen("", picture=False)
        return Seen(await self._pictures.text_of(drawn), picture=True)
