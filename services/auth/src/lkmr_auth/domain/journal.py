"""The chain of the journal (журнал аудита): each row is bound to the one before it.

The format is for other programs too and stands in docs/audit.md: the content of a row is a JSON
array in the canonical form of RFC 8785, `hash = SHA-256(0x00 || hash before || content)`.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from lkmr_servicekit.audit import Act

GENESIS = bytes(32)
_ROW = b"\x00"
_ZULU = -len("+00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An act on its way into the journal. `source` is the program that saw it."""

    event_id: uuid.UUID
    source: str
    act: Act
    address: bytes | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: number and hash of its last row."""

    seq: int = 0
    hash: bytes = GENESIS


@dataclass(frozen=True, slots=True)
class ChainedRow:
    """A row as it is stored: its content in canonical bytes and the two hashes."""

    seq: int
    content: bytes
    before: bytes
    hash: bytes

    @property
    def line(self) -> bytes:
        """The row as it is exported: `<hash> <content>` and the end of the line."""
        return b"%s %s\n" % (self.hash.hex().encode(), self.content)


def moment(value: datetime) -> str:
    """UTC with six digits of the second, as `2026-11-26T11:10:51.000042Z`."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:_ZULU] + "Z"


def content_of(seq: int, chain_time: datetime, row: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a stored act: everything that is kept of it but the hashes."""
    address = row["address"]
    return orjson.dumps(
        [
            seq,
            moment(chain_time),
            moment(row["time"]),
            str(row["event_id"]),
            row["source"],
            row["actor"],
            row["on_behalf_of"],
            row["roles"],
            row["organization"],
            row["operation"],
            row["object"],
            row["subject"],
            row["result"],
            row["reason"],
            row["purpose"],
            row["basis"],
            row["session"],
            row["trace_id"],
            address.hex() if address is not None else None,
            row["device"],
        ]
    )


def link(before: bytes, content: bytes) -> bytes:
    """The hash of a row that follows another."""
    return hashlib.sha256(_ROW + before + content).digest()
