"""Stored personal data: AES-256-GCM under data keys that are wrapped by the service's own key.

Envelope: `LK1 | key id (16) | nonce (12) | ciphertext and tag`. What the value belongs to is
bound in as associated data, so a value moved to another row or column does not open.
"""

import base64
import hmac
import json
import os
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lkmr_servicekit.errors import Category, ServiceError

_MAGIC = b"LK1"
_NONCE = 12
_HEAD = len(_MAGIC) + 16 + _NONCE
_CACHE = 1000


@dataclass(frozen=True, slots=True)
class DataKey:
    """The data key of one person or file; its wrapped form is stored beside the data."""

    id: uuid.UUID
    wrapped: bytes
    _cipher: AESGCM

    def seal(self, value: bytes, *place: str) -> bytes:
        """Encrypt a value for a place (table, column, record id)."""
        nonce = os.urandom(_NONCE)
        head = _MAGIC + self.id.bytes + nonce
        return head + self._cipher.encrypt(nonce, value, _bound(self.id, place))

    def open(self, envelope: bytes, *place: str) -> bytes:
        """Decrypt. Raises ServiceError STORED_DATA_DAMAGED when anything was changed or moved."""
        if envelope[:3] != _MAGIC or envelope[3:19] != self.id.bytes:
            raise damaged()
        try:
            return self._cipher.decrypt(
                envelope[19:_HEAD], envelope[_HEAD:], _bound(self.id, place)
            )
        except InvalidTag:
            raise damaged() from None


@dataclass(slots=True)
class KeyRing:
    """The key-encryption keys of one service, and its index key for equality search."""

    service: str
    active: str
    keys: dict[str, AESGCM]
    index_key: bytes
    _opened: OrderedDict[bytes, DataKey] = field(default_factory=OrderedDict)
    _columns: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def from_file(cls, service: str, path: Path) -> "KeyRing":
        """Read a key file: `{"active": id, "keys": {id: base64}, "index_key": base64}`."""
        content = json.loads(path.read_text(encoding="utf-8"))
        keys = {name: AESGCM(base64.b64decode(raw)) for name, raw in content["keys"].items()}
        return cls(service, content["active"], keys, base64.b64decode(content["index_key"]))

    def new_data_key(self) -> DataKey:
        """A fresh data key, wrapped by the active key."""
        key_id, raw, nonce = uuid.uuid4(), AESGCM.generate_key(256), os.urandom(_NONCE)
        name = self.active.encode()
        sealed = self.keys[self.active].encrypt(nonce, raw, self._wrap_bound(key_id))
        wrapped = bytes([len(name)]) + name + key_id.bytes + nonce + sealed
        return DataKey(key_id, wrapped, AESGCM(raw))

    def data_key(self, wrapped: bytes) -> DataKey:
        """The data key behind its wrapped form.

        Raises ServiceError STORED_DATA_DAMAGED, KEY_UNKNOWN.
        """
        if (known := self._opened.get(wrapped)) is not None:
            self._opened.move_to_end(wrapped)
            return known
        cut = 1 + wrapped[0] if wrapped else 0
        name, rest = wrapped[1:cut].decode("ascii", "replace"), wrapped[cut:]
        if name not in self.keys:
            raise ServiceError("KEY_UNKNOWN", Category.INTERNAL)
        key_id = uuid.UUID(bytes=rest[:16])
        try:
            raw = self.keys[name].decrypt(
                rest[16 : 16 + _NONCE], rest[16 + _NONCE :], self._wrap_bound(key_id)
            )
        except InvalidTag:
            raise damaged() from None
        opened = DataKey(key_id, wrapped, AESGCM(raw))
        self._opened[wrapped] = opened
        if len(self._opened) > _CACHE:
            self._opened.popitem(last=False)
        return opened

    def index(self, column: str, value: str) -> bytes:
        """A blind index of a normalised value: equality only, 16 bytes."""
        key = self._columns.get(column)
        if key is None:
            key = self._columns[column] = hmac.digest(self.index_key, column.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256")[:16]

    def _wrap_bound(self, key_id: uuid.UUID) -> bytes:
        return _bound(key_id, ("data-key", self.service))


def damaged() -> ServiceError:
    """The refusal when a stored value does not open: an incident, never an empty value."""
    return ServiceError("STORED_DATA_DAMAGED", Category.INTERNAL)


def _bound(key_id: uuid.UUID, place: tuple[str, ...]) -> bytes:
    parts = [part.encode() for part in place]
    return key_id.bytes + b"".join(len(part).to_bytes(2, "big") + part for part in parts)
