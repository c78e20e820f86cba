"""The electronic seal of the organisation: signs extracts as PDF and as a short statement."""

import base64
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey

if TYPE_CHECKING:
    from lkmr_accreditation.clients.signature_frames import SignatureFrames

ALGORITHM = "ES256"
FIELD = "OrganizationSeal"
REASON = "Выписка сформирована личным кабинетом медицинского работника"
RESERVED = 8192  # bytes of the file kept for the signature; a chain of two certificates takes 2 000


@dataclass(frozen=True, slots=True)
class SealOwner:
    """What a reader of the paper is told about the certificate of the seal."""

    number: str
    owner: str
    valid_from: str
    valid_until: str


class Seal:
    """A key on P-256 with its certificate; older certificates stay known for older extracts.

    PDF: PAdES baseline B (ETSI EN 319 142-1), no timestamp of a third party. Statement: JWS compact
    (RFC 7515), ES256. Production takes a qualified certificate by the same two settings.
    """

    def __init__(self, certificates: Path, key: Path) -> None:
        """The first certificate fits the key, its issuers and older seals follow.

        Raises OSError or ValueError when a file cannot be read or the two do not fit.
        """
        self._chain = x509.load_pem_x509_certificates(certificates.read_bytes())
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key}: not a key on an elliptic curve")  # noqa: TRY004 - content
        if loaded.public_key() != self._chain[0].public_key():
            raise ValueError(f"{certificates}: the first certificate does not fit {key}")
        self._key = loaded
        self._id = key_id(self._chain[0])
        self._signing = ECKey.import_key(_pem(loaded))
        self._frames: SignatureFrames | None = None

    @property
    def owner(self) -> SealOwner:
        """The certificate that signs now."""
        shown = self._chain[0]
        return SealOwner(
            number=f"{shown.serial_number:X}",
            owner=_organization(shown),
            valid_from=shown.not_valid_before_utc.date().isoformat(),
            valid_until=shown.not_valid_after_utc.date().isoformat(),
        )

    def statement(self, payload: bytes) -> str:
        """A payload with its signature, as the code on the paper carries it."""
        return jws.serialize_compact(
            {"alg": ALGORITHM, "kid": self._id}, payload, self._signing, algorithms=[ALGORITHM]
        )

    def keys(self) -> dict[str, list[dict[str, Any]]]:
        """Public keys of this and older seals as a JWK set (RFC 7517) with their certificates."""
        return {"keys": [_jwk(one) for one in self._chain if not _is_authority(one)]}

    def sign_pdf(self, pdf: bytes, moment: datetime) -> bytes:
        """The file with the signature in an increment; takes a few milliseconds of CPU."""
        from pyhanko.pdf_utils.incremental_writer import (  # noqa: PLC0415 - 0.5 s, not at start
            IncrementalPdfFileWriter,
        )
        from pyhanko.sign import fields, signers  # noqa: PLC0415

        frames = self._pdf_frames()
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            subfilter=fields.SigSeedSubFilter.PADES,
            md_algorithm="sha256",
            reason=REASON,
        )
        session = signers.PdfSigner(metadata, signer=frames.signer()).init_signing_session(
            IncrementalPdfFileWriter(io.BytesIO(pdf))
        )
        session.system_time = moment
        document = session.prepare_tbs_document(validation_info=None, bytes_reserved=RESERVED)
        digest, output = document.digest_tbs_document()
        digest.fill_with_cms(output, frames.signature_of(digest.document_digest))
        output.seek(0)
        return bytes(output.read())

    def _pdf_frames(self) -> "SignatureFrames":
        if self._frames is None:
            from lkmr_accreditation.clients.signature_frames import (  # noqa: PLC0415 - 0.5 s
                SignatureFrames,
            )

            chain = [_der(one) for one in _issuers(self._chain)]
            self._frames = SignatureFrames(self._key, chain)
        return self._frames


def key_id(certificate: x509.Certificate) -> str:
    """The name of a key in statements: 8 bytes of the SHA-256 of its certificate, base64url."""
    return _base64url(hashlib.sha256(_der(certificate)).digest()[:8])


def _organization(certificate: x509.Certificate) -> str:
    subject = certificate.subject
    named = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    named = named or subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(named[0].value) if named else ""


def _jwk(certificate: x509.Certificate) -> dict[str, Any]:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("a certificate of another kind of key among the seals")  # noqa: TRY004
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "alg": ALGORITHM,
        "use": "sig",
        "kid": key_id(certificate),
        "x": _base64url(numbers.x.to_bytes(32)),
        "y": _base64url(numbers.y.to_bytes(32)),
        "x5c": [base64.b64encode(_der(certificate)).decode()],
    }


def _issuers(chain: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The certificate that signs, and authorities; older seals do not belong to its chain."""
    return [chain[0], *(one for one in chain[1:] if _is_authority(one))]


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
