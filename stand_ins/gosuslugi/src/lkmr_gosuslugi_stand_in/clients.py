"""The registry of client systems (технологический портал)."""

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from lkmr_gost import Certificate, load_certificate
from lkmr_gosuslugi_stand_in.scopes import KNOWN
from lkmr_stand_in_kit.store import Store

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_MNEMONIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KIND = "client"
FIRST_SYSTEM_OID = 1000600001


def _as_list(value: Any) -> Any:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _as_pems(value: Any) -> Any:
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        return [pem for text in texts for pem in _PEM.findall(text)]
    return texts


Names = Annotated[list[str], BeforeValidator(_as_list)]


class ClientRecord(BaseModel):
    """What `PUT /_control/clients/{client_id}` says about a system."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    certificate: Annotated[list[str], BeforeValidator(_as_pems)] = Field(default_factory=list)
    """PEM, one or several (during a change of keys both are registered)."""
    redirect_domains: Names = Field(default_factory=list)
    """Hosts without a path; a port counts only where it is written."""
    scopes: Names = Field(default_factory=lambda: sorted(KNOWN))
    jwt_alg: Literal["GOST3410_2012_256", "RS256"] = "GOST3410_2012_256"
    legacy_rsa: bool = False
    active: bool = True
    gateway_secret: str = ""
    """The shared secret at the certified gateway; empty: the system may not use it."""
    gateway_filter: str = "conf_acc"
    """Which accounts the gateway lets through, as `person_filter` of a direct request."""
    oid: int = 0
    """Number of the system itself, given at registration."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for pem in self.certificate:
            load_certificate(pem.encode())
        if unknown := sorted(set(self.scopes) - KNOWN):
            raise ValueError(f"unknown scopes: {', '.join(unknown)}")
        return self


class Client:
    """A registered system with its certificates read."""

    def __init__(self, client_id: str, record: ClientRecord) -> None:
        self.client_id, self.record = client_id, record
        self.certificates = tuple(load_certificate(pem.encode()) for pem in record.certificate)
        self.title = record.name or client_id

    def certificate(self, hash_: str, moment: datetime) -> Certificate | None:
        """The registered certificate with this hash, if its dates cover the moment."""
        found = (one for one in self.certificates if one.hash == hash_.upper())
        return next((one for one in found if one.valid_at(moment)), None)

    def may_return_to(self, address: str) -> bool:
        """Whether the host of an absolute http(s) address is registered."""
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            return False
        plain = "@" not in parts.netloc and "\\" not in address and not parts.fragment
        if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
            return False
        host = parts.hostname.lower()
        with_port = f"{host}:{port}" if port else host
        return any(domain.lower() in {host, with_port} for domain in self.record.redirect_domains)


class Clients:
    """All registered systems; kept in the data folder."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = {
            key: Client(key, ClientRecord(**value)) for key, value in store.documents(_KIND)
        }

    def get(self, client_id: str) -> Client | None:
        return self._known.get(client_id)

    def all(self) -> Iterable[Client]:
        return self._known.values()

    def put(self, client_id: str, record: ClientRecord) -> Client:
        """Register or replace a system. Raises ValueError for a mnemonic of another form."""
        if not _MNEMONIC.fullmatch(client_id):
            raise ValueError("a mnemonic has 1 to 64 letters, digits, _ or -")
        before = self._known.get(client_id)
        record.oid = before.record.oid if before else FIRST_SYSTEM_OID + len(self._known)
        self._known[client_id] = Client(client_id, record)
        self._store.put(_KIND, client_id, record.model_dump())
        return self._known[client_id]

    def delete(self, client_id: str) -> bool:
        self._known.pop(client_id, None)
        return self._store.delete(_KIND, client_id)

    def load_folder(self, folder: Path) -> int:
        """Register every `<client_id>.json` of a folder; `certificate` is PEM or a file beside it.

        Returns how many. Raises ValueError or OSError naming the file that cannot be used.
        """
        files = sorted(folder.glob("*.json"))
        for file in files:
            content = orjson.loads(file.read_bytes())
            named = content.get("certificate", "")
            if isinstance(named, str) and named and "BEGIN CERTIFICATE" not in named:
                content["certificate"] = (folder / named).read_text(encoding="ascii")
            try:
                self.put(file.stem, ClientRecord(**content))
            except ValueError as fault:
                raise ValueError(f"{file.name}: {fault}") from fault
        return len(files)
