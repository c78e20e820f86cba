"""Reads the text of a file that came from outside, in a process of its own."""

import sys

from lkmr_education.clients import paper_text
from lkmr_education.clients.picture_reader import MAGICS, PictureReader
from lkmr_education.usecases.files import Seen
from lkmr_servicekit.child import answer_of

WALL_SECONDS = 8.0
_COMMAND = (sys.executable, "-I", "-m", paper_text.__name__)


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
        return Seen((found or b"").decode("utf-8", "replace"), picture=False)
