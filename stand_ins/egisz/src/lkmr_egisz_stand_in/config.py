"""Settings of the stand-in `egisz`."""

from pathlib import Path

from pydantic import Field, SecretStr

from lkmr_servicekit.settings import settings_of
from lkmr_stand_in_kit.config import StandInSettings
from lkmr_stand_in_kit.server import MutualTls


class EgiszSettings(StandInSettings):
    """Where to listen, what to play, whom to call back; see README.md."""

    model_config = settings_of("EGISZ_")

    mtls_listen: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_ca: Path | None = None
    webhook_url: str = ""
    webhook_ca: Path | None = None
    webhook_cert: Path | None = None
    webhook_key: Path | None = None
    ferzl_token: SecretStr = SecretStr("demo-ferzl-token")
    generated_workers: int = Field(default=100_000, ge=0, le=6_000_000)
    programmes: int = Field(default=20_000, ge=0, le=1_000_000)
    generated_credits: int = Field(default=0, ge=0, le=100_000_000)

    @property
    def webhook_urls(self) -> list[str]:
        """Addresses of those who want to hear of changes."""
        return [url.strip() for url in self.webhook_url.split(",") if url.strip()]

    def mutual_tls(self) -> MutualTls | None:
        """Files of the port for other systems; None without `MTLS_LISTEN`.

        Raises ValueError when the port is set and a file is not.
        """
        if not self.mtls_listen:
            return None
        if not (self.tls_cert and self.tls_key and self.tls_ca):
            raise ValueError("EGISZ_MTLS_LISTEN needs EGISZ_TLS_CERT, EGISZ_TLS_KEY, EGISZ_TLS_CA")
        return MutualTls(self.tls_cert, self.tls_key, self.tls_ca)
