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
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.errors import Category, ServiceError

_MAGIC = b"LK1"
_NONCE, _TAG = 12, 16
_HEAD = len(_MAGIC) + 16 + _NONCE
_CACHE = 1000
LOOK_SECONDS = 1.0


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

    def seal_bare(self, value: bytes, *place: str) -> bytes:
        """Encrypt one of many parts whose container names the key: `nonce | ciphertext and tag`."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value, _bound(self.id, place))

    def open_bare(self, sealed: bytes, *place: str) -> bytes:
        """Decrypt such a part. Raises ServiceError STORED_DATA_DAMAGED."""
        if len(sealed) < _NONCE + _TAG:
            raise damaged()
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(self.id, place))
        except InvalidTag:
            raise damaged() from None


class Unseal(Protocol):
    """Opens the values of a ring file that a key store sealed for one service."""

    def open(self, sealed: str, label: str) -> bytes:
        """Raises ServiceError KEY_REFUSED, KEY_STORE_UNAVAILABLE."""
        ...


class _Plain:
    """The values of a ring file on one machine: base64, the file has mode 600."""

    def open(self, sealed: str, label: str) -> bytes:
        del label
        return base64.b64decode(sealed)


PLAIN: Unseal = _Plain()


@dataclass(slots=True)
class KeyRing:
    """The key-encryption keys of one service, and its index key for equality search.

    The file is read again when it was changed, so that a rotation reaches running processes.
    """

    service: str
    active: str
    keys: dict[str, AESGCM]
    index_key: bytes
    path: Path | None = None
    _unseal: Unseal = PLAIN
    _seen: int = 0
    _looked: float = 0.0
    _opened: OrderedDict[bytes, DataKey] = field(default_factory=OrderedDict)
    _columns: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def from_file(cls, service: str, path: Path, unseal: Unseal = PLAIN) -> "KeyRing":
        """Read a key file: `{"service", "active": id, "keys": {id: value}, "index_key": value}`.

        Values are base64, or what the key store made of it. Raises ServiceError KEY_RING_FOREIGN
        for the ring of another service, KEY_REFUSED, KEY_STORE_UNAVAILABLE.
        """
        made = cls(service, "", {}, b"", path, unseal)
        made._read()
        return made

    def _read(self) -> None:
        if self.path is None:
            return
        seen = self.path.stat().st_mtime_ns
        content = json.loads(self.path.read_text(encoding="utf-8"))
        if content.get("service", self.service) != self.service:
            raise ServiceError("KEY_RING_FOREIGN", Category.PERMISSION_DENIED)
        for name, value in content["keys"].items():
            if name not in self.keys:
                self.keys[name] = AESGCM(self._unseal.open(value, f"{self.service}/{name}"))
        if not self.index_key:
            self.index_key = self._unseal.open(content["index_key"], f"{self.service}/index_key")
        self.active, self._seen = content["active"], seen

    def _look_again(self, *, now: bool = False) -> None:
        """Take up a rotation, looked for once a second."""
        if self.path is None or (not now and monotonic() - self._looked < LOOK_SECONDS):
            return
        self._looked = monotonic()
        try:
            changed = self.path.stat().st_mtime_ns != self._seen
        except FileNotFoundError:
            return
        if changed:
            self._read()

    def new_data_key(self) -> DataKey:
        """A fresh data key, wrapped by the active key."""
        self._look_again()
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
            self._look_again(now=True)
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

    def rewrapped(self, wrapped: bytes) -> bytes:
        """The same data key under the active key; unchanged when it is already."""
        self._look_again()
        if wrapper_of(wrapped) == self.active:
            return wrapped
        cut = 1 + wrapped[0]
        name, rest = wrapper_of(wrapped), wrapped[cut:]
        if name not in self.keys:
            raise ServiceError("KEY_UNKNOWN", Category.INTERNAL)
        key_id, nonce = uuid.UUID(bytes=rest[:16]), os.urandom(_NONCE)
        bound = self._wrap_bound(key_id)
        try:
            raw = self.keys[name].decrypt(rest[16 : 16 + _NONCE], rest[16 + _NONCE :], bound)
        except InvalidTag:
            raise damaged() from None
        active = self.active.encode()
        sealed = self.keys[self.active].encrypt(nonce, raw, bound)
        return bytes([len(active)]) + active + key_id.bytes + nonce + sealed

    def index(self, column: str, value: str) -> bytes:
        """A blind index of a normalised value: equality only, 16 bytes."""
        key = self._columns.get(column)
        if key is None:
            key = self._columns[column] = hmac.digest(self.index_key, column.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256")[:16]

    def _wrap_bound(self, key_id: uuid.UUID) -> bytes:
        return _bound(key_id, ("data-key", self.service))


def wrapper_of(wrapped: bytes) -> str:
    """The id of the key that wraps a data key."""
    return wrapped[1 : 1 + wrapped[0]].decode("ascii", "replace") if wrapped else ""


def damaged() -> ServiceError:
    """The refusal when a stored value does not open: an incident, never an empty value."""
    return ServiceError("STORED_DATA_DAMAGED", Category.INTERNAL)


def _bound(key_id: uuid.UUID, place: tuple[str, ...]) -> bytes:
    parts = [part.encode() for part in place]
    return key_id.bytes + b"".join(len(part).to_bytes(2, "big") + part for part in parts)
