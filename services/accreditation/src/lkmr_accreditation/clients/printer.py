"""The PDF of an extract by Typst: PDF/A-2b, our own font, two codes, sealed by the organisation."""

import asyncio
import io
from datetime import datetime
from pathlib import Path
from threading import Lock

import orjson
import segno
import typst

from lkmr_accreditation.clients.seal import Seal
from lkmr_accreditation.domain.extract import statement_of
from lkmr_servicekit.clock import MOSCOW

MASK = 3  # one mask for all codes: trying out eight of them costs more than the page itself
TEMPLATE = Path(__file__).with_name("extract.typ")


class TypstPrinter:
    """One compiler for the process; a page takes milliseconds, its codes and signature as many."""

    def __init__(self, fonts: Path, seal: Seal) -> None:
        self._fonts, self._seal = fonts, seal
        self._lock = Lock()
        self._compiler: typst.Compiler | None = None

    async def extract_pdf(self, content: bytes, *, verify_url: str, moment: datetime) -> bytes:
        """The PDF; `content` is JSON that the template prints as data, never as markup."""
        return await asyncio.to_thread(self.printed, content, verify_url, moment)

    def printed(self, content: bytes, verify_url: str, moment: datetime) -> bytes:
        """The same, in the thread that calls."""
        inputs = self.inputs_of(content, verify_url, moment)
        with self._lock:
            plain = self._compile(inputs, moment)
        return self._seal.sign_pdf(plain, moment)

    def inputs_of(self, content: bytes, verify_url: str, moment: datetime) -> dict[str, str]:
        """What the template prints, its codes drawn."""
        return {
            "content": content.decode(),
            "qr": _code(verify_url, "m"),
            "statement": _code(self._seal.statement(statement_of(content)), "l"),
            "seal": orjson.dumps(self._seal.owner).decode(),
            "verify_url": verify_url,
            "moment": moment.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M"),
        }

    def _compile(self, inputs: dict[str, str], moment: datetime) -> bytes:
        if self._compiler is None:
            self._compiler = typst.Compiler(
                TEMPLATE, font_paths=[self._fonts], ignore_system_fonts=True
            )
        pdf = self._compiler.compile(
            format="pdf",
            pdf_standards=["a-2b"],
            sys_inputs=inputs,
            timestamp=int(moment.timestamp()),
        )
        if not isinstance(pdf, bytes):
            raise TypeError("Typst made no single document")
        return pdf


def _code(text: str, correction: str) -> str:
    picture = io.BytesIO()
    made = segno.make(text, error=correction, boost_error=False, micro=False, mask=MASK)
    made.save(picture, kind="svg", border=0, xmldecl=False)
    return picture.getvalue().decode()
