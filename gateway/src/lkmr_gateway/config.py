"""Every setting of the gateway."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from lkmr_servicekit.settings import Settings, settings_of

MAX_CONNECTION_FACTOR = 8


class Config(Settings):
    """Settings with the prefix `GATEWAY_`; `csrf_key` and `nats_password` come from files."""

    model_config = settings_of("GATEWAY_")

    http_listen: str = ""  # plain listener for localhost; empty in production
    https_listen: str = ""
    https_cert: Path | None = None
    https_key: Path | None = None
    public_origins: str = ""  # comma list of the origins under which browsers know the cabinet
    client_address_header: str = ""  # set by an edge proxy in front, which alone may send it

    auth_url: str
    accreditation_url: str
    education_url: str
    egisz_bridge_url: str
    notify_url: str

    csrf_key: SecretStr

    esia_base_url: str = ""  # where browsers open ESIA; its host may take the sign-out form
    esia_gateway_url: str = ""  # of a certified gateway, when sign-in and sign-out pass through one
    portal_pages: dict[str, str] = Field(default_factory=dict)  # addresses of its pages, if others
    esia_issuer: str = "http://esia.gosuslugi.ru/"
    esia_client_id: str = "LKMR01"
    esia_trust_certs_dir: Path

    spool_dir: Path | None = None  # acts that auth could not take wait here over a restart

    answer_cache: bool = True
    answer_cache_bytes: int = 64 * 1024 * 1024
    session_cache_size: int = 100_000
    access_log_ratio: float = 0.01
    replicas: int = 1
    inflight_limit: int = 100
    drain_seconds: float = 0.3
    limit_factor: float = Field(default=1, validation_alias="LKMR_LIMIT_FACTOR")

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins under which browsers know the cabinet."""
        given = (one.strip().rstrip("/").lower() for one in self.public_origins.split(","))
        return tuple(one for one in given if one)

    @property
    def authorities(self) -> frozenset[bytes]:
        """Values of `Host` that are ours."""
        return frozenset(urlsplit(origin).netloc.encode() for origin in self.origins)

    @property
    def esia_origins(self) -> tuple[str, ...]:
        """Origins of ESIA and of a certified gateway before it, as far as they are set."""
        parts = (urlsplit(one) for one in (self.esia_base_url, self.esia_gateway_url))
        return tuple({f"{one.scheme}://{one.netloc}": None for one in parts if one.netloc})

    @property
    def load_factor(self) -> float:
        """By how much the bounds of one process may grow: memory does not follow the factor."""
        return max(1.0, min(self.limit_factor, MAX_CONNECTION_FACTOR))
