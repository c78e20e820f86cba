"""The gateway as production runs it: nothing answers outside TLS, and little without a session."""

import http.client
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import trustme

from lkmr_gateway.access import RULES, Entrance
from lkmr_rig.guard import free_port

from .manifests import ROOT, settings_of

pytestmark = pytest.mark.servers
NAME = "kabinet.example"
HEALTH = {"/healthz", "/readyz", "/readyz/self"}
OPEN = {
    "/status": "the state of the cabinet",
    "/": "the way in",
    "/static/{path:path}": "styles, scripts and fonts",
    "/api/openapi.json": "the description of the interface",
    "/auth/": "steps of a sign-in, each bound to the cookie of its beginning",
    "/help/": "what to do when one cannot get in",
    "/accessibility": "a statement that the law wants open",
    "/personal-data": "the policy on personal data, open by 152-ФЗ, art. 18.1",
    "/verify/": "the check of a printed extract by its code",
    "/calendar/{secret}": "the feed for a calendar, by a secret of its own",
    "/erasure-acts/": "the act of a destruction, by its id: who asked has no account any more",
    "/unsubscribe/{link}": "one click of a mail program, by a link of its own",
}
"""What needs no session, and why; all else does."""


@dataclass(frozen=True)
class Gateway:
    """A process with the settings of the production overlay; no service is within its reach."""

    process: subprocess.Popen[bytes]
    https: int
    metrics: int
    trust: ssl.SSLContext

    def ask(self, method: str, path: str, accept: str) -> http.client.HTTPResponse:
        """An answer over TLS; one that says to wait is asked for again."""
        headers = {"host": NAME, "accept": accept, "user-agent": "Firefox/131.0"}
        while True:
            line = http.client.HTTPSConnection("127.0.0.1", self.https, context=self.trust)
            line.request(method, path, headers=headers)
            answer = line.getresponse()
            answer.read()
            line.close()
            if answer.status != 429:
                return answer
            time.sleep(float(answer.headers["retry-after"]))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("production")
    trust = ssl.create_default_context()
    certificates(folder, trust)
    https, metrics = free_port(), free_port()
    environment = {
        name: value.replace("/run/lkmr", str(folder))
        for name, value in settings_of("gateway").items()
    }
    environment |= {
        "PATH": os.environ["PATH"],
        "GATEWAY_SPOOL_DIR": str(folder / "spool"),
        "GATEWAY_NATS_URL": "nats://gateway@127.0.0.1:1",
        "GATEWAY_HTTPS_LISTEN": f"127.0.0.1:{https}",
        "GATEWAY_METRICS_LISTEN": f"127.0.0.1:{metrics}",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lkmr_gateway"],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        made = Gateway(process, https, metrics, trust)
        until_it_listens(made, folder / "log")
        yield made
    finally:
        process.terminate()
        process.wait(20)


def certificates(folder: Path, trust: ssl.SSLContext) -> None:
    """As the cluster mounts them."""
    authority = trustme.CA()
    authority.configure_trust(trust)
    trust.check_hostname = False
    issued = authority.issue_cert(NAME)
    for place in ("tls", "https", "secrets", "esia"):
        (folder / place).mkdir()
    for place in ("tls", "https"):
        issued.private_key_pem.write_to_path(folder / place / "key.pem")
        issued.cert_chain_pems[0].write_to_path(folder / place / "cert.pem")
    authority.cert_pem.write_to_path(folder / "tls" / "ca.pem")
    for secret in ("csrf_key", "nats_password"):
        (folder / "secrets" / secret).write_text("of-this-test")


def until_it_listens(made: Gateway, log: Path) -> None:
    end = time.monotonic() + 60
    while True:
        assert made.process.poll() is None, log.read_text()
        try:
            if made.ask("GET", "/healthz", "*/*").status == 200:
                return
        except OSError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)


@pytest.mark.proves("F-025")
def test_nothing_but_health_and_metrics_answers_in_plain(gateway: Gateway) -> None:
    listening = {
        one.laddr.port
        for one in psutil.Process(gateway.process.pid).net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    }
    assert listening == {gateway.https, gateway.metrics}

    assert b"HTTP/" not in plain(gateway.https, "/healthz")
    answered = {path for path in addresses() if b" 200 " in plain(gateway.metrics, path)[:20]}
    assert answered <= HEALTH
    assert b"lkmr_gateway_sessions" in plain(gateway.metrics, "/metrics")


def plain(port: int, path: str) -> bytes:
    """What a port says to a request without TLS."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        told = b""
        try:
            while part := line.recv(65536):
                told += part
        except OSError:
            return told
    return told


def addresses() -> set[str]:
    """An address of each route."""
    return {address(path) for _, path in RULES}


def address(path: str) -> str:
    return re.sub(r"\{[^}]+\}", str(uuid.UUID(int=5)), path)


@pytest.mark.proves("F-025")
def test_every_endpoint_wants_a_session_but_the_named_ones(gateway: Gateway) -> None:
    wrong = []
    for (method, path), rule in RULES.items():
        free = path in HEALTH or any(
            path == one or (one.endswith("/") and one != "/" and path.startswith(one))
            for one in OPEN
        )
        if rule.entrance is not Entrance.SESSION:
            if not free:
                wrong.append(f"{method} {path} needs no session and no reason is named")
            continue
        api = path.startswith("/api/")
        answer = gateway.ask(method, address(path), "application/json" if api else "text/html")
        there = answer.headers.get("location", "")
        refused = answer.status == 401 or (answer.status == 303 and re.match(r"/(\?|$)", there))
        if not refused:
            wrong.append(f"{method} {path}: {answer.status} {there}")

    assert wrong == []
