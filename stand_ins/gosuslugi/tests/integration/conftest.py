import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from esia_mini_client import Keys, MiniClient, OwnKeys, engine_available

from lkmr_rig.guard import free_port


@dataclass
class SmsSink:
    """The mailbox's place: keeps what was posted to it."""

    url: str
    messages: list[dict[str, str]] = field(default_factory=list)
    refuse: bool = False

    def code(self) -> str:
        """The code of the last message."""
        found = re.search(r"\b\d{6}\b", self.messages[-1]["text"])
        assert found is not None
        return found.group()


@pytest.fixture(scope="session")
def sms() -> Iterator[SmsSink]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not sink.refuse:
                sink.messages.append(json.loads(body))
            self.send_response(503 if sink.refuse else 202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink = SmsSink(f"http://127.0.0.1:{server.server_port}/sms")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield sink
    server.shutdown()
    server.server_close()


@dataclass
class RunningStandIn:
    base: str
    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log.jsonl").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lkmr_gosuslugi_stand_in"],
                env=self.environment,
                stdout=out,
                stderr=out,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            try:
                httpx2.get(f"{self.base}/_control/behaviour", trust_env=False)
            except httpx2.TransportError:
                threading.Event().wait(0.05)
            else:
                return
        raise AssertionError(self.log())

    def stop(self) -> float:
        """Ask it to stop; gives the seconds that it took."""
        assert self.process is not None
        start = time.monotonic()
        self.process.terminate()
        assert self.process.wait(10) == 0
        return time.monotonic() - start

    def log(self) -> str:
        return (self.folder / "log.jsonl").read_text()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx2.request(method, f"{self.base}/_control{path}", json=body, trust_env=False)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None


def start_stand_in(folder: Path, sms_url: str, **more: str) -> RunningStandIn:
    port = free_port()
    base = f"http://localhost:{port}"
    environment = {
        "PATH": "/usr/bin:/bin",
        "GOSUSLUGI_LISTEN": f"127.0.0.1:{port}",
        "GOSUSLUGI_BASE_URL": base,
        "GOSUSLUGI_DATA_DIR": str(folder / "data"),
        "GOSUSLUGI_SMS_URL": sms_url,
        **more,
    }
    running = RunningStandIn(base, folder, environment)
    running.start()
    return running


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory, sms: SmsSink) -> Iterator[RunningStandIn]:
    running = start_stand_in(tmp_path_factory.mktemp("gosuslugi"), sms.url)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    kind = Keys if engine_available() else OwnKeys
    return kind.gost(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def new_client(stand_in: RunningStandIn, keys: Keys) -> Iterator[Callable[..., MiniClient]]:
    """Registers a system of its own for a test, so that consents of tests do not meet."""
    made: list[MiniClient] = []

    def register(certificate: Keys = keys, **record: Any) -> MiniClient:
        client_id = f"T{uuid4().hex[:10].upper()}"
        body = {"certificate": certificate.pem, "redirect_domains": ["cabinet.example"]}
        stand_in.control("PUT", f"/clients/{client_id}", body | record)
        made.append(MiniClient(stand_in.base, client_id, certificate))
        return made[-1]

    yield register
    for client in made:
        client.http.close()


@pytest.fixture
def client(new_client: Callable[..., MiniClient]) -> MiniClient:
    return new_client()


@pytest.fixture
def new_person(stand_in: RunningStandIn) -> Callable[..., str]:
    """Adds a person of one's own; gives the login."""

    def add(**fields: Any) -> str:
        login = f"p{uuid4().hex[:10]}"
        number = int(login[1:], 16) % 10**7
        person = {
            "family_name": "Проверкина",
            "given_name": "Вера",
            "gender": "F",
            "birth_date": "1990-05-05",
            "snils": "900-001-037 98",
            "phone": f"+7900{number:07d}",
            "email": f"{login}@demo.example",
        }
        stand_in.control("PATCH", f"/people/{login}", person | fields)
        return login

    return add
