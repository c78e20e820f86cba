"""Ports for signing and checking raw GOST signatures, and their adapters.

A raw signature is 64 bytes `s ‖ r`, halves big-endian: what ESIA expects at v2/v3.
"""

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from lkmr_gost.certificates import Certificate, load_certificate
from lkmr_gost.keys import PrivateKey, PublicKey, load_private_key

ENGINE_PACKAGE = "libengine-gost-openssl"
_TIMEOUT_SECONDS = 10
_SIGNATURE_BYTES = 64


class SigningImpossible(RuntimeError):
    """The adapter could not sign: no engine, an unreadable key, a failed device."""


class Signer(Protocol):
    """Signs with one key that has one certificate."""

    @property
    def certificate(self) -> bytes:
        """The certificate of the key, DER."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Raw signature of 64 bytes. Blocks for milliseconds. Raises SigningImpossible."""
        ...


class Verifier(Protocol):
    """Checks raw signatures."""

    def verify(self, message: bytes, signature: bytes, certificate: Certificate) -> bool:
        """Whether the key of the certificate made the signature. Dates are the caller's matter."""
        ...


@dataclass(frozen=True, slots=True)
class CertificateVerifier:
    """Checks with our own arithmetic; False for a certificate of another kind."""

    def verify(self, message: bytes, signature: bytes, certificate: Certificate) -> bool:
        key = certificate.key
        return isinstance(key, PublicKey) and key.verify(message, signature)


@dataclass(frozen=True, slots=True)
class SoftwareSigner:
    """Signs in pure Python; the key lies in the memory of the process."""

    key: PrivateKey
    certificate: bytes

    @classmethod
    def from_files(cls, key_file: Path, certificate_file: Path) -> "SoftwareSigner":
        """Read a PKCS#8 key (PEM or DER) and its certificate. Raises KeyUnreadable, OSError."""
        certificate = load_certificate(certificate_file.read_bytes())
        return cls(load_private_key(key_file.read_bytes()), certificate.der)

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


@dataclass(frozen=True, slots=True)
class OpenSslSigner:
    """Signs by `openssl dgst -engine gost`, about 10 ms each (Debian: libengine-gost-openssl)."""

    key_file: Path
    certificate: bytes

    @classmethod
    def from_files(cls, key_file: Path, certificate_file: Path) -> "OpenSslSigner":
        """The key must be PEM, the certificate PEM or DER."""
        return cls(key_file, load_certificate(certificate_file.read_bytes()).der)

    @staticmethod
    def available() -> bool:
        """Whether this machine has `openssl` with the GOST engine."""
        return _engine_answers()

    def sign(self, message: bytes) -> bytes:
        command = ["dgst", "-engine", "gost", "-md_gost12_256", "-sign", str(self.key_file)]
        try:
            done = _openssl(*command, given=message)
        except (OSError, subprocess.SubprocessError) as fault:
            raise SigningImpossible("openssl could not sign with the GOST engine") from fault
        if len(done) != _SIGNATURE_BYTES:
            raise SigningImpossible("openssl gave a signature of a wrong length")
        return done


def best_signer(key_file: Path, certificate_file: Path) -> Signer:
    """The OpenSSL engine where the machine has it, pure Python elsewhere.

    Raises OSError, KeyUnreadable, CertificateUnreadable, and SigningImpossible when the key does
    not belong to the certificate.
    """
    signer: Signer
    if OpenSslSigner.available() and key_file.read_bytes().lstrip().startswith(b"-----BEGIN"):
        signer = OpenSslSigner.from_files(key_file, certificate_file)
    else:
        signer = SoftwareSigner.from_files(key_file, certificate_file)
    self_test(signer)
    return signer


def self_test(signer: Signer) -> Certificate:
    """Sign and check with the own certificate; returns it. Raises SigningImpossible."""
    certificate = load_certificate(signer.certificate)
    message = b"lkmr signer self-test"
    if not CertificateVerifier().verify(message, signer.sign(message), certificate):
        raise SigningImpossible("the key does not belong to the certificate")
    return certificate


@cache
def _engine_answers() -> bool:
    try:
        return b"[ available ]" in _openssl("engine", "-t", "gost")
    except (OSError, subprocess.SubprocessError):
        return False


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    program = shutil.which("openssl")
    if program is None:
        raise FileNotFoundError("openssl")
    done = subprocess.run(  # noqa: S603 - a fixed program, arguments are never from outside
        [program, *arguments],
        input=given,
        capture_output=True,
        check=True,
        timeout=_TIMEOUT_SECONDS,
    )
    return done.stdout
