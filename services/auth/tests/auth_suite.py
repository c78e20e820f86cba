"""The real auth as a process, beside the real stand-ins; only the bridge is a small fake."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx2
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as bridge
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2_grpc as bridge_rpc
from lxml import html

from lkmr_rig import esia_client
from lkmr_rig.credentials import password
from lkmr_rig.environment import ESIA_CLIENT, ESIA_ISSUER
from lkmr_rig.guard import free_port
from lkmr_rig.layout import Home
from lkmr_rig.pytest_plugin import Infra, TestDatabase
from lkmr_rig.tls import make_all
from lkmr_servicekit.grpc_client import Peer

ORIGIN = "http://localhost:8080"
CIPHERS = {"GRPC_SSL_CIPHER_SUITES": "ECDHE-RSA-AES256-GCM-SHA384"}
PEOPLE = Path(__file__).parents[3] / "stand_ins/kit/src/lkmr_stand_in_kit/people.json"
PASSWORD = "Kabinet-2026!"


def wait_until(check: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := check():
                return found
        except (httpx2.HTTPError, OSError):
            pass
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


class FakeBridge(bridge_rpc.EgiszBridgeServiceServicer):
    """Agrees with everything, at the organisations that a test names."""

    def __init__(self) -> None:
        self.oids = ["1.2.643.5.1.13.13.12.2.77.90001"]
        self.changes: dict[str, Any] = {}
        self.away = False
        self.asked: list[bridge.CheckIdentityRequest] = []

    def CheckIdentity(
        self, request: bridge.CheckIdentityRequest, context: grpc.ServicerContext
    ) -> bridge.IdentityCheck:
        self.asked.append(request)
        if self.away:
            context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        answer = bridge.IdentityCheck(
            in_worker_register=True,
            name=bridge.MATCH_EQUAL,
            birth_date=bridge.MATCH_EQUAL,
            policy_number=bridge.MATCH_EQUAL,
            card=bridge.WorkerCard(
                name=f"workers/w-{request.snils}",
                version=3,
                jobs=[bridge.Job(organization_oid=one) for one in self.oids],
            ),
        )
        answer.check_time.GetCurrentTime()
        for name, value in self.changes.items():
            setattr(answer, name, value)
        return answer


@dataclass
class Suite:
    folder: Path
    infra: Infra
    database: TestDatabase
    home: Home = field(init=False)
    bridge: FakeBridge = field(default_factory=FakeBridge)
    gosuslugi: int = field(default_factory=free_port)
    mailbox: int = field(default_factory=free_port)
    grpc_port: int = field(default_factory=free_port)
    metrics: int = field(default_factory=free_port)
    bridge_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = Home(self.folder / "home")
        make_all(self.home)
        esia_client.make(self.home)
        secret = base64.b64encode(os.urandom(32)).decode()
        content = {"active": "k1", "keys": {"k1": secret}, "index_key": secret}
        self.home.keyring("auth").parent.mkdir(parents=True, exist_ok=True)
        self.home.keyring("auth").write_text(json.dumps(content))

    @property
    def esia(self) -> str:
        return f"http://localhost:{self.gosuslugi}"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.esia}/_control{path}"
        answer = httpx2.request(method, url, json=body, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def start(self, name: str, module: str, environment: dict[str, str], *words: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as out:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                env={**os.environ, **CIPHERS, **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def start_outside(self) -> None:
        """Gosuslugi, mailbox and the bridge."""
        self.start(
            "mailbox",
            "lkmr_mailbox_stand_in",
            {
                "MAILBOX_LISTEN": f"127.0.0.1:{self.mailbox}",
                "MAILBOX_DATA_DIR": str(self.home.folder("data", "mailbox")),
            },
        )
        self.start(
            "gosuslugi",
            "lkmr_gosuslugi_stand_in",
            {
                "GOSUSLUGI_LISTEN": f"127.0.0.1:{self.gosuslugi}",
                "GOSUSLUGI_BASE_URL": self.esia,
                "GOSUSLUGI_ISSUER": ESIA_ISSUER,
                "GOSUSLUGI_DATA_DIR": str(self.home.folder("data", "gosuslugi")),
                "GOSUSLUGI_CLIENTS_DIR": str(self.home.folder("data", "gosuslugi", "clients")),
                "GOSUSLUGI_EXPORT_DIR": str(self.home.esia_certificates),
                "GOSUSLUGI_SMS_URL": f"http://127.0.0.1:{self.mailbox}/sms",
            },
        )
        tls = self.home.tls("egisz-bridge")
        self.server = grpc.server(ThreadPoolExecutor(2))
        bridge_rpc.add_EgiszBridgeServiceServicer_to_server(self.bridge, self.server)
        pair = ((tls / "key.pem").read_bytes(), (tls / "cert.pem").read_bytes())
        self.server.add_secure_port(
            f"127.0.0.1:{self.bridge_port}",
            grpc.ssl_server_credentials([pair], (tls / "ca.pem").read_bytes(), True),
        )
        self.server.start()
        for port in (self.gosuslugi, self.mailbox):
            url = f"http://127.0.0.1:{port}/_control/behaviour"
            wait_until(lambda url=url: httpx2.get(url, trust_env=False).is_success, url)

    @property
    def settings(self) -> dict[str, str]:
        secrets = self.home.secrets("auth")
        settings = {
            "GRPC_LISTEN": f"127.0.0.1:{self.grpc_port}",
            "METRICS_LISTEN": f"127.0.0.1:{self.metrics}",
            "TLS_DIR": str(self.home.tls("auth")),
            "KEYRING_FILE": str(self.home.keyring("auth")),
            "AUDIT_DIR": str(self.folder / "audit"),
            "JOURNAL_SIGNING_KEY": password(self.home, "auth", "journal_signing_key"),
            "DATABASE_URL": self.database.url,
            "NATS_URL": self.infra.nats_url("auth"),
            "NATS_PASSWORD": self.infra.nats_password("auth"),
            "EGISZ_BRIDGE_URL": f"127.0.0.1:{self.bridge_port}",
            "ACCREDITATION_URL": "127.0.0.1:9",  # away: what is known stays
            "ESIA_BASE_URL": self.esia,
            "ESIA_ISSUER": ESIA_ISSUER,
            "ESIA_CLIENT_ID": ESIA_CLIENT,
            "ESIA_CLIENT_KEY": str(secrets / "esia-client.key"),
            "ESIA_CLIENT_CERT": str(secrets / "esia-client.pem"),
            "ESIA_TRUST_CERTS_DIR": str(self.home.esia_certificates),
            "ALLOWED_ORIGINS": f"{ORIGIN},https://localhost:8084",
            "SMS_URL": f"http://127.0.0.1:{self.mailbox}/sms",
        }
        named = {f"AUTH_{name}": value for name, value in settings.items()}
        return named | {"LKMR_LIMIT_FACTOR": "1000"}

    def import_people(self) -> None:
        self.start("import", "lkmr_auth.people_import", self.settings, str(PEOPLE))
        assert self.processes.pop("import").wait(60) == 0, self.log("import")

    def start_auth(self) -> None:
        self.start("auth", "lkmr_auth", self.settings)
        ready = f"http://127.0.0.1:{self.metrics}/readyz/self"
        wait_until(lambda: httpx2.get(ready, trust_env=False).is_success, "auth is ready")

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(15)

    def close(self) -> None:
        for name in list(self.processes):
            self.stop(name)
        self.server.stop(None).wait()

    def peer(self, caller: str) -> Peer:
        target = f"127.0.0.1:{self.grpc_port}"
        return Peer("auth", target, tls_dir=self.home.tls(caller))

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def messages(self, phone: str) -> list[str]:
        """Texts sent to a telephone, newest first."""
        url = f"http://127.0.0.1:{self.mailbox}/api/messages"
        answer = httpx2.get(url, params={"to": phone}, trust_env=False)
        return [one["text"] for one in answer.json()]

    def last_code(self, phone: str) -> str:
        found = re.search(r"\b\d{6}\b", self.messages(phone)[0])
        assert found
        return found.group()


@dataclass
class Browser:
    """A browser without scripts that passes the pages of Gosuslugi."""

    suite: Suite
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(trust_env=False, timeout=20))

    def pass_gosuslugi(self, url: str, login: str, phone: str) -> dict[str, str]:
        """From the redirect to the parameters of the callback."""
        page = self._follow(self.http.get(url))
        if 'name="password"' in page.text:
            page = self._submit(page, login=login, password=PASSWORD)
        if 'name="code"' in page.text:
            page = self._submit(page, code=self.suite.last_code(phone))
        if "grantAuthorization" in page.text:
            page = self._submit(page)
        assert page.is_redirect, f"{page.status_code} {page.text[:800]}"
        location = urlsplit(page.headers["location"])
        assert f"{location.scheme}://{location.netloc}{location.path}" == f"{ORIGIN}/auth/callback"
        return dict(httpx2.QueryParams(location.query))

    def _follow(self, answer: httpx2.Response) -> httpx2.Response:
        while answer.is_redirect and answer.headers["location"].startswith(self.suite.esia):
            answer = self.http.get(answer.headers["location"])
        return answer

    def _submit(self, page: httpx2.Response, **fields: str) -> httpx2.Response:
        form = html.fromstring(page.text).forms[0]
        values = {name: value or "" for name, value in form.form_values()} | fields
        return self._follow(self.http.post(f"{self.suite.esia}{form.action}", data=values))
