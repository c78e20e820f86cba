"""The cabinet as a client of ESIA (ЕСИА): its GOST key, and its entry at the stand-in."""

from datetime import UTC, datetime
from pathlib import Path

from lkmr_gost import generate_private_key, load_certificate, self_signed_certificate
from lkmr_rig.credentials import password
from lkmr_rig.environment import ESIA_CLIENT
from lkmr_rig.layout import LOOPBACK, Home, write_json, write_private

SCOPES = "openid fullname birthdate gender snils email mobile usr_org medical_doc"
# Wide, because `LKMR_NOW` may put the suite on any day; the real certificate lives 15 months.
_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)


def make(home: Home) -> None:
    """Key and certificate when there are none, and the registration at the stand-in.

    Also the key with which `education` signs reports of an organisation.

    Raises CertificateUnreadable when the stored certificate is damaged.
    """
    folder = home.secrets("auth")
    register(
        home, ESIA_CLIENT, folder / "esia-client.key", folder / "esia-client.pem", scopes=SCOPES
    )
    reports = home.secrets("education")
    make_key(reports / "report-signer.key", reports / "report-signer.pem", "report-signer")


def register(home: Home, client_id: str, key: Path, certificate: Path, *, scopes: str) -> None:
    """A system at the stand-in, with a GOST key made when there is none."""
    make_key(key, certificate, client_id)
    load_certificate(certificate.read_bytes())
    write_json(
        home.folder("data", "gosuslugi", "clients") / f"{client_id}.json",
        {
            "certificate": certificate.read_text(encoding="ascii"),
            "redirect_domains": ["localhost", LOOPBACK],
            "scopes": scopes,
            "jwt_alg": "GOST3410_2012_256",
            "gateway_secret": password(home, "auth", "esia_gateway_secret"),
        },
    )


def make_key(key: Path, certificate: Path, name: str) -> None:
    """A GOST key with its certificate, when there is none."""
    if key.is_file() and certificate.is_file():
        return
    private = generate_private_key()
    write_private(key, private.to_pem())
    made = self_signed_certificate(private, common_name=name, not_before=_FROM, not_after=_UNTIL)
    write_private(certificate, made)
