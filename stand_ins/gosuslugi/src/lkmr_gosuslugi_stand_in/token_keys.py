"""The keys with which this ESIA signs its tokens, and their published certificates."""

import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lkmr_gost import (
    SoftwareSigner,
    certificate_hash,
    generate_private_key,
    load_certificate,
    load_private_key,
    self_signed_certificate,
)

# Wide, because the suite may live on any day while its data folder stays the same.
_START, _END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
_RSA_BITS = 2048
_PRIVATE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A signing key and the hash of its certificate (`x5t#St256`)."""

    key: SoftwareSigner | rsa.RSAPrivateKey
    hash: str


class TokenKeys:
    """A GOST and an RSA key, made at the first start; `rotate` makes new ones, the old stay."""

    def __init__(self, folder: Path, published: Path) -> None:
        self._folder, self._published = folder, published
        folder.mkdir(parents=True, exist_ok=True)
        if not list(folder.glob("gost-*.key")):
            self._make(1)
        self._load()

    def of(self, algorithm: str) -> TokenKey:
        """The current key for `GOST3410_2012_256` or `RS256`."""
        return self._rsa if algorithm == "RS256" else self._gost

    def rotate(self) -> int:
        """Sign with new keys from now on and publish their certificates; gives their number."""
        number = self._last() + 1
        self._make(number)
        self._load()
        return number

    def archive(self) -> bytes:
        """All published certificates as a ZIP file (`/public/esia.zip`)."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(self._folder.glob("*.pem")):
                archive.write(file, file.name)
        return buffer.getvalue()

    def _last(self) -> int:
        return max(int(file.stem.partition("-")[2]) for file in self._folder.glob("gost-*.key"))

    def _make(self, number: int) -> None:
        gost = generate_private_key()
        certificate = self_signed_certificate(
            gost, common_name="ESIA GOST (stand-in)", not_before=_START, not_after=_END
        )
        self._write(f"rsa-{number}", *_new_rsa())
        self._write(f"gost-{number}", gost.to_pem(), certificate)

    def _write(self, stem: str, key: bytes, certificate: bytes) -> None:
        (self._folder / f"{stem}.pem").write_bytes(certificate)
        file = self._folder / f"{stem}.key"
        file.touch(_PRIVATE_MODE)
        file.write_bytes(key)

    def _load(self) -> None:
        number = self._last()
        gost_key = load_private_key((self._folder / f"gost-{number}.key").read_bytes())
        gost = load_certificate((self._folder / f"gost-{number}.pem").read_bytes())
        self._gost = TokenKey(SoftwareSigner(gost_key, gost.der), gost.hash)
        rsa_key = load_pem_private_key((self._folder / f"rsa-{number}.key").read_bytes(), None)
        if not isinstance(rsa_key, rsa.RSAPrivateKey):
            raise TypeError("the RSA key of the stand-in is of another kind")
        certificate = load_certificate((self._folder / f"rsa-{number}.pem").read_bytes())
        self._rsa = TokenKey(rsa_key, certificate_hash(certificate.der))
        self._publish()

    def _publish(self) -> None:
        self._published.mkdir(parents=True, exist_ok=True)
        for file in self._folder.glob("*.pem"):
            target = self._published / f"esia-{file.name}"
            if not target.is_file() or target.read_bytes() != file.read_bytes():
                part = target.with_suffix(".part")
                part.write_bytes(file.read_bytes())
                part.replace(target)


def _new_rsa() -> tuple[bytes, bytes]:
    key = rsa.generate_private_key(65537, _RSA_BITS)
    name = x509.Name.from_rfc4514_string("CN=ESIA,OU=Stand-in,O=LKMR,C=RU")
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), _START, _END
    ).sign(key, SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret, certificate.public_bytes(Encoding.PEM)
