"""The PDF of an extract by Typst: PDF/A-2b, our own font, a QR code, the same bytes each time."""

import asyncio
import io
from datetime import datetime
from pathlib import Path
from threading import Lock

import segno
import typst

from lkmr_servicekit.clock import MOSCOW

TEMPLATE = Path(__file__).with_name("extract.typ")


class TypstPrinter:
    """One compiler for the process; a page takes a few milliseconds."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts
        self._lock = Lock()
        self._compiler: typst.Compiler | None = None

    async def extract_pdf(self, content: bytes, *, verify_url: str, moment: datetime) -> bytes:
        """The PDF; `content` is JSON that the template prints as data, never as markup."""
        return await asyncio.to_thread(self._print, content, verify_url, moment)

    def _print(self, content: bytes, verify_url: str, moment: datetime) -> bytes:
        picture = io.BytesIO()
        segno.make(verify_url, error="m").save(picture, kind="svg", border=0, xmldecl=False)
        with self._lock:
            if self._compiler is None:
                self._compiler = typst.Compiler(
                    TEMPLATE, font_paths=[self._fonts], ignore_system_fonts=True
                )
            pdf = self._compiler.compile(
                format="pdf",
                pdf_standards=["a-2b"],
                sys_inputs={
                    "content": content.decode(),
                    "qr": picture.getvalue().decode(),
                    "verify_url": verify_url,
                    "moment": moment.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M"),
                },
                timestamp=int(moment.timestamp()),
            )
        if not isinstance(pdf, bytes):
            raise TypeError("Typst made no single document")
        return pdf
