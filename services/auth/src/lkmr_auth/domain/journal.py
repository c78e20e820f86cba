"""The chain of the journal (журнал аудита): each row is bound to the one before it.

The format is for other programs too and stands in docs/audit.md: the content of a row is a JSON
array in the canonical form of RFC 8785, `hash = SHA-256(0x00 || hash before || content)`.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from lkmr_servicekit.audit import Act

GENESIS = bytes(32)
_ROW = b"\x00"


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


def moment(value: datetime) -> str:
    """UTC with six digits of the second, as `2026-11-26T11:10:51.000042Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def content_of(seq: int, chain_time: datetime, reported: Reported) -> bytes:
    """The canonical bytes of a row: everything that is kept of an act but the hashes."""
    act = reported.act
    if act.time is None:
        raise ValueError("ACT_INCOMPLETE")
    return orjson.dumps(
        [
            seq,
            moment(chain_time),
            moment(act.time),
            str(reported.event_id),
            reported.source,
            act.actor,
            act.on_behalf_of,
            list(act.roles),
            act.organization,
            act.operation,
            act.object,
            act.subject,
            act.result.value,
            act.reason,
            act.purpose,
            act.basis,
            act.session,
            act.trace_id,
            reported.address.hex() if reported.address is not None else None,
            act.device,
        ]
    )


def link(before: bytes, content: bytes) -> bytes:
    """The hash of a row that follows another."""
    return hashlib.sha256(_ROW + before + content).digest()
