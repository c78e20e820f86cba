"""Certificates of connections: one authority for each data folder, fresh leaves at each start."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lkmr_rig.layout import PROGRAMS, Home, write_private

LEAF = timedelta(days=30)
AUTHORITY = timedelta(days=3650)
_BACKDATED = timedelta(minutes=5)
PARTNER = "spiffe://partners.lkmr.internal/partner-demo"


def spiffe(program: str) -> str:
    """The identity by which other programs know one of ours."""
    return f"spiffe://lkmr.internal/ns/default/sa/{program}"


def make_all(home: Home) -> None:
    """The authority when there is none, and all leaves anew.

    TLS keeps real time, whatever `LKMR_NOW` says.
    """
    authority = _Authority.of(home)
    for program in PROGRAMS:
        authority.issue(home.tls(program), program, spiffe(program), f"{program}.lkmr.internal")
    authority.issue(home.tls("gateway-https"), "localhost", None, "localhost")
    authority.issue(home.tls("partner-edge"), "localhost", None, "partner.lkmr.internal")
    authority.issue(home.tls("egisz-stand-in"), "egisz", None, "egisz.lkmr.internal")
    authority.issue(home.tls("mailbox"), "mailbox", None, "mailbox.localhost")
    client = home.tls("egisz-client")
    authority.issue(client, "egisz-bridge", spiffe("egisz-bridge"), "egisz-bridge.lkmr.internal")
    certificate, key = home.tls() / "partner-demo.pem", home.tls() / "partner-demo.key"
    if not certificate.is_file() or _ends(certificate) < datetime.now(UTC) + LEAF / 2:
        authority.write("partner-demo", PARTNER, None, certificate, key)


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, home: Home) -> "_Authority":
        path, key_path = home.tls() / "ca.pem", home.tls() / "ca.key"
        if not path.is_file() or not key_path.is_file():
            cls._make(path, key_path)
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_path} holds another kind of key")
        return cls(x509.load_pem_x509_certificate(path.read_bytes()), key)

    @staticmethod
    def _make(path: Path, key_path: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LKMR local CA")])
        builder = (
            _builder(name, key.public_key(), AUTHORITY)
            .issuer_name(name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(authority=True), critical=True)
        )
        write_private(key_path, _pem(key))
        write_private(path, _encoded(builder.sign(key, hashes.SHA256())))

    def issue(self, folder: Path, name: str, identity: str | None, host: str) -> None:
        """Write `cert.pem`, `key.pem` and `ca.pem` into a folder."""
        self.write(name, identity, host, folder / "cert.pem", folder / "key.pem")
        write_private(folder / "ca.pem", _encoded(self.certificate))

    def write(
        self, name: str, identity: str | None, host: str | None, path: Path, key_path: Path
    ) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = []
        if identity is not None:
            names.append(x509.UniformResourceIdentifier(identity))
        if host is not None:
            hosts = dict.fromkeys((host, "localhost"))
            names += [x509.DNSName(one) for one in hosts]
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = (
            _builder(subject, key.public_key(), LEAF)
            .issuer_name(self.certificate.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(both), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(identifier, critical=False)
        )
        write_private(key_path, _pem(key))
        write_private(path, _encoded(builder.sign(self.key, hashes.SHA256())))


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, validity: timedelta
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - _BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + validity)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _ends(path: Path) -> datetime:
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc


def _encoded(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
