"""An authenticator in software: makes keys and signs as WebAuthn level 3 says (no attestation)."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass
class SoftAuthenticator:
    """One device with one key. `flags` tell whether it saw and verified its owner."""

    origin: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: os.urandom(16))

    def register(self, options: str, **changes: Any) -> str:
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = (
            bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(cose)
        )
        data = self._data(asked["rp"]["id"], self.flags | ATTESTED) + attested
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        answer = {
            "clientDataJSON": b64(self._client("webauthn.create", asked, changes)),
            "attestationObject": b64(cbor2.dumps(statement)),
        }
        return self._credential(answer)

    def prove(self, options: str, **changes: Any) -> str:
        asked = json.loads(options)
        self.count += 1
        client = self._client("webauthn.get", asked, changes)
        data = self._data(asked["rpId"], self.flags)
        signed = data + hashlib.sha256(client).digest()
        answer = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        return self._credential(answer)

    def _client(self, kind: str, asked: dict[str, Any], changes: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(told | changes).encode()

    def _data(self, relying_party: str, flags: int) -> bytes:
        digest = hashlib.sha256(relying_party.encode()).digest()
        return digest + bytes([flags]) + self.count.to_bytes(4)

    def _credential(self, answer: dict[str, str]) -> str:
        own = b64(self.credential_id)
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": answer})
