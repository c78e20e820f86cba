"""A partner, its certificate and its entry in the register, made anew for each run."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
IDENTITY = "spiffe://partners.example/one"


def a_certificate(
    *, identity: str = IDENTITY, issuer: str = "Partner CA", days: int = 365
) -> tuple[bytes, str]:
    """PEM, and the SHA-256 of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)]), critical=False
        )
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return made.public_bytes(Encoding.PEM), hashlib.sha256(public).hexdigest()


def an_entry(key_sha256: str, *, more: str = "", pin: str = "") -> str:
    """A section of the register file."""
    return f"""
[[partner]]
id = "one"
title = "Система"
esia_client_ids = ["PARTNER01"]
scopes = ["specialists.check"]
purposes = ["EMPLOYMENT"]
bases = ["323-FZ-69"]
{more}
[[partner.certificates]]
issuer = "CN=Partner CA"
identity = "{IDENTITY}"
key_sha256 = "{key_sha256}"
{pin}
"""


def a_connection(pem: bytes) -> Mapping[str, Sequence[bytes]]:
    return {"x509_pem_cert": [pem]}
