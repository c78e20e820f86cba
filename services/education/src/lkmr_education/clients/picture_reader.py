"""Reads the text of a photo or scan (распознавание), where Tesseract with Russian is installed."""

import shutil
import subprocess
import sys
from typing import Self

from lkmr_education.clients import picture_text
from lkmr_servicekit.child import answer_of
from lkmr_servicekit.telemetry import log

PROGRAM, LANGUAGE = "tesseract", "rus"
WALL_SECONDS, LOOK_SECONDS, MAX_TEXT = 25.0, 10.0, 20_000
SURE, GAP = 60.0, "□"
"""How sure (0 to 100) the recogniser must be of a word, and of all words on the average. On papers
that were made small or blurred, wrong numbers had 8 to 36, right ones 90 and more; a word of which
it is not sure is a gap that no field reaches over."""
_COLUMNS, _WORD = 12, "5"
MAGICS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class PictureReader:
    """Anything that goes wrong is no text. Without a recogniser no picture has one."""

    def __init__(self, program: str) -> None:
        """`program` is the path of the recogniser; empty: there is none."""
        self._program = program

    @classmethod
    def installed(cls) -> Self:
        """A reader with what this machine has."""
        program = shutil.which(PROGRAM) or ""
        if program and not _knows(program):
            log.warning("recogniser.without_language", language=LANGUAGE)
            program = ""
        return cls(program)

    @property
    def ready(self) -> bool:
        """Whether pictures can be read at all."""
        return bool(self._program)

    async def text_of(self, content: bytes) -> str:
        """The text of a picture, with gaps; empty where too little was recognised for sure."""
        if not self._program:
            return ""
        command = (sys.executable, "-I", "-m", picture_text.__name__, self._program)
        found = await answer_of(command, content, seconds=WALL_SECONDS)
        return sure_text((found or b"").decode("utf-8", "replace"))[:MAX_TEXT]


def sure_text(table: str) -> str:
    """The words of a table (TSV) of which the recogniser is sure, the others as gaps."""
    rows = (line.split("\t") for line in table.splitlines())
    words = [
        (float(row[10]), row[11])
        for row in rows
        if len(row) == _COLUMNS and row[0] == _WORD and row[11].strip()
    ]
    if not words or sum(sure for sure, _ in words) / len(words) < SURE:
        return ""
    return " ".join(word if sure >= SURE else GAP for sure, word in words)


def _knows(program: str) -> bool:
    try:
        told = subprocess.run(  # noqa: S603 - the path was found on this machine
            [program, "--list-langs"], capture_output=True, timeout=LOOK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return LANGUAGE in told.stdout.decode("utf-8", "replace").split()
