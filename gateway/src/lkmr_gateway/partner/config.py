"""Every setting of the partner edge."""

from pathlib import Path

from pydantic import Field

from lkmr_servicekit.settings import Settings, settings_of


class Config(Settings):
    """Settings with the prefix `PARTNER_`; `nats_password` comes from a file.

    `tls_dir` holds the identity towards our own services; what partners see is `server_cert`.
    """

    model_config = settings_of("PARTNER_")

    listen: str
    server_cert: Path
    server_key: Path
    client_ca: Path  # authorities that sign the certificates of partners
    registry_file: Path
    reflection: bool = False

    auth_url: str
    accreditation_url: str

    esia_issuer: str = "http://esia.gosuslugi.ru/"
    esia_trust_certs_dir: Path

    replicas: int = 1
    warn_days: int = 30  # before a certificate is switched off
    limit_factor: float = Field(default=1, validation_alias="LKMR_LIMIT_FACTOR")
