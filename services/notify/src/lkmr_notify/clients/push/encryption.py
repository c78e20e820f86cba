"""Encryption of a push message for one browser: `aes128gcm` of RFC 8188 with keys of RFC 8291."""

import base64
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD_SIZE = 4096
_SALT, _AUTH, _POINT = 16, 16, 65


def point_of(key: EllipticCurvePublicKey) -> bytes:
    """An uncompressed point, 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def decode(text: str) -> bytes:
    """Base64url without padding. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def encode(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def browser_keys(p256dh: str, auth: str) -> tuple[EllipticCurvePublicKey, bytes]:
    """The public key and the secret of a subscription. Raises ValueError when they are none."""
    raw, secret = decode(p256dh), decode(auth)
    if len(raw) != _POINT or len(secret) != _AUTH:
        raise ValueError("not keys of a push subscription")
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw), secret


def encrypt(
    plain: bytes,
    browser: EllipticCurvePublicKey,
    auth: bytes,
    *,
    key: EllipticCurvePrivateKey | None = None,
    salt: bytes = b"",
) -> bytes:
    """One record that only the browser can open; a fresh key and salt unless a test gives them.

    Raises ValueError when the text does not fit into one record.
    """
    if len(plain) > RECORD_SIZE - 17 - 86:
        raise ValueError("too long for a push message")
    key, salt = key or generate_private_key(SECP256R1()), salt or os.urandom(_SALT)
    ours, theirs = point_of(key.public_key()), point_of(browser)
    shared = key.exchange(ECDH(), browser)
    keying = _derive(shared, auth, b"WebPush: info\x00" + theirs + ours, 32)
    content_key = _derive(keying, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(keying, salt, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(content_key).encrypt(nonce, plain + b"\x02", None)
    return salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(ours)]) + ours + sealed


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
