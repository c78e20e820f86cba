"""Files from outside are opened by a process of their own, and told apart by their content."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from lkmr_accreditation.clients.file_reader import Refused, read
from lkmr_accreditation.clients.inspector import ChildInspector
from lkmr_accreditation.domain.errors import (
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentTypeRefused,
    DocumentUnsafe,
)


def a_pdf(pages: int = 1, *, password: str = "", script: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if script:
        writer.add_js(script)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def an_image(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, kind)
    return made.getvalue()


async def test_a_file_is_what_its_content_says() -> None:
    inspector = ChildInspector()

    pdf = await inspector.inspect(a_pdf(3))
    assert (pdf.media_type, pdf.pages) == ("application/pdf", 3)
    assert (await inspector.inspect(an_image("PNG"))).media_type == "image/png"
    assert (await inspector.inspect(an_image("JPEG"))).media_type == "image/jpeg"
    with pytest.raises(DocumentTypeRefused):
        await inspector.inspect(b"MZ\x90\x00 a program")
    with pytest.raises(DocumentTypeRefused):
        await inspector.inspect(b"")
    with pytest.raises(DocumentEncrypted):
        await inspector.inspect(a_pdf(password="тайна"))
    with pytest.raises(DocumentUnsafe):
        await inspector.inspect(b"%PDF-1.7 and nothing that belongs to it")


@pytest.mark.parametrize("name", ["/JavaScript", "/Launch", "/EmbeddedFiles", "/XFA"])
def test_a_pdf_with_something_that_acts_is_refused(name: str) -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    deep = DictionaryObject({NameObject(name): TextStringObject("x")})
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/A"): deep})
    made = io.BytesIO()
    writer.write(made)

    with pytest.raises(Refused, match="UNSAFE"):
        read(made.getvalue())


def test_too_many_pages_and_points_are_refused() -> None:
    with pytest.raises(Refused, match="LARGE"):
        read(a_pdf(501))
    head = struct.pack("!IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = struct.pack("!I", len(head)) + b"IHDR" + head
    bomb = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack("!I", zlib.crc32(b"IHDR" + head))
    with pytest.raises(Refused, match=r"LARGE|UNSAFE"):
        read(bomb + struct.pack("!I", 0) + b"IEND" + struct.pack("!I", zlib.crc32(b"IEND")))


def test_a_cut_image_is_refused() -> None:
    with pytest.raises(Refused, match="UNSAFE"):
        read(an_image("JPEG")[:-200])


async def test_a_child_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lkmr_accreditation.clients.inspector._COMMAND", (str(Path("/bin/false")),))
    with pytest.raises(DocumentUnsafe):
        await ChildInspector().inspect(a_pdf())


async def test_too_large_is_told_with_the_limit() -> None:
    with pytest.raises(DocumentTooLarge) as refused:
        await ChildInspector().inspect(a_pdf(501))
    assert refused.value.metadata == {"limit": "500 страниц"}
