"""Every setting of the service; prefix `EGISZ_BRIDGE_`."""

from pathlib import Path

from pydantic import SecretStr

from lkmr_servicekit.settings import StoredSettings, settings_of


class Config(StoredSettings):
    """Settings of one process."""

    model_config = settings_of("EGISZ_BRIDGE_")

    auth_url: str
    frmr_url: str
    ferzl_url: str
    nmo_url: str
    frdo_url: str
    fac_url: str
    licences_url: str
    authority_url: str
    ferzl_version: str = "24.1.2"
    ferzl_token: SecretStr = SecretStr("")
    egisz_ca: Path | None = None
    egisz_cert: Path | None = None
    egisz_key: Path | None = None
    callback_listen: str = ""
    poll_seconds: float = 2.0
    request_seconds: float = 2.5
    breaker_reset_seconds: float = 10.0
    outside_places: int = 20
