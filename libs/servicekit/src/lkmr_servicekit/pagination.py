"""Keyset pages: sizes, and opaque tokens that cannot be forged into SQL."""

import base64
import binascii

import orjson

from lkmr_servicekit.errors import Category, FieldFault, ServiceError

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
_MAX_TOKEN = 512


def page_size_of(asked: int) -> int:
    """0 means 50, above 200 is cut. Raises ServiceError PAGE_SIZE_INVALID below zero."""
    if asked < 0:
        fault = FieldFault("page_size", "PAGE_SIZE_INVALID")
        raise ServiceError("PAGE_SIZE_INVALID", Category.INVALID_ARGUMENT, fields=[fault])
    return min(asked or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)


def page_token_of(*position: str | int) -> str:
    """An opaque token that carries the position after the last row."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def position_of(token: str, *kinds: type) -> tuple[str | int, ...]:
    """The position in a token, empty for an empty one.

    Raises ServiceError PAGE_TOKEN_INVALID when the token was not made by `page_token_of`
    for the same kinds of values.
    """
    if not token:
        return ()
    fault = FieldFault("page_token", "PAGE_TOKEN_INVALID")
    refused = ServiceError("PAGE_TOKEN_INVALID", Category.INVALID_ARGUMENT, fields=[fault])
    if len(token) > _MAX_TOKEN:
        raise refused
    try:
        values = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        raise refused from None
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise refused
    return tuple(values)
