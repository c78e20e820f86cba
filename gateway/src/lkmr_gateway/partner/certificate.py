"""Who is at the other end, by the certificate that the handshake has verified."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lkmr_gateway.partner.refusals import certificate_outdated, partner_unknown
from lkmr_gateway.partner.registry import Certificate, Partner, Registry
from lkmr_servicekit.clock import MOSCOW, day_in


@dataclass(frozen=True, slots=True)
class Presented:
    """What a verified certificate says."""

    issuer: str
    identities: frozenset[str]
    key_sha256: str
    last_day: date


@dataclass(frozen=True, slots=True)
class Peer:
    """A registered partner at the other end, and a warning that it should hear."""

    partner: Partner
    warning: str = ""


def peer_of(
    auth_context: Mapping[str, Iterable[bytes]], registry: Registry, now: datetime, warn_days: int
) -> Peer:
    """The partner of a connection; `now` is real time, by which certificates end.

    Raises ServiceError PARTNER_UNKNOWN, PARTNER_CERTIFICATE_OUTDATED.
    """
    (pem,) = tuple(auth_context.get("x509_pem_cert", ())) or (b"",)
    shown = read_certificate(bytes(pem))
    found = registry.find(shown.key_sha256) if shown else None
    if shown is None or found is None:
        raise partner_unknown()
    partner, pinned = found
    if shown.issuer != pinned.issuer or pinned.identity not in shown.identities:
        raise partner_unknown()
    return Peer(partner, _warning(shown, pinned, day_in(MOSCOW, now), warn_days))


def _warning(shown: Presented, pinned: Certificate, today: date, warn_days: int) -> str:
    last = min(shown.last_day, pinned.valid_until or date.max)
    if today > last:
        raise certificate_outdated(last)
    return f"certificate_ends={last}" if last - today <= timedelta(days=warn_days) else ""


@lru_cache(maxsize=256)
def read_certificate(pem: bytes) -> Presented | None:
    """What a PEM certificate says; None when there is none."""
    try:
        read = x509.load_pem_x509_certificate(pem)
    except ValueError:
        return None
    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
        identities = frozenset(uris) | frozenset(names.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        identities = frozenset()
    key = read.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Presented(
        issuer=read.issuer.rfc4514_string(),
        identities=identities,
        key_sha256=hashlib.sha256(key).hexdigest(),
        last_day=day_in(MOSCOW, read.not_valid_after_utc),
    )
