"""How a program reads its settings: the environment with a prefix, secrets from mounted files."""

import os
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from lkmr_servicekit.encryption import PLAIN, KeyRing
from lkmr_servicekit.transit import Transit


class Settings(BaseSettings):
    """Base of every `config.py`: one frozen class, a working default or a failure that names it.

    A subclass sets `model_config = settings_of("AUTH_")`. Secrets are `SecretStr` fields read from
    files named like the field in `<PREFIX>SECRETS_DIR`.
    """

    instance: int = 1
    grpc_listen: str = "127.0.0.1:0"
    metrics_listen: str = "127.0.0.1:0"
    tls_dir: Path
    nats_url: str
    nats_password: SecretStr = SecretStr("")
    nats_replicas: int = 1

    @classmethod
    def load(cls) -> Self:
        """Settings of this process. Raises pydantic.ValidationError naming what is missing."""
        prefix = cls.model_config.get("env_prefix", "")
        folder = os.environ.get(f"{prefix}SECRETS_DIR")
        given: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            if folder and field.annotation is SecretStr and (Path(folder) / name).is_file():
                given[name] = (Path(folder) / name).read_text(encoding="utf-8").strip()
        return cls(**given)


class StoredSettings(Settings):
    """Settings of a service that has a database and keys.

    With `transit_url` (OpenBao or Vault, https) the values of the key file are sealed by the
    Transit key `transit_key`, and opened with the token of this service in `transit_token_file`.
    """

    database_url: str
    database_password: SecretStr = SecretStr("")
    keyring_file: Path
    transit_url: str = ""
    transit_key: str = ""
    transit_token_file: Path | None = None
    transit_ca: Path | None = None

    def key_store(self, service: str) -> Transit | None:
        """The store that seals the key file; None when the file itself is the secret."""
        if not self.transit_url:
            return None
        name = self.transit_key or service
        return Transit(self.transit_url, name, self.transit_token_file, self.transit_ca)

    def keyring(self, service: str) -> KeyRing:
        """The keys of this service.

        Raises ServiceError KEY_RING_FOREIGN, KEY_REFUSED, KEY_STORE_UNAVAILABLE.
        """
        return KeyRing.from_file(service, self.keyring_file, self.key_store(service) or PLAIN)

    @property
    def database_dsn(self) -> str:
        """The database address with the password from its file."""
        return with_password(self.database_url, self.database_password)


def settings_of(prefix: str) -> SettingsConfigDict:
    """The pydantic configuration of a settings class with a prefix."""
    return SettingsConfigDict(env_prefix=prefix, frozen=True, extra="forbid")


def with_password(url: str, password: SecretStr) -> str:
    """A URL whose user gets a password; unchanged when the password is empty."""
    if not password.get_secret_value():
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = quote(parts.username or "", safe="")
    secret = quote(password.get_secret_value(), safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{secret}@{host}"))


def host_and_port(listen: str) -> tuple[str, int]:
    """Split `127.0.0.1:8120`. Raises ValueError when it is not such a pair."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)
