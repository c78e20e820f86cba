"""No-break spaces in the fixed texts of templates, put in once when they are compiled."""

import re
from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from lkmr_gateway.pages.text import bind

_PIECES = re.compile(r"<[^>]*>?|[^<>]+|>")
_PLAIN = "title"  # spaces of a title are compared by people and programs: they stay plain


class BindText(Extension):
    """Passes the text between tags through `bind`; attributes and titles stay as written."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        binder = _Binder()
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, "data", "".join(binder.pieces(token.value)))
            else:
                yield token


class _Binder:
    """Knows between two pieces of a template whether a tag or a title is open."""

    def __init__(self) -> None:
        self._in_tag = False
        self._plain = False

    def pieces(self, data: str) -> Iterator[str]:
        if self._in_tag:
            head, closing, data = data.partition(">")
            yield head + closing
            self._in_tag = not closing
        for piece in _PIECES.findall(data) if not self._in_tag else ():
            if not piece.startswith("<"):
                yield piece if self._plain else bind(piece)
                continue
            self._in_tag = not piece.endswith(">")
            if piece.startswith((f"<{_PLAIN}", f"</{_PLAIN}")):
                self._plain = not piece.startswith("</")
            yield piece
