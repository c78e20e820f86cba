"""Letters that come back: the return path names the delivery, a report tells why (RFC 3464)."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from lkmr_notify.usecases.ports import Dispatch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PATH = re.compile(r"bounce\+([0-9a-f]{32})-([0-9a-f]{1,16})@", re.IGNORECASE)
_STATUS = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})")
MAX_REPORT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery that failed after the relay had taken it; `permanent` when no try can succeed."""

    delivery: uuid.UUID
    made: datetime
    reason: str
    permanent: bool


def return_path(dispatch: Dispatch, domain: str) -> str:
    """The envelope sender of a letter; empty when letters do not come back to us."""
    if not domain:
        return ""
    micros = (dispatch.create_time - _EPOCH) // timedelta(microseconds=1)
    return f"bounce+{dispatch.delivery.hex}-{micros:x}@{domain}"


def bounce_of(recipient: str, content: bytes) -> Bounce | None:
    """What a returned letter says; None when it names no delivery or reports no failure.

    Only the machine-readable part counts; its diagnostic text is never kept.
    """
    named = _PATH.match(recipient)
    if named is None:
        return None
    try:
        report = message_from_bytes(content, policy=policy.default)
        status = _status_of(report)
    except (ValueError, LookupError, TypeError):
        return None
    if status is None:
        return None
    made = _EPOCH + timedelta(microseconds=int(named[2], 16))
    kind, subject, detail = status
    return Bounce(
        delivery=uuid.UUID(named[1]),
        made=made,
        reason=f"BOUNCED_{kind}_{subject}_{detail}",
        permanent=kind == "5",
    )


def _status_of(report: EmailMessage) -> tuple[str, str, str] | None:
    if report.get_content_type() != "multipart/report":
        return None
    for part in report.iter_parts():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.iter_parts():
            action = str(block.get("Action", "")).strip().lower()
            found = _STATUS.match(str(block.get("Status", "")))
            if action == "failed" and found:
                return found[1], found[2], found[3]
    return None
