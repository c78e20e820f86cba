"""Strict reading of a compact JWS before any cryptography."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from lkmr_esia.refusals import Refusal, TokenRefused

MAX_TOKEN_BYTES = 8 * 1024
_MAX_HEADER_BYTES = 1024
_PARTS = 3
_FORBIDDEN = frozenset({"crit", "jku", "x5u", "jwk", "x5c", "b64"})


@dataclass(frozen=True, slots=True)
class CompactToken:
    """Parts of a token whose form is sound; its signature is still to be checked."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def read_compact(token: str) -> CompactToken:
    """Split and parse. Raises TokenRefused (MALFORMED, HEADER_NOT_ALLOWED)."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN_BYTES or not token.isascii():
        raise TokenRefused(Refusal.MALFORMED)
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise TokenRefused(Refusal.MALFORMED)
    header_bytes, claims_bytes, signature = (_decoded(part) for part in parts)
    if len(header_bytes) > _MAX_HEADER_BYTES or not signature:
        raise TokenRefused(Refusal.MALFORMED)
    header = _json_object(header_bytes)
    if _FORBIDDEN & header.keys():
        raise TokenRefused(Refusal.HEADER_NOT_ALLOWED)
    return CompactToken(token, header, _json_object(claims_bytes))


def _decoded(part: str) -> bytes:
    """Canonical unpadded base64url: the one spelling of its bytes."""
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TokenRefused(Refusal.MALFORMED) from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise TokenRefused(Refusal.MALFORMED)
    return data


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_repeats,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        raise TokenRefused(Refusal.MALFORMED) from None
    if not isinstance(value, dict):
        raise TokenRefused(Refusal.MALFORMED)
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is repeated")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("not a number of JSON")
