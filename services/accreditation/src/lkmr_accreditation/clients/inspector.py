"""Has a file opened by a process of its own, which cannot harm this one."""

import asyncio
import json
import sys

from lkmr_accreditation.clients import file_reader
from lkmr_accreditation.domain.errors import (
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentTypeRefused,
    DocumentUnsafe,
)
from lkmr_accreditation.usecases.document_ports import FileFacts
from lkmr_servicekit.child import answer_of

SECONDS, AT_ONCE = 15.0, 2
_COMMAND = (sys.executable, "-I", "-m", "lkmr_accreditation.clients.file_reader")


class ChildInspector:
    """The port `Inspector`; few at once, because each opens a whole file."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def inspect(self, content: bytes) -> FileFacts:
        """Raises DocumentTypeRefused, DocumentEncrypted, DocumentUnsafe, DocumentTooLarge."""
        async with self._places:
            answer = await _ask(content)
        refusal = answer.get("refusal")
        if refusal == file_reader.TYPE:
            raise DocumentTypeRefused
        if refusal == file_reader.ENCRYPTED:
            raise DocumentEncrypted
        if refusal == file_reader.LARGE:
            raise DocumentTooLarge(limit=f"{file_reader.MAX_PAGES} страниц")
        if refusal or "media_type" not in answer:
            raise DocumentUnsafe
        return FileFacts(media_type=str(answer["media_type"]), pages=int(str(answer["pages"])))


async def _ask(content: bytes) -> dict[str, object]:
    """What the child answers; nothing when it ended otherwise: by its limits or a fault."""
    try:
        answer = json.loads(await answer_of(_COMMAND, content, seconds=SECONDS) or b"{}")
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
