"""Signatures of files (CMS, PAdES baseline B) whose unchanging parts are built once."""

import asyncio
import hashlib
from collections.abc import Sequence

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign.signers import ExternalSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

DIGEST = "sha256"
_PLACE = hashlib.sha256(b"the digest of a file stands here").digest()


class SignatureFrames:
    """All of a signature but the digest of the file and the value signed is the same each time.

    The library builds a frame once for each length of the value, which ends every frame; it takes
    8 ms, filling one takes 0.1 ms.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, chain: Sequence[bytes]) -> None:
        """`chain` in DER: the certificate that signs, then its issuers."""
        # The library remembers names of attributes at first use; some come with later imports.
        cms.CMSAttributeType._reverse_map = None  # noqa: SLF001
        cms.CMSAttributeType()._setup()  # noqa: SLF001
        self._key = key
        self._certificate, *others = [asn1_x509.Certificate.load(one) for one in chain]
        self._issuers = SimpleCertificateStore()  # type: ignore[no-untyped-call] # no types there
        self._issuers.register_multiple(others)
        self._attributes = self._built_attributes()
        self._frames: dict[int, bytes] = {}

    def signer(self, length: int = 0) -> ExternalSigner:
        """The signer as the library knows it, with room for a value of so many bytes."""
        return ExternalSigner(
            signing_cert=self._certificate, cert_registry=self._issuers, signature_value=length
        )

    def signature_of(self, digest: bytes) -> bytes:
        """The signature in DER over a file with this SHA-256."""
        signed = self._attributes.replace(_PLACE, digest)
        value = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        if len(value) not in self._frames:
            self._frames[len(value)] = self._built_frame(len(value))
        return self._frames[len(value)].replace(_PLACE, digest)[: -len(value)] + value

    def _built_attributes(self) -> bytes:
        made = asyncio.run(
            self.signer().signed_attrs(
                _PLACE, DIGEST, attr_settings=PdfCMSSignedAttributes(), use_pades=True
            )
        )
        return _with_one_place(made.dump())

    def _built_frame(self, length: int) -> bytes:
        made = asyncio.run(self.signer(length).async_sign(_PLACE, DIGEST, use_pades=True))
        return _with_one_place(made.dump())


def _with_one_place(made: bytes) -> bytes:
    if made.count(_PLACE) != 1:
        raise ValueError("a signature with another place for the digest than one")
    return made
