"""Plays browsers that a person has subscribed for push: makes their keys, opens what arrives.

Written from RFC 8291 (message encryption), RFC 8188 (its coding) and RFC 8292 (the sender's
identification), apart from the sender's own code.
"""

import base64
import json
import os
import uuid
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lkmr_servicekit.clock import Clock
from lkmr_stand_in_kit.store import Store

KIND = "browser"
_HEAD = 21  # salt 16, record size 4, length of the key id 1
_DAY_SECONDS = 24 * 3600


class Browsers:
    """Subscriptions; one that was ended answers 410 for ever."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def subscribe(self, base: str) -> dict[str, Any]:
        """A new browser, as `PushSubscription.toJSON()` would give it."""
        name = uuid.uuid4().hex
        private = ec.generate_private_key(ec.SECP256R1())
        auth = os.urandom(16)
        scalar = private.private_numbers().private_value.to_bytes(32, "big")
        kept = {"base": base, "private": _text(scalar), "auth": _text(auth), "sender": ""}
        self._store.put(KIND, name, kept)
        keys = {"p256dh": _text(_point(private.public_key())), "auth": _text(auth)}
        return {"endpoint": f"{base}/push/{name}", "expirationTime": None, "keys": keys}

    def known(self, name: str) -> bool:
        """Whether it was made here."""
        return self._store.find(KIND, name) is not None

    def ended(self, name: str) -> bool:
        """Whether it was made here and then ended."""
        return bool(self._store.find(KIND, name) == "ended")

    def end(self, name: str) -> None:
        """The person has withdrawn the permission."""
        self._store.put(KIND, name, "ended")

    def sender_fits(self, name: str, authorization: str) -> bool:
        """Whether the sender proves its key, and the same key as the first time."""
        kept: dict[str, str] = self._store.find(KIND, name)
        scheme, _, rest = authorization.partition(" ")
        values = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        token, key = values.get("t", ""), values.get("k", "")
        if scheme.lower() != "vapid" or not self._signed(token, key, kept["base"]):
            return False
        if not kept["sender"]:
            self._store.put(KIND, name, {**kept, "sender": key})
        return kept["sender"] in {"", key}

    def _signed(self, token: str, key: str, base: str) -> bool:
        try:
            head, body, signature = token.split(".")
            raw = _raw(signature)
            made = encode_dss_signature(
                int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
            )
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(key))
            public.verify(made, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
            claims = json.loads(_raw(body))
            left = claims["exp"] - self._clock.now().timestamp()
        except (InvalidSignature, KeyError, ValueError, TypeError):
            return False
        return bool(claims.get("aud") == base and 0 < left <= _DAY_SECONDS)

    def open(self, name: str, body: bytes) -> bytes:
        """What the browser would read. Raises ValueError when it is not for this browser."""
        kept: dict[str, str] = self._store.find(KIND, name)
        private = ec.derive_private_key(
            int.from_bytes(_raw(kept["private"]), "big"), ec.SECP256R1()
        )
        salt, length = body[:16], body[20]
        sender, sealed = body[_HEAD : _HEAD + length], body[_HEAD + length :]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        info = b"WebPush: info\0" + _point(private.public_key()) + sender
        secret = _hkdf(private.exchange(ec.ECDH(), theirs), _raw(kept["auth"]), info, 32)
        key = _hkdf(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(secret, salt, b"Content-Encoding: nonce\0", 12)
        try:
            plain = AESGCM(key).decrypt(nonce, sealed, None)
        except InvalidTag:
            raise ValueError("not for this browser") from None
        return plain.rstrip(b"\0").removesuffix(b"\x02")


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
