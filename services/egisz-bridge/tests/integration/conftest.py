"""The real service as a process, beside the real stand-in; only `auth` is a small fake."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lkmr.auth.v1 import auth_service_pb2 as auth
from lkmr.auth.v1 import auth_service_pb2_grpc as auth_rpc

from lkmr_rig.guard import free_port
from lkmr_rig.layout import Home
from lkmr_rig.pytest_plugin import Infra, TestDatabase
from lkmr_rig.tls import make_all
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.identity import TokenSigner

GENERATED = 2500
FERZL_TOKEN = "a-token-of-the-test"
CIPHERS = {"GRPC_SSL_CIPHER_SUITES": "ECDHE-RSA-AES256-GCM-SHA384"}
SIGNER = TokenSigner("test-key", Ed25519PrivateKey.generate(), SystemClock())


def wait_until(check: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := check():
                return found
        except (httpx2.HTTPError, OSError):
            pass
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


class FakeAuth(auth_rpc.AuthServiceServicer):
    def ListVerificationKeys(self, _: object, __: object) -> auth.ListVerificationKeysResponse:
        key = SIGNER.key.public_key().public_bytes_raw()
        return auth.ListVerificationKeysResponse(
            keys=[auth.VerificationKey(key_id=SIGNER.key_id, public_key=key)]
        )


@dataclass
class Suite:
    folder: Path
    infra: Infra
    database: TestDatabase
    auth_port: int
    poll_seconds: float
    home: Home = field(init=False)
    egisz: int = field(default_factory=free_port)
    egisz_mtls: int = field(default_factory=free_port)
    grpc_port: int = field(default_factory=free_port)
    metrics: int = field(default_factory=free_port)
    callback: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = Home(self.folder / "home")

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.egisz}/_control"

    def start(self, name: str, module: str, environment: dict[str, str]) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", module],
            env={**os.environ, **CIPHERS, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()

    def start_stand_in(self, workers: int = GENERATED) -> None:
        tls = self.home.tls("egisz-stand-in")
        self.start(
            "egisz",
            "lkmr_egisz_stand_in",
            {
                "EGISZ_LISTEN": f"127.0.0.1:{self.egisz}",
                "EGISZ_MTLS_LISTEN": f"127.0.0.1:{self.egisz_mtls}",
                "EGISZ_TLS_CERT": str(tls / "cert.pem"),
                "EGISZ_TLS_KEY": str(tls / "key.pem"),
                "EGISZ_TLS_CA": str(tls / "ca.pem"),
                "EGISZ_DATA_DIR": str(self.home.folder("data", "egisz")),
                "EGISZ_WEBHOOK_URL": f"https://localhost:{self.callback}/callbacks/frmr",
                "EGISZ_WEBHOOK_CA": str(tls / "ca.pem"),
                "EGISZ_FERZL_TOKEN": FERZL_TOKEN,
                "EGISZ_GENERATED_WORKERS": str(workers),
            },
        )
        wait_until(lambda: httpx2.get(f"{self.control}/behaviour").is_success, "stand-in answers")

    def start_bridge(self) -> None:
        tls, client = self.home.tls("egisz-bridge"), self.home.tls("egisz-client")
        prefix = "EGISZ_BRIDGE_"
        settings = {
            "GRPC_LISTEN": f"127.0.0.1:{self.grpc_port}",
            "METRICS_LISTEN": f"127.0.0.1:{self.metrics}",
            "CALLBACK_LISTEN": f"127.0.0.1:{self.callback}",
            "TLS_DIR": str(tls),
            "KEYRING_FILE": str(self.folder / "unused"),
            "DATABASE_URL": self.database.url,
            "NATS_URL": self.infra.nats_url("egisz-bridge"),
            "NATS_PASSWORD": self.infra.nats_password("egisz-bridge"),
            "AUTH_URL": f"127.0.0.1:{self.auth_port}",
            "FRMR_URL": f"https://localhost:{self.egisz_mtls}",
            "FAC_URL": f"https://localhost:{self.egisz_mtls}",
            "FERZL_URL": f"https://localhost:{self.egisz_mtls}/ferzl",
            "NMO_URL": f"https://localhost:{self.egisz_mtls}",
            "FRDO_URL": f"https://localhost:{self.egisz_mtls}",
            "AUTHORITY_URL": f"https://localhost:{self.egisz_mtls}",
            "FERZL_TOKEN": FERZL_TOKEN,
            "LICENCES_URL": f"https://localhost:{self.egisz_mtls}",
            "EGISZ_CA": str(client / "ca.pem"),
            "EGISZ_CERT": str(client / "cert.pem"),
            "EGISZ_KEY": str(client / "key.pem"),
            "POLL_SECONDS": str(self.poll_seconds),
            "REQUEST_SECONDS": "1",
            "BREAKER_RESET_SECONDS": "0.1",
        }
        self.start(
            "bridge",
            "lkmr_egisz_bridge",
            {f"{prefix}{name}": value for name, value in settings.items()},
        )
        ready = f"http://127.0.0.1:{self.metrics}/readyz/self"
        wait_until(lambda: httpx2.get(ready).is_success, "bridge is ready")

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(15)

    def peer(self, caller: str) -> Peer:
        target = f"127.0.0.1:{self.grpc_port}"
        return Peer("egisz-bridge", target, tls_dir=self.home.tls(caller))

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def suite(
    infra: Infra,
    silent_nats: Infra,
    database: Callable[..., TestDatabase],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Suite]:
    folder = tmp_path_factory.mktemp("bridge")
    auth_port = free_port()
    made = Suite(folder, infra, database("egisz-bridge"), auth_port, getattr(request, "param", 0.2))
    make_all(made.home)
    tls = made.home.tls("auth")
    fake = grpc.server(ThreadPoolExecutor(2))
    auth_rpc.add_AuthServiceServicer_to_server(FakeAuth(), fake)
    pair = ((tls / "key.pem").read_bytes(), (tls / "cert.pem").read_bytes())
    fake.add_secure_port(
        f"127.0.0.1:{auth_port}",
        grpc.ssl_server_credentials([pair], (tls / "ca.pem").read_bytes(), True),
    )
    fake.start()
    try:
        made.start_stand_in()
        made.start_bridge()
        yield made
    finally:
        for name in list(made.processes):
            made.stop(name)
        fake.stop(None).wait()
