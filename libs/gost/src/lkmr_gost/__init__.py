"""Russian cryptography: GOST signatures, Streebog hash, certificates and CMS.

The scalar work in pure Python is not constant in time. It is meant for stand-ins, tests and the
check of public tokens; a key of production lives in certified hardware behind the port `Signer`.
"""

from lkmr_gost.certificates import (
    Certificate,
    certificate_hash,
    load_certificate,
    self_signed_certificate,
)
from lkmr_gost.keys import (
    PrivateKey,
    PublicKey,
    generate_private_key,
    load_private_key,
    parse_public_key,
)
from lkmr_gost.signing import (
    CertificateVerifier,
    OpenSslSigner,
    Signer,
    SigningImpossible,
    SoftwareSigner,
    Verifier,
    best_signer,
    self_test,
)
from lkmr_gost.streebog import digest as streebog256

__all__ = [
    "Certificate",
    "CertificateVerifier",
    "OpenSslSigner",
    "PrivateKey",
    "PublicKey",
    "Signer",
    "SigningImpossible",
    "SoftwareSigner",
    "Verifier",
    "best_signer",
    "certificate_hash",
    "generate_private_key",
    "load_certificate",
    "load_private_key",
    "parse_public_key",
    "self_signed_certificate",
    "self_test",
    "streebog256",
]
