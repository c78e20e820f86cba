"""Proof that a write was asked for by a page of ours (CSRF)."""

import base64
import hashlib
import hmac

from lkmr_gateway.exchange import Exchange

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Csrf:
    """Tokens that only our pages know: HMAC of the session under the key of the gateways."""

    def __init__(self, key: str) -> None:
        self._key = hashlib.sha256(b"lkmr-csrf\x00" + key.encode()).digest()

    def session_token(self, seed: bytes) -> str:
        """The token of a session, for `X-CSRF-Token` and the field `csrf_token`."""
        return self._token(b"session", seed)

    def sign_in_token(self, login_cookie: bytes) -> str:
        """The token of the forms between ESIA and the session."""
        return self._token(b"sign-in", hashlib.sha256(login_cookie).digest())

    def _token(self, kind: bytes, value: bytes) -> str:
        made = hmac.digest(self._key, kind + b"\x00" + value, "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")


def comes_from_us(exchange: Exchange) -> bool:
    """`Sec-Fetch-Site: same-origin`, or where absent `Origin` equal to ours.

    A program that sends neither is judged by the token alone.
    """
    site = exchange.headers.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin"
    origin = exchange.headers.get(b"origin")
    return origin is None or origin.decode("latin-1").lower() == exchange.origin


def token_fits(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
