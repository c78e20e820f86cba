"""Forms with files, read into memory within a limit and never written anywhere."""

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from fastapi import Request

from lkmr_gosuslugi_stand_in.faults import EsiaFault
from lkmr_gosuslugi_stand_in.parameters import FORM, Parameters, read_pairs

_MAX_BYTES = 8 * 1024 * 1024


class TooLarge(ValueError):
    """More bytes than a picture or a short video has."""


async def read_upload(request: Request) -> tuple[Parameters, dict[str, bytes]] | None:
    """Fields and files of a form; None for another type or an unreadable one. Raises TooLarge."""
    kind = request.headers.get("content-type", "")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BYTES:
            raise TooLarge
    if kind.lower().startswith(FORM):
        try:
            return read_pairs(bytes(body)), {}
        except EsiaFault:
            return None
    if not kind.lower().startswith("multipart/form-data"):
        return None
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + bytes(body))
    fields: list[tuple[str, str]] = []
    files: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = _content(part)
        if not isinstance(name, str):
            continue
        if part.get_filename() is None:
            fields.append((name, content.decode("utf-8", errors="replace")))
        elif content:
            files[name] = content
    return Parameters(fields), files


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
