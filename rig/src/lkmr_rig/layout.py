"""Where things lie and on which ports they listen."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
LOOPBACK = "127.0.0.1"
SERVICES = ("auth", "accreditation", "education", "egisz-bridge", "notify")
PROGRAMS = (*SERVICES, "gateway", "partner")
STAND_INS = ("mailbox", "gosuslugi", "egisz")

_SERVICE_PORTS = {"auth": 0, "accreditation": 2, "egisz-bridge": 4, "notify": 8, "education": 12}
_SECOND = 20


def snake(service: str) -> str:
    """`egisz-bridge` → `egisz_bridge`: the name in Python, proto, PostgreSQL and NATS subjects."""
    return service.replace("-", "_")


def prefix(program: str) -> str:
    """`egisz-bridge` → `EGISZ_BRIDGE_`: the prefix of its settings."""
    return snake(program).upper() + "_"


@dataclass(frozen=True, slots=True)
class Home:
    """The data folder of one suite; everything it keeps lies below it."""

    root: Path

    @classmethod
    def from_env(cls) -> "Home":
        """`LKMR_HOME`, or `.lkmr` in the checkout."""
        return cls(Path(os.environ.get("LKMR_HOME") or CHECKOUT / ".lkmr").absolute())

    def folder(self, *parts: str) -> Path:
        """A private folder (mode 700), made when it is not there."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.root
        for part in parts:
            path /= part
            path.mkdir(exist_ok=True, mode=0o700)
        return path

    def tls(self, name: str = "") -> Path:
        return self.folder("tls", name)

    def secrets(self, owner: str) -> Path:
        return self.folder("secrets", owner)

    def keyring(self, service: str) -> Path:
        return self.folder("keys") / f"{service}.keys"

    def data(self, stand_in: str) -> Path:
        return self.folder("data", stand_in)

    def log(self, role: str, instance: int) -> Path:
        return self.folder("log") / f"{role}-{instance}.log"

    @property
    def esia_certificates(self) -> Path:
        """Where the Gosuslugi stand-in publishes the certificates of its token signature."""
        return self.folder("data", "gosuslugi", "public", "esia-certs")

    @property
    def partners(self) -> Path:
        """The register of partner systems, for operators to edit."""
        return self.folder("partners") / "partners.toml"

    @property
    def processes(self) -> Path:
        return self.folder("run") / "processes.json"


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of a suite, counted from its base."""

    base: int = 8080

    def at(self, offset: int) -> int:
        return self.base + offset

    def gateway_http(self, instance: int = 1) -> int:
        return self.at(0 if instance == 1 else 10)

    def gateway_https(self, instance: int = 1) -> int:
        return self.at(4 if instance == 1 else 14)

    def gateway_metrics(self, instance: int = 1) -> int:
        return self.at(40 if instance == 1 else 60)

    def partner(self, instance: int = 1) -> int:
        return self.at(5 if instance == 1 else 15)

    def partner_metrics(self, instance: int = 1) -> int:
        return self.at(41 if instance == 1 else 61)

    def grpc(self, service: str, instance: int = 1) -> int:
        return self.at(30 + _SERVICE_PORTS[service] + (0 if instance == 1 else _SECOND))

    def metrics(self, service: str, instance: int = 1) -> int:
        return self.grpc(service, instance) + 1

    def bridge_callback(self, instance: int = 1) -> int:
        return self.grpc("egisz-bridge", instance) + 2

    def bounces(self, instance: int = 1) -> int:
        """Where letters that come back are brought to notify."""
        return self.grpc("egisz-bridge", instance) + 3

    @property
    def gosuslugi(self) -> int:
        return self.at(1)

    @property
    def egisz(self) -> int:
        return self.at(2)

    @property
    def mailbox(self) -> int:
        return self.at(3)

    @property
    def egisz_mtls(self) -> int:
        return self.at(6)

    @property
    def smtp(self) -> int:
        return self.at(7)

    @property
    def postgres(self) -> int:
        return self.at(20)

    @property
    def nats(self) -> int:
        return self.at(21)

    @property
    def nats_monitoring(self) -> int:
        return self.at(22)


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file that only its owner may read, at once or not at all."""
    raw = content.encode() if isinstance(content, str) else content
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def write_json(path: Path, content: Any) -> None:
    """`write_private` of a JSON document."""
    write_private(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
