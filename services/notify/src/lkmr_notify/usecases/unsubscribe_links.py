"""Links in letters that stop letters: they name a person and what to stop; none can be made up."""

import base64
import binascii
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

from lkmr_notify.domain.channel import Group
from lkmr_notify.domain.errors import UnsubscribeLinkInvalid

DIGEST = "DIGEST"
"""The letter of the day; everything else that can be stopped is a group."""
_STREAMS = (*(one.value for one in Group), DIGEST)
_LENGTH = 16 + 1 + 16


@dataclass(frozen=True, slots=True)
class UnsubscribeLinks:
    """Makes and reads links. `mac` gives 16 bytes that only this service can make.

    They never expire and need no sign-in: a letter of any age must be able to stop the next ones.
    """

    origin: str
    mac: Callable[[str], bytes]

    def link(self, person: uuid.UUID, stream: str) -> str:
        """The address for a person and a group or `DIGEST`."""
        number = _STREAMS.index(stream)
        raw = person.bytes + bytes([number]) + self._mac(person, number)
        token = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return f"{self.origin.rstrip('/')}/unsubscribe/{token}"

    def read(self, token: str) -> tuple[uuid.UUID, str]:
        """Person, and a group or `DIGEST`. Raises UnsubscribeLinkInvalid."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise UnsubscribeLinkInvalid from None
        if len(raw) != _LENGTH or raw[16] >= len(_STREAMS):
            raise UnsubscribeLinkInvalid
        person = uuid.UUID(bytes=raw[:16])
        if not compare_digest(raw[17:], self._mac(person, raw[16])):
            raise UnsubscribeLinkInvalid
        return person, _STREAMS[raw[16]]

    def _mac(self, person: uuid.UUID, number: int) -> bytes:
        return self.mac(f"{person}/{_STREAMS[number]}")
