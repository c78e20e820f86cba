"""Detached CMS signatures (RFC 5652) with GOST or RSA keys: the `client_secret` of ESIA v1."""

import hashlib
from datetime import UTC, datetime

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from lkmr_gost.certificates import Certificate
from lkmr_gost.keys import DIGEST_OID, PUBLIC_KEY_OID, PublicKey
from lkmr_gost.signing import Signer
from lkmr_gost.streebog import digest

_SHA256_OID = "2.16.840.1.101.3.4.2.1"
_MAX_BYTES = 32 * 1024


class CmsRefused(ValueError):
    """A container that is not a valid signature of the message by the expected certificate."""


class CmsSignerUnknown(CmsRefused):
    """The container names another signer than the expected certificate."""


def sign_detached(message: bytes, signer: Signer, *, sign_time: datetime | None = None) -> bytes:
    """A CMS without the content (DER); with `sign_time` it carries signed attributes."""
    certificate = asn1_x509.Certificate.load(signer.certificate)
    attributes = None
    signed = message
    if sign_time is not None:
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["data"]},
                {
                    "type": "signing_time",
                    "values": [cms.Time({"utc_time": sign_time.astimezone(UTC)})],
                },
                {"type": "message_digest", "values": [digest(message)]},
            ]
        )
        signed = attributes.dump()
    issuer = cms.IssuerAndSerialNumber(
        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    )
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": issuer}),
            "digest_algorithm": {"algorithm": DIGEST_OID},
            "signature_algorithm": {"algorithm": PUBLIC_KEY_OID},
            "signature": signer.sign(signed),
        }
    )
    if attributes is not None:
        info["signed_attrs"] = attributes
    body = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": DIGEST_OID}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate],
            "signer_infos": [info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": body}).dump())


def verify_signed(container: bytes, message: bytes, certificate: Certificate) -> None:
    """Check that the owner of the certificate signed the message. Raises CmsRefused.

    Signed attributes, an attached content equal to the message, GOST and RSA/SHA-256 are
    accepted. The signer must be the expected certificate, found by issuer and serial number; what
    else the container carries is not looked at, so no chain is built.
    """
    if len(container) > _MAX_BYTES:
        raise CmsRefused("the container is too large")
    try:
        _verify(container, message, certificate)
    except CmsRefused:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as fault:
        raise CmsRefused("the container cannot be read") from fault


def _verify(container: bytes, message: bytes, certificate: Certificate) -> None:
    outer = cms.ContentInfo.load(container, strict=True)
    if outer["content_type"].native != "signed_data":
        raise CmsRefused("not signed data")
    body = outer["content"]
    attached = body["encap_content_info"]["content"].native
    if attached is not None and attached != message:
        raise CmsRefused("the attached content differs")
    if len(body["signer_infos"]) != 1:
        raise CmsRefused("exactly one signer is expected")
    info = body["signer_infos"][0]
    _check_signer(info, certificate)
    signed = message
    attributes = info["signed_attrs"]
    if attributes.native:
        _check_attributes(attributes, _digest(info, message))
        signed = bytes(attributes.untag().dump())
    if not _signature_fits(certificate.key, signed, bytes(info["signature"].native)):
        raise CmsRefused("the signature does not fit")


def _check_signer(info: cms.SignerInfo, certificate: Certificate) -> None:
    expected = asn1_x509.Certificate.load(certificate.der)
    sid = info["sid"]
    if sid.name != "issuer_and_serial_number":
        raise CmsSignerUnknown("the signer is not named by issuer and serial number")
    same_serial = sid.chosen["serial_number"].native == expected.serial_number
    if not same_serial or sid.chosen["issuer"] != expected.issuer:
        raise CmsSignerUnknown("another certificate signed")
    needed = DIGEST_OID if certificate.is_gost else _SHA256_OID
    if info["digest_algorithm"]["algorithm"].dotted != needed:
        raise CmsRefused("the digest does not fit the key")


def _check_attributes(attributes: cms.CMSAttributes, expected: bytes) -> None:
    found = {str(item["type"].native): list(item["values"]) for item in attributes}
    if len(found) != len(attributes):
        raise CmsRefused("an attribute is repeated")
    digests = [bytes(value.native) for value in found.get("message_digest", [])]
    kinds = [value.native for value in found.get("content_type", [])]
    if digests != [expected] or kinds != ["data"]:
        raise CmsRefused("the signed attributes do not fit the message")


def _digest(info: cms.SignerInfo, message: bytes) -> bytes:
    if info["digest_algorithm"]["algorithm"].dotted == DIGEST_OID:
        return digest(message)
    return hashlib.sha256(message).digest()


def _signature_fits(key: PublicKey | RSAPublicKey, signed: bytes, signature: bytes) -> bool:
    if isinstance(key, PublicKey):
        return key.verify(signed, signature)
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
