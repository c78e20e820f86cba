"""Keys, certificates and tokens that look like those of ESIA."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from lkmr_esia import TokenPolicy, TrustedCertificates
from lkmr_esia.jose import sign_compact
from lkmr_gost import PrivateKey, SoftwareSigner, generate_private_key, self_signed_certificate

ISSUER = "http://esia.gosuslugi.ru/"
NOW = datetime(2026, 1, 15, 6, 31, 10, tzinfo=UTC)
START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
OID, SESSION = 1000299001, "a1510cb2-0112-4af5-8db6-6bc75db40e0e"

Claims = dict[str, Any]


@cache
def gost_key() -> PrivateKey:
    return generate_private_key()


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def gost_certificate(
    key: PrivateKey, start: datetime = START, end: datetime = END, name: str = "ESIA GOST"
) -> bytes:
    return self_signed_certificate(key, common_name=name, not_before=start, not_after=end)


@cache
def rsa_certificate() -> bytes:
    name = x509.Name.from_rfc4514_string("CN=ESIA,O=RTLabs,C=RU")
    builder = x509.CertificateBuilder(name, name, rsa_key().public_key(), 1, START, END)
    return builder.sign(rsa_key(), SHA256()).public_bytes(Encoding.PEM)


def policy_for(folder: Path, **changes: Any) -> TokenPolicy:
    (folder / "gost.pem").write_bytes(gost_certificate(gost_key()))
    (folder / "rsa.pem").write_bytes(rsa_certificate())
    values: dict[str, Any] = {
        "issuer": ISSUER,
        "client_ids": frozenset({"LKMR01"}),
        "certificates": TrustedCertificates(folder, check_every_seconds=0),
    }
    return TokenPolicy(**values | changes)


def access_claims(now: datetime = NOW) -> Claims:
    issued = int(now.timestamp())
    return {
        "nbf": issued,
        "iat": issued,
        "exp": issued + 3600,
        "iss": ISSUER,
        "client_id": "LKMR01",
        "scope": f"fullname?oid={OID} openid http://esia.gosuslugi.ru/org_inf?org_oid=77&mode=w",
        "urn:esia:sid": SESSION,
        "urn:esia:sbj_id": OID,
    }


def id_claims(now: datetime = NOW) -> Claims:
    issued = int(now.timestamp())
    return {
        "nbf": issued,
        "iat": issued,
        "exp": issued + 10800,
        "auth_time": issued - 5,
        "iss": ISSUER,
        "aud": "LKMR01",
        "sub": OID,
        "amr": "PWD",
        "urn:esia:amd": "PWD",
        "acr": {"2fa": "otp"},
        "urn:esia:sid": SESSION,
        "urn:esia:sbj": {
            "urn:esia:sbj:typ": "P",
            "urn:esia:sbj:lvl": "PR",
            "urn:esia:sbj:is_tru": True,
            "urn:esia:sbj:oid": OID,
            "urn:esia:sbj:nam": f"OID.{OID}",
        },
    }


@dataclass(frozen=True)
class Kind:
    sbt: str
    version: int
    claims: Callable[..., Claims]


ACCESS, ID = Kind("access", 1, access_claims), Kind("id", 0, id_claims)


def token(
    kind: Kind,
    *,
    algorithm: str = "gost",
    header: Claims | None = None,
    drop: tuple[str, ...] = (),
    **changes: Any,
) -> str:
    claims = kind.claims() | changes
    for name in drop:
        del claims[name]
    return signed(kind, orjson.dumps(claims), algorithm=algorithm, header=header)


def signed(
    kind: Kind, payload: bytes, *, algorithm: str = "gost", header: Claims | None = None
) -> str:
    key = SoftwareSigner(gost_key(), b"") if algorithm == "gost" else rsa_key()
    base = {"ver": kind.version, "typ": "JWT", "sbt": kind.sbt}
    return sign_compact(base | (header or {}), payload, key)


def later(**parts: float) -> datetime:
    return NOW + timedelta(**parts)
