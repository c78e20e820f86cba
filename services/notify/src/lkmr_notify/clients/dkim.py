"""DKIM signatures of letters (RFC 6376), when a key is set."""

from collections.abc import Callable
from pathlib import Path

import dkim

_HEADERS = [
    *(b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type"),
    *(b"list-unsubscribe", b"list-unsubscribe-post", b"auto-submitted"),
]


def signer(domain: str, selector: str, key_file: Path) -> Callable[[bytes], bytes]:
    """A function that gives the header to be put before a letter.

    The key is RSA in PEM. Raises OSError when the file cannot be read, ValueError when it is not
    a key.
    """
    key = key_file.read_bytes()

    def sign(letter: bytes) -> bytes:
        made: bytes = dkim.sign(
            letter,
            selector.encode(),
            domain.encode(),
            key,
            include_headers=_HEADERS,
            canonicalize=(b"relaxed", b"relaxed"),
        )
        return made

    try:
        sign(b"From: a@b\r\n\r\n")
    except dkim.DKIMException as fault:
        raise ValueError("DKIM_KEY_FILE holds no RSA key") from fault
    return sign
