"""A journal of every signed string that arrived, for people who debug an ESIA client."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_KEPT = 500


@dataclass(slots=True, kw_only=True)
class SignedString:
    """What was signed, how it was written, and what we made of it."""

    time: str
    endpoint: str
    client_id: str
    row: str
    """Row of the table of orders: 1, 2, 3, 4, 5, 6a, 6b."""
    string: str
    spelling: str
    """base64url, base64url padded, base64, or unreadable."""
    hash: str
    """known, lower case, unknown, absent, or not needed."""
    verdict: str
    """accepted, or the code of the fault."""


class SignedLog:
    """The last 500 signed strings; a restart forgets them."""

    def __init__(self) -> None:
        self._entries: deque[SignedString] = deque(maxlen=_KEPT)

    def add(self, entry: SignedString) -> None:
        self._entries.append(entry)

    def export(self, client_id: str = "") -> list[dict[str, Any]]:
        """Newest first, of one client if named."""
        return [
            asdict(entry) for entry in reversed(self._entries) if client_id in {"", entry.client_id}
        ]


def spelling_of(secret: str) -> str:
    """Which of the known spellings of base64 a client used."""
    if set(secret) & set("+/"):
        return "base64"
    return "base64url padded" if secret.endswith("=") else "base64url"
