"""Settings of the stand-in, and the switches that a running stand-in may change."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lkmr_servicekit.settings import settings_of
from lkmr_stand_in_kit.config import StandInSettings


class Settings(StandInSettings):
    """What the environment sets, with the prefix `GOSUSLUGI_`."""

    model_config = settings_of("GOSUSLUGI_")

    listen: str = "127.0.0.1:8081"
    base_url: str = "http://localhost:8081"
    """The address that browsers and clients use; absolute links begin with it."""
    issuer: str = "http://esia.gosuslugi.ru/"
    """`iss` of all tokens; the value of production, which some clients have built in."""
    sms_url: str = ""
    """Where codes are posted as {"to", "text"}; empty keeps them in `/_control/sms`."""
    smtp_url: str = ""
    """`smtp://host:port` for letters with links; empty keeps them in `/_control/mail`."""
    smtp_ca: Path | None = None
    """Who has issued the certificate of that server: letters then go by STARTTLS only."""
    export_dir: Path | None = None
    """Where the certificates of the token signature are put; `<data>/public/esia-certs`."""
    cabinet_url: str = "http://localhost:8080"
    clients_dir: Path | None = None
    """Client systems to register at start: `<client_id>.json` and the PEM files they name."""

    @property
    def base(self) -> str:
        """The base address without a trailing slash."""
        return self.base_url.rstrip("/")

    @property
    def certificates_dir(self) -> Path:
        return self.export_dir or self.data_dir / "public" / "esia-certs"


class Switches(BaseModel):
    """How strict and how long; `PUT /_control/switches` changes the named ones.

    Values are guesses where the real ESIA publishes none (lives of refresh token, session and
    codes, permitted skew of time, locks).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    v1_enabled: bool = True
    emit_x5t: bool = True
    refresh_string: Literal["both", "6a", "6b"] = "both"
    error_language: Literal["en", "ru", "enum"] = "en"
    rest_error_shape: Literal["object", "array"] = "object"
    missing_scope: Literal["omit", "403"] = "omit"
    verbose_failures: bool = False
    clock_offset_seconds: float = 0
    timestamp_skew_seconds: int = Field(default=300, ge=0)
    code_ttl_seconds: int = Field(default=240, ge=1)
    access_ttl_seconds: int = Field(default=3600, ge=1)
    id_ttl_seconds: int = Field(default=10800, ge=1)
    refresh_ttl_seconds: int = Field(default=30 * 86400, ge=1)
    session_idle_seconds: int = Field(default=3 * 3600, ge=1)
    sms_ttl_seconds: int = Field(default=300, ge=1)
    sms_attempts: int = Field(default=3, ge=1)
    sms_resend_seconds: int = Field(default=60, ge=0)
    lock_failures: int = Field(default=5, ge=1)
    lock_window_seconds: int = Field(default=15 * 60, ge=1)
    lock_seconds: int = Field(default=30 * 60, ge=1)
