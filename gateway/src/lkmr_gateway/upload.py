"""A form with one file (multipart/form-data), read as it comes and never held whole.

Its text fields stand before the file: who may send it is decided before the file is read.
"""

from collections import deque
from collections.abc import AsyncIterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from lkmr_gateway.exchange import ClientGone, Exchange, Receive, Refused
from lkmr_gateway.problems import problem
from lkmr_servicekit.errors import FieldFault

BODY_BYTES = 20 * 1024 * 1024
FIELD_BYTES, FIELDS, FILE = 16 * 1024, 30, "file"
_KIND = "multipart/form-data"
_HEAD_BYTES = 4096


def is_multipart(exchange: Exchange) -> bool:
    """Whether a request is such a form."""
    return exchange.header(b"content-type").partition(";")[0].strip().lower() == _KIND


class Upload:
    """One form on its way in."""

    def __init__(self, exchange: Exchange, receive: Receive) -> None:
        """Raises Refused for a form whose length is too great or whose head is unreadable."""
        length = exchange.header(b"content-length")
        if length.isdigit() and int(length) > BODY_BYTES:
            raise Refused(problem("DOCUMENT_TOO_LARGE", limit=f"{BODY_BYTES // 1024**2} МБ"))
        _, options = parse_options_header(exchange.header(b"content-type").encode("latin-1"))
        boundary = options.get(b"boundary", b"")
        if not 1 <= len(boundary) <= 70:  # noqa: PLR2004 - RFC 2046, 5.1.1
            raise Refused(problem("REQUEST_UNREADABLE"))
        self._receive = receive
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )
        self.file_name = ""
        self._fields: dict[str, str] = {}
        self._pieces: deque[bytes] = deque()
        self._field, self._value = bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._name, self._text = "", bytearray()
        self._in_file = self._has_file = self._ended = self._over = False
        self._size = 0

    async def fields(self) -> dict[str, str]:
        """The text fields before the file. Raises Refused, ClientGone."""
        while not self._has_file and not self._ended:
            await self._more()
        return self._fields

    async def content(self) -> AsyncIterator[bytes]:
        """The bytes of the file; ends when the whole form is in. Raises Refused, ClientGone."""
        await self.fields()
        while True:
            while self._pieces:
                yield self._pieces.popleft()
            if self._ended:
                return
            await self._more()

    async def _more(self) -> None:
        body = await self._message()
        try:
            self._parser.write(body)
            if self._over and not self._ended:
                raise Refused(problem("REQUEST_UNREADABLE"))
        except (FormParserError, UnicodeDecodeError):
            raise Refused(problem("REQUEST_UNREADABLE")) from None

    async def _message(self) -> bytes:
        if self._over:
            raise Refused(problem("REQUEST_UNREADABLE"))
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body: bytes = message.get("body", b"")
        self._over = not message.get("more_body", False)
        self._size += len(body)
        if self._size > BODY_BYTES:
            raise Refused(problem("DOCUMENT_TOO_LARGE", limit=f"{BODY_BYTES // 1024**2} МБ"))
        return body

    def _begin(self) -> None:
        self._headers, self._text = {}, bytearray()
        if self._has_file:
            fault = FieldFault(FILE, "LAST", "Файл должен быть один и стоять последним в форме.")
            raise Refused(problem("FIELDS_INVALID", errors=[fault]))
        if len(self._fields) >= FIELDS:
            raise Refused(problem("REQUEST_UNREADABLE"))

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]
        self._short(self._field)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._short(self._value)

    def _short(self, held: bytearray) -> None:
        if len(held) > _HEAD_BYTES:
            raise Refused(problem("REQUEST_UNREADABLE"))

    def _header_end(self) -> None:
        self._headers[bytes(self._field).lower()] = bytes(self._value)
        self._field, self._value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8")
        if self._name in self._fields or not self._name:
            raise Refused(problem("REQUEST_UNREADABLE"))
        if b"filename" not in options:
            return
        if self._name != FILE:
            fault = FieldFault(self._name, "UNKNOWN_FIELD", "Файл передаётся в поле file.")
            raise Refused(problem("FIELDS_INVALID", errors=[fault]))
        self.file_name = options[b"filename"].decode("utf-8")
        self._in_file = self._has_file = True

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(bytes(data[start:end]))
            return
        self._text += data[start:end]
        if len(self._text) > FIELD_BYTES:
            raise Refused(problem("BODY_TOO_LARGE"))

    def _part_end(self) -> None:
        if not self._in_file:
            self._fields[self._name] = self._text.decode("utf-8")
        self._in_file = False

    def _end(self) -> None:
        self._ended = True
