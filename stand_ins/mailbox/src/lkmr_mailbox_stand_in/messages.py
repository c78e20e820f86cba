"""What arrived: one list of messages of all channels, newest first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from html import unescape
from typing import Any, Literal

from lkmr_servicekit.clock import Clock
from lkmr_stand_in_kit.behaviour import as_utc
from lkmr_stand_in_kit.store import Store

Channel = Literal["EMAIL", "SMS", "PUSH"]
LIST, REPEAT = "message", "repeat"
SHOWN = 500
_TAGS = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """The readable part of an e-mail: subject and text, decoded from MIME."""

    subject: str
    text: str


class Messages:
    """Keeps messages over restarts; an SMS with a known idempotency key is kept once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(self, channel: Channel, to: str, *, subject: str, text: str) -> int:
        """Keep a message; returns its number."""
        entry = {
            "channel": channel,
            "to": to,
            "subject": subject,
            "text": text,
            "time": as_utc(self._clock.now()),
        }
        return self._store.append(LIST, address_key(to), entry)

    def add_once(self, key: str, channel: Channel, to: str, *, subject: str, text: str) -> int:
        """Keep a message unless one with this key was kept; returns the number of the one kept."""
        known = self._store.find(REPEAT, key)
        if known is not None:
            return int(known)
        with self._store.transaction():
            number = self.add(channel, to, subject=subject, text=text)
            self._store.put(REPEAT, key, number)
        return number

    def newest(self, to: str | None = None, *, limit: int = SHOWN) -> list[dict[str, Any]]:
        """Messages to an address or phone, or to all, newest first."""
        key = address_key(to) if to is not None else None
        return [entry for _, _, entry in self._store.last_entries(LIST, key=key, limit=limit)]


def address_key(to: str) -> str:
    """What makes two spellings one recipient: letters of any case, phones without separators."""
    text = to.strip().casefold()
    if "@" in text or not any(sign.isdigit() for sign in text):
        return text
    digits = re.sub(r"[ ()\-\u00a0]", "", text)
    if not re.fullmatch(r"\+?\d{10,15}", digits):
        return text
    return "+" + digits.lstrip("+")


def letter_of(content: bytes) -> Letter:
    """Subject and text of an e-mail; the plain part is preferred, HTML is stripped of its tags."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    part = message.get_body(("plain", "html"))
    text = str(part.get_content()) if part is not None else ""
    if part is not None and part.get_content_type() == "text/html":
        text = _plain(text)
    return Letter(subject=str(message["subject"] or ""), text=text.replace("\r\n", "\n").strip())


def _plain(html: str) -> str:
    lines = (line.strip() for line in unescape(_TAGS.sub(" ", html)).splitlines())
    return "\n".join(_without_empty(lines))


def _without_empty(lines: Iterator[str]) -> Iterator[str]:
    return (" ".join(line.split()) for line in lines if line)
