"""Links in letters that stop letters: they name a person and a group, and cannot be made up."""

import base64
import binascii
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

from lkmr_notify.domain.channel import Group
from lkmr_notify.domain.errors import UnsubscribeLinkInvalid

_GROUPS = tuple(Group)
_LENGTH = 16 + 1 + 16


@dataclass(frozen=True, slots=True)
class UnsubscribeLinks:
    """Makes and reads links. `mac` gives 16 bytes that only this service can make.

    They never expire and need no sign-in: a letter of any age must be able to stop the next ones.
    """

    origin: str
    mac: Callable[[str], bytes]

    def link(self, person: uuid.UUID, group: str) -> str:
        """The address for a person and a group."""
        number = _GROUPS.index(Group(group))
        raw = person.bytes + bytes([number]) + self._mac(person, number)
        token = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return f"{self.origin.rstrip('/')}/unsubscribe/{token}"

    def read(self, token: str) -> tuple[uuid.UUID, Group]:
        """Person and group. Raises UnsubscribeLinkInvalid."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise UnsubscribeLinkInvalid from None
        if len(raw) != _LENGTH or raw[16] >= len(_GROUPS):
            raise UnsubscribeLinkInvalid
        person = uuid.UUID(bytes=raw[:16])
        if not compare_digest(raw[17:], self._mac(person, raw[16])):
            raise UnsubscribeLinkInvalid
        return person, _GROUPS[raw[16]]

    def _mac(self, person: uuid.UUID, number: int) -> bytes:
        return self.mac(f"{person}/{_GROUPS[number].value}")
