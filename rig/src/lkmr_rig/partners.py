"""The registered partner of one machine: its pinned certificate and its system at ESIA (ЕСИА).

The files lie beside its TLS certificate: `partner-demo.pem|key` for the connection,
`partner-demo-esia.pem|key` (GOST) for its system token.
"""

import hashlib
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lkmr_rig import esia_client
from lkmr_rig.layout import Home, write_private
from lkmr_rig.tls import PARTNER

PARTNER_CLIENT = "PARTNER01"
_HEAD = """\
# Partner systems, reread within seconds: `suspended = true` acts at once.
# It is written anew only when the certificate of partner-demo was renewed.
"""


def make(home: Home) -> None:
    """Register the demo partner; a file that knows its present key stays as it is."""
    folder = home.tls()
    esia_client.register(
        home,
        PARTNER_CLIENT,
        folder / "partner-demo-esia.key",
        folder / "partner-demo-esia.pem",
        scopes="org_ogrn org_inf org_shortname org_fullname",
    )
    pin = _pin(folder / "partner-demo.pem")
    kept = home.partners.read_text(encoding="utf-8") if home.partners.is_file() else ""
    if pin["key_sha256"] not in kept:
        write_private(home.partners, _HEAD + _section(pin))


def _pin(path: Path) -> dict[str, str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "issuer": certificate.issuer.rfc4514_string(),
        "identity": PARTNER,
        "key_sha256": hashlib.sha256(key).hexdigest(),
    }


def _section(pin: dict[str, str]) -> str:
    quoted = "".join(f"{name} = {json.dumps(value)}\n" for name, value in pin.items())
    return f"""
[[partner]]
id = "partner-demo"
title = "Ведомственная система (демонстрация)"
esia_client_ids = ["{PARTNER_CLIENT}"]
scopes = ["specialists.check", "specialists.watch"]
purposes = ["EMPLOYMENT", "LICENSING"]
bases = ["323-FZ-69", "99-FZ-8"]

[[partner.certificates]]
{quoted}"""
