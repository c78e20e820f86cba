"""Reads fields of JSON that others wrote: strict about type and size, deaf to unknown fields."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from lkmr_egisz_bridge.clients.http import OutsideFault

Raw = Mapping[str, Any]
MAX_TEXT = 2000
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


class Unreadable(Exception):
    """A field that we use is missing or of another type; names the field, never its value."""


def object_of(body: bytes) -> Raw:
    """The object in a body. Raises OutsideFault ANSWER_UNREADABLE."""
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise OutsideFault("ANSWER_UNREADABLE") from None
    if not isinstance(raw, dict):
        raise OutsideFault("ANSWER_UNREADABLE")
    return raw


def record(raw: Any, what: str) -> Raw:
    """An object inside an answer. Raises Unreadable."""
    if type(raw) is not dict:
        raise Unreadable(what)
    return raw


def text(raw: Raw, field: str, *, required: bool = False) -> str:
    """A text; empty when it is null or absent and not required. Raises Unreadable."""
    value = raw.get(field)
    if type(value) is str and len(value) <= MAX_TEXT and (value or not required):
        return value
    if value is None and not required:
        return ""
    raise Unreadable(field)


def day(raw: Raw, field: str) -> str:
    """A day of ISO 8601, or empty. Raises Unreadable."""
    value = raw.get(field)
    if value is None or value == "":
        return ""
    if type(value) is not str or not _DAY.match(value):
        raise Unreadable(field)
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Unreadable(field) from None
    return value


def number(raw: Raw, field: str, *, required: bool = True) -> int:
    """A whole number of either sign; 0 when null and not required. Raises Unreadable."""
    value = raw.get(field)
    if value is None and not required:
        return 0
    if type(value) is not int or not -(1 << 62) < value < 1 << 62:
        raise Unreadable(field)
    return value


def flag(raw: Raw, field: str) -> bool:
    """True or false. Raises Unreadable."""
    value = raw.get(field)
    if type(value) is not bool:
        raise Unreadable(field)
    return value


def texts(raw: Raw, field: str, *, most: int) -> list[str]:
    """A list of texts. Raises Unreadable."""
    found = items(raw, field, most=most)
    if not all(type(one) is str and len(one) <= MAX_TEXT for one in found):
        raise Unreadable(field)
    return found


def one_of(raw: Raw, field: str, known: frozenset[str]) -> str:
    """A word of a known set. Raises Unreadable."""
    value = raw.get(field)
    if type(value) is not str or value not in known:
        raise Unreadable(field)
    return value


def items(raw: Raw, field: str, *, most: int) -> list[Any]:
    """A list of bounded length. Raises Unreadable."""
    value = raw.get(field)
    if type(value) is not list or len(value) > most:
        raise Unreadable(field)
    return value
