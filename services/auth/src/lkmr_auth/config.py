"""Every setting of the service; prefix `AUTH_`."""

from datetime import date
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, SecretStr, field_validator, model_validator

from lkmr_auth.domain.statement import signing_key
from lkmr_servicekit.settings import StoredSettings, settings_of


class StoreConfig(StoredSettings):
    """What an operator's command needs: the database, the keys, and how the journal is sealed.

    `journal_signing_key` is 32 random bytes in base64url; `audit_dir` keeps signed statements.
    `archive_dir` is where old months of the journal go: a place that outlives the process and that
    all instances share. Without it no month leaves the table.
    """

    model_config = settings_of("AUTH_")

    journal_signing_key: SecretStr
    audit_dir: Path
    archive_dir: Path | None = None

    @property
    def archive_folder(self) -> Path:
        """Where months of the archive are looked for."""
        return self.archive_dir or self.audit_dir / "archive"

    @property
    def statement_key(self) -> Ed25519PrivateKey:
        """What statements about the journal are signed with."""
        return signing_key(self.journal_signing_key.get_secret_value())


class Config(StoreConfig):
    """Settings of one process.

    `limit_factor` (`LKMR_LIMIT_FACTOR`) multiplies rates and counts of sessions, never the
    limits that guard secrets. Administrators of `operator_organization`, which runs the
    cabinet, reach all organisations; others reach their own; `operator_name` and
    `operator_address` stand in acts of destruction. `suspicion_file` replaces the
    rules about suspicious sessions, `networks_file` says where addresses are (lines
    `network,latitude,longitude`). `esia_adapter` chooses the way to ESIA: direct, or by a
    certified gateway at `esia_gateway_url` (its secret is a file). After `esia_direct_until` the
    direct way is closed, and the gateway takes over if its settings are there. `esia_public_url`
    and `esia_gateway_public_url` are where browsers reach them, if not at the base address.
    """

    esia_adapter: Literal["direct", "gateway"] = "direct"
    esia_direct_until: date | None = None
    esia_gateway_url: str = ""
    esia_gateway_public_url: str = ""
    esia_gateway_secret: SecretStr = SecretStr("")
    esia_base_url: str
    esia_public_url: str = ""
    esia_issuer: str
    esia_client_id: str
    esia_client_key: Path
    esia_client_cert: Path
    esia_trust_certs_dir: Path
    esia_scopes: str = "openid fullname birthdate gender snils email mobile usr_org medical_doc"
    esia_scope_org: str = ""
    esia_person_filter: str = "conf_acc"
    esia_jwt_algs: str = "GOST3410_2012_256,RS256"
    esia_leeway_seconds: int = 60
    esia_ca_bundle: str = ""
    allowed_origins: str
    sms_url: str
    esia_approval_url: str = ""
    egisz_bridge_url: str
    accreditation_url: str
    session_idle_seconds: int = 15 * 60
    session_absolute_seconds: int = 8 * 3600
    sessions_per_person: int = 5
    operator_organization: str = ""
    operator_name: str = ""
    operator_address: str = ""
    suspicion_file: Path | None = None
    networks_file: Path | None = None
    code_sends_per_hour: int = 5
    code_sends_per_address: int = 20
    step_up_seconds: int = 5 * 60
    session_renewal_seconds: int = 30 * 60
    limit_factor: float = Field(default=1, ge=1, validation_alias="LKMR_LIMIT_FACTOR")

    @field_validator(
        "esia_base_url", "esia_public_url", "esia_gateway_url", "esia_gateway_public_url"
    )
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("allowed_origins")
    @classmethod
    def _origins_only(cls, text: str) -> str:
        for origin in _listed(text):
            parts = urlsplit(origin)
            if (
                parts.scheme not in {"http", "https"}
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValueError(f"not an origin such as https://host:port: {origin}")
        if not _listed(text):
            raise ValueError("at least one origin is needed")
        return text

    @model_validator(mode="after")
    def _gateway_is_whole(self) -> Self:
        known = self.esia_gateway_url and self.esia_gateway_secret.get_secret_value()
        if self.esia_adapter == "gateway" and not known:
            raise ValueError("esia_adapter=gateway needs esia_gateway_url and esia_gateway_secret")
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """Where sign-in may begin; the first one is named to ESIA in renewals."""
        return _listed(self.allowed_origins)

    @property
    def jwt_algorithms(self) -> frozenset[str]:
        """Algorithms that tokens of ESIA may have."""
        return frozenset(_listed(self.esia_jwt_algs))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
