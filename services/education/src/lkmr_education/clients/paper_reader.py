"""Reads the text of a PDF that came from outside, in a process of its own."""

import sys

from lkmr_education.clients import paper_text
from lkmr_servicekit.child import answer_of

WALL_SECONDS = 8.0
_COMMAND = (sys.executable, "-I", "-m", paper_text.__name__)


class PaperReader:
    """The port `TextReader`. Anything that goes wrong is no text."""

    async def text_of(self, content: bytes) -> str:
        """The text of the first pages; empty for a picture or an unreadable file."""
        if not content.startswith(b"%PDF-"):
            return ""
        found = await answer_of(_COMMAND, content, seconds=WALL_SECONDS)
        return (found or b"").decode("utf-8", "replace")
