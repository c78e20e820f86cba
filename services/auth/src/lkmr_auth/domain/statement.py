"""Signed words about the chain, kept outside the database: they tell of a cut or rewritten one.

A statement is the JSON array `["lkmr-journal", kind, seq, hash, time]` in the canonical form of
RFC 8785, signed with Ed25519 by a key that administrators of the database do not have.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from lkmr_auth.domain.journal import Head, moment


class Kind(Enum):
    """The newest end of the chain, its end in an hour or day, the end of an export."""

    HEAD = "head"
    HOUR = "hour"
    DAY = "day"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Statement:
    """Number and hash of a row that was the last one at a moment, and the signature."""

    kind: Kind
    head: Head
    time: str
    signature: bytes

    @classmethod
    def sign(cls, kind: Kind, head: Head, now: datetime, key: Ed25519PrivateKey) -> "Statement":
        """A new statement."""
        time = moment(now)
        return cls(kind, head, time, key.sign(_words(kind.value, head, time)))

    @classmethod
    def read(cls, text: str | bytes) -> "Statement":
        """A statement of its JSON form. Raises ValueError when it is not one."""
        try:
            value = orjson.loads(text)
            head = Head(int(value["seq"]), bytes.fromhex(value["hash"]))
            signature = bytes.fromhex(value["signature"])
            return cls(Kind(value["kind"]), head, str(value["time"]), signature)
        except (KeyError, TypeError, orjson.JSONDecodeError) as fault:
            raise ValueError("STATEMENT_UNREADABLE") from fault

    def holds(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is of this key over these words."""
        try:
            key.verify(self.signature, _words(self.kind.value, self.head, self.time))
        except InvalidSignature:
            return False
        return True

    def to_json(self) -> dict[str, Any]:
        """As it is written into files."""
        return {
            "kind": self.kind.value,
            "seq": self.head.seq,
            "hash": self.head.hash.hex(),
            "time": self.time,
            "signature": self.signature.hex(),
        }


def _words(kind: str, head: Head, time: str) -> bytes:
    return orjson.dumps(["lkmr-journal", kind, head.seq, head.hash.hex(), time])


def signing_key(secret: str) -> Ed25519PrivateKey:
    """The key of 32 random bytes in base64url. Raises ValueError for another form."""
    raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    return Ed25519PrivateKey.from_private_bytes(raw)
