"""Codes of ESIA faults, which arrive in redirects, JSON objects, JSON arrays and HTML."""

import re

_CODE = re.compile(r"ESIA-[0-9]{6}(?![0-9])")
_MAX_TEXT = 64 * 1024


def parse_esia_code(text: str | bytes | None) -> str | None:
    """The first `ESIA-nnnnnn` anywhere in an answer, or None; the words around it mean nothing."""
    if isinstance(text, bytes):
        text = text[:_MAX_TEXT].decode("utf-8", errors="replace")
    found = _CODE.search((text or "")[:_MAX_TEXT])
    return found.group() if found else None
