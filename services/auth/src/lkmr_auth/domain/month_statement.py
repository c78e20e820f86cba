"""Signed words about a month of the journal that left the table, so that the chain holds on.

A statement is the JSON array `["lkmr-journal-month", kind, month, first, before, last, hash,
sha256, time]` in the canonical form of RFC 8785, signed as statements about the head are.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Self

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from lkmr_auth.domain.journal import Head, moment
from lkmr_auth.domain.retention import Month


class MonthKind(Enum):
    """The rows lie in a file; their term is over and the file is gone."""

    ARCHIVED = "archived"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthStatement:
    """Rows `first`…`last.seq` of a month. `before` is the hash of the row before the first one.

    `sha256` is that of the file as it lies there.
    """

    kind: MonthKind
    month: Month
    first: int
    before: bytes
    last: Head
    sha256: bytes
    time: str
    signature: bytes = b""

    @property
    def rows(self) -> int:
        """How many rows the month has."""
        return self.last.seq - self.first + 1

    def signed(self, kind: MonthKind, now: datetime, key: Ed25519PrivateKey) -> "MonthStatement":
        """The same words as of now, with a signature."""
        made = replace(self, kind=kind, time=moment(now))
        return replace(made, signature=key.sign(_words(made)))

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """A statement of its JSON form. Raises ValueError when it is not one."""
        try:
            value = orjson.loads(text)
            return cls(
                kind=MonthKind(value["kind"]),
                month=Month.read(value["month"]),
                first=int(value["first"]),
                before=bytes.fromhex(value["before"]),
                last=Head(int(value["last"]), bytes.fromhex(value["hash"])),
                sha256=bytes.fromhex(value["sha256"]),
                time=str(value["time"]),
                signature=bytes.fromhex(value["signature"]),
            )
        except (KeyError, TypeError, orjson.JSONDecodeError) as fault:
            raise ValueError("STATEMENT_UNREADABLE") from fault

    def holds(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is of this key over these words."""
        try:
            key.verify(self.signature, _words(self))
        except InvalidSignature:
            return False
        return True

    def to_json(self) -> dict[str, Any]:
        """As it is written into files."""
        return {
            "kind": self.kind.value,
            "month": str(self.month),
            "first": self.first,
            "before": self.before.hex(),
            "last": self.last.seq,
            "hash": self.last.hash.hex(),
            "sha256": self.sha256.hex(),
            "time": self.time,
            "signature": self.signature.hex(),
        }


def _words(statement: MonthStatement) -> bytes:
    said = {key: value for key, value in statement.to_json().items() if key != "signature"}
    return orjson.dumps(["lkmr-journal-month", *said.values()])
