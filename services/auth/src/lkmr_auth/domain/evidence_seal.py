"""The signature over an export of evidence, by the key of statements about the journal.

It covers the JSON array `["lkmr-evidence", sha256, time]` in the canonical form of RFC 8785, where
`sha256` is that of the manifest, which names every file of the export with its own.
"""

from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from lkmr_auth.domain.journal import moment


def seal_of(sha256: str, now: datetime, key: Ed25519PrivateKey) -> dict[str, str]:
    """The signed words about a manifest."""
    time = moment(now)
    signature = key.sign(_words(sha256, time)).hex()
    return {"kind": "evidence", "sha256": sha256, "time": time, "signature": signature}


def seal_holds(seal: dict[str, Any], sha256: str, key: Ed25519PublicKey) -> bool:
    """Whether signed words are of this key and about this manifest."""
    try:
        key.verify(bytes.fromhex(seal["signature"]), _words(sha256, seal["time"]))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


def _words(sha256: str, time: str) -> bytes:
    return orjson.dumps(["lkmr-evidence", sha256, time])
