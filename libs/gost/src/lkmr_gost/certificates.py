"""X.509 certificates: reading both kinds that ESIA uses, writing self-signed GOST ones."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core, pem, x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from lkmr_gost.keys import (
    PUBLIC_KEY_OID,
    SIGNATURE_OID,
    KeyUnreadable,
    PrivateKey,
    PublicKey,
    parse_public_key,
    sequence,
)
from lkmr_gost.streebog import digest

_MIN_RSA_BITS = 2048
_LAST_UTC_TIME_YEAR = 2049


class CertificateUnreadable(ValueError):
    """Bytes that are not an X.509 certificate with a GOST or RSA key."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What we need to know of a certificate."""

    der: bytes
    key: PublicKey | RSAPublicKey
    not_before: datetime
    not_after: datetime
    hash: str
    """`x5t#St256`: upper-case hex of Streebog-256 over the DER."""

    @property
    def is_gost(self) -> bool:
        return isinstance(self.key, PublicKey)

    def valid_at(self, moment: datetime) -> bool:
        return self.not_before <= moment <= self.not_after


def certificate_hash(der: bytes) -> str:
    """`client_certificate_hash` and `x5t#St256` of ESIA: 64 upper-case hex digits over the DER."""
    return digest(der).hex().upper()


def certificate_der(data: bytes) -> bytes:
    """The DER bytes of a certificate given as PEM or DER. Raises CertificateUnreadable."""
    try:
        return bytes(pem.unarmor(data)[2]) if pem.detect(data) else data
    except ValueError as fault:
        raise CertificateUnreadable("not a PEM text") from fault


def load_certificate(data: bytes) -> Certificate:
    """Read a certificate, PEM or DER. Raises CertificateUnreadable."""
    der = certificate_der(data)
    try:
        body = x509.Certificate.load(der, strict=True)["tbs_certificate"]
        validity = body["validity"]
        return Certificate(
            der=der,
            key=_public_key(body["subject_public_key_info"].dump()),
            not_before=validity["not_before"].native,
            not_after=validity["not_after"].native,
            hash=certificate_hash(der),
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise CertificateUnreadable("not a certificate with a GOST or RSA key") from fault


def self_signed_certificate(
    key: PrivateKey, *, common_name: str, not_before: datetime, not_after: datetime
) -> bytes:
    """A self-signed GOST certificate (PEM) for stand-ins and tests; moments need a time zone."""
    name = x509.Name.build({"country_name": "RU", "common_name": common_name})
    algorithm = sequence(core.ObjectIdentifier(SIGNATURE_OID).dump())
    serial = core.Integer(int.from_bytes(secrets.token_bytes(16), "big") >> 1)
    body = sequence(
        core.Integer(2, explicit=0).dump(),
        serial.dump(),
        algorithm,
        name.dump(),
        sequence(_time(not_before), _time(not_after)),
        name.dump(),
        key.public_key.to_der(),
    )
    certificate = sequence(body, algorithm, core.OctetBitString(key.sign(body)).dump())
    return bytes(pem.armor("CERTIFICATE", certificate))


def _time(moment: datetime) -> bytes:
    """RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime after it."""
    form = "utc_time" if moment.year <= _LAST_UTC_TIME_YEAR else "general_time"
    return bytes(x509.Time({form: moment.replace(microsecond=0)}).dump())


def _public_key(info: bytes) -> PublicKey | RSAPublicKey:
    if core.Sequence.load(info)[0][0].dotted == PUBLIC_KEY_OID:
        return parse_public_key(info)
    key = load_der_public_key(info)
    if not isinstance(key, RSAPublicKey) or key.key_size < _MIN_RSA_BITS:
        raise KeyUnreadable("neither GOST nor RSA of 2048 bits")
    return key
