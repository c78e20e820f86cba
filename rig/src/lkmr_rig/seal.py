"""The seal of the organisation for one machine: a test authority and a certificate, made once.

Both hold from 2020 to 2050, because the clock of the suite may be set to any moment and extracts
that were sealed long ago must stay checkable.
"""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lkmr_rig.layout import Home, write_private

FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
AUTHORITY = ("Проверочный удостоверяющий центр ЛКМР", "Проверочный УЦ ЛКМР")
ORGANIZATION = ("Оператор кабинета медработника (проверочный стенд)", "Печать выписок ЛКМР")


def make(home: Home) -> None:
    """Write `seal_certificates` and `seal_key`, and `tls/seal-ca.pem` for those who check; once."""
    secrets = home.secrets("accreditation")
    chain, key_file = secrets / "seal_certificates", secrets / "seal_key"
    if chain.is_file() and key_file.is_file():
        return
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name(*AUTHORITY), _name(*ORGANIZATION)
    root = _sign(_builder(root_name, root_name, root_key), root_key, root_key, authority=True)
    leaf = _sign(_builder(name, root_name, key), key, root_key, authority=False)
    write_private(key_file, _pem(key))
    write_private(home.tls() / "seal-ca.pem", _encoded(root))
    write_private(chain, _encoded(leaf) + _encoded(root))


def _name(organization: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "RU"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
    )


def _sign(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    issuer: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    """Certificates of a seal carry non-repudiation (RFC 5280, 4.2.1.3)."""
    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    path = 0 if authority else None
    return (
        builder.add_extension(x509.BasicConstraints(ca=authority, path_length=path), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False
        )
        .sign(issuer, hashes.SHA256())
    )


def _encoded(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
