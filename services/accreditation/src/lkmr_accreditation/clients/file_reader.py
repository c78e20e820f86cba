"""Opens one file that came from outside: run as a process of its own, with little memory and time.

Reads the file from standard input, writes `{"media_type", "pages"}` or `{"refusal"}` as JSON.
"""

import io
import json
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any

MEMORY_BYTES, CPU_SECONDS = 512 * 1024 * 1024, 10
MAX_PAGES, MAX_POINTS = 500, 40_000_000
TYPE, ENCRYPTED, UNSAFE, LARGE = "TYPE", "ENCRYPTED", "UNSAFE", "LARGE"
_IMAGES = {"JPEG": "image/jpeg", "PNG": "image/png"}
_ACTIVE = frozenset({"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/XFA"})
_MAX_OBJECTS = 200_000


class Refused(Exception):
    """Why a file is not taken: one word."""


def read(content: bytes) -> dict[str, Any]:
    """What a file is. Raises Refused."""
    if content.startswith(b"%PDF-"):
        return {"media_type": "application/pdf", "pages": _pdf_pages(content)}
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return {"media_type": _image(content), "pages": 1}
    raise Refused(TYPE)


def _pdf_pages(content: bytes) -> int:
    from pypdf import PdfReader  # noqa: PLC0415 - an image needs no reader of PDF
    from pypdf.errors import PyPdfError  # noqa: PLC0415 - same

    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Refused(ENCRYPTED)
        pages = len(reader.pages)
        if any(name in _ACTIVE for name in _names(reader)):
            raise Refused(UNSAFE)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise Refused(UNSAFE) from fault
    if not pages:
        raise Refused(UNSAFE)
    if pages > MAX_PAGES:
        raise Refused(LARGE)
    return pages


def _names(reader: Any) -> Iterator[str]:
    """Every name that stands in the objects reached from the catalogue, as key or as value."""
    waiting, seen, looked = [reader.trailer.get("/Root")], set(), 0
    while waiting:
        value = waiting.pop()
        number = getattr(value, "idnum", None)
        if number is not None:
            if number in seen:
                continue
            seen.add(number)
            value = value.get_object()
        looked += 1
        if looked > _MAX_OBJECTS:
            raise Refused(LARGE)
        if isinstance(value, dict):
            yield from value.keys()
            waiting += [dict.__getitem__(value, key) for key in value]
        elif isinstance(value, list):
            waiting += [list.__getitem__(value, place) for place in range(len(value))]
        elif isinstance(value, str) and value.startswith("/"):
            yield value


def _image(content: bytes) -> str:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - a PDF needs no reader of images

    Image.MAX_IMAGE_PIXELS = MAX_POINTS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(_IMAGES)) as image:
                kind = _IMAGES[str(image.format)]
                image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as fault:
        raise Refused(LARGE) from fault
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError) as fault:
        raise Refused(UNSAFE) from fault
    return kind


def main() -> None:
    """Read, look, answer; any other end means that the file cannot be opened."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        answer = read(sys.stdin.buffer.read())
    except Refused as refusal:
        answer = {"refusal": str(refusal)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
