"""The real service as processes; `auth`, `accreditation` and the mail relay are small fakes."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation
from lkmr.accreditation.v1 import accreditation_service_pb2_grpc as accreditation_rpc
from lkmr.auth.v1 import auth_service_pb2 as auth
from lkmr.auth.v1 import auth_service_pb2_grpc as auth_rpc

from lkmr_rig.guard import free_port
from lkmr_rig.layout import Home
from lkmr_rig.pytest_plugin import Infra, TestDatabase
from lkmr_rig.tls import make_all
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.identity import Caller, CallerKind, TokenSigner

CIPHERS = {"GRPC_SSL_CIPHER_SUITES": "ECDHE-RSA-AES256-GCM-SHA384"}
HEADS: dict[str, list[str]] = {}
CROWDS: dict[str, list[str]] = {}
PHONES: dict[str, str] = {}
REFUSED: set[str] = set()
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


def token_of(person: str) -> str:
    caller = Caller(CallerKind.PERSON, person, 0, session="s")
    return SIGNER.caller_token(caller, SystemClock().now())[0]


class FakeAuth(auth_rpc.AuthServiceServicer):
    """Worker `w-<person>` belongs to that person; `nobody` never signed in."""

    def ListVerificationKeys(self, _: object, __: object) -> auth.ListVerificationKeysResponse:
        key = SIGNER.key.public_key().public_bytes_raw()
        return auth.ListVerificationKeysResponse(
            keys=[auth.VerificationKey(key_id=SIGNER.key_id, public_key=key)]
        )

    def IssueJobToken(self, request: Any, _: object) -> auth.IssueJobTokenResponse:
        token, end = SIGNER.job_token("notify", request.purpose)
        moment = Timestamp()
        moment.FromDatetime(end)
        return auth.IssueJobTokenResponse(token=token, expire_time=moment)

    def ListContacts(self, request: Any, _: object) -> auth.ListContactsResponse:
        ids = [one.removeprefix("persons/") for one in request.persons]
        return auth.ListContactsResponse(
            contacts=[
                auth.Contacts(
                    person=f"persons/{one}",
                    email=f"{one}@demo.example",
                    phone=PHONES.get(one, ""),
                )
                for one in ids
            ]
        )

    def GetRecipient(self, request: Any, context: Any) -> auth.Recipient:
        if request.worker in REFUSED:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "PEER_NOT_ALLOWED")
        if request.worker == "workers/nobody":
            context.abort(grpc.StatusCode.NOT_FOUND, "PERSON_NOT_FOUND")
        name = request.person or f"persons/{request.worker.removeprefix('workers/w-')}"
        return auth.Recipient(person=name)

    def ListRecipients(self, request: Any, _: object) -> auth.Recipients:
        """Of a worker the head `HEADS[worker]`; an audience from `CROWDS`."""
        if request.colleague:
            names = [f"persons/{one}" for one in HEADS.get(request.colleague, ())]
        else:
            crowd = sorted(CROWDS.get("".join(request.organizations), ()))
            after = [one for one in crowd if one > request.page_token][: request.page_size or 1000]
            names = [f"persons/{one}" for one in after]
        more = len(names) == (request.page_size or 1000)
        return auth.Recipients(
            recipients=[auth.Recipient(person=one) for one in names],
            next_page_token=names[-1].removeprefix("persons/") if more else "",
        )


class FakeAccreditation(accreditation_rpc.AccreditationServiceServicer):
    def GetAccreditation(self, request: Any, _: object) -> accreditation.Accreditation:
        return accreditation.Accreditation(
            name=request.name, specialty="кардиология", state="ACTIVE", expire_date="2031-03-05"
        )


@dataclass
class Relay:
    """A mail relay that can be told how to answer."""

    letters: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    taken: list[Callable[[], None]] = field(default_factory=list)

    async def handle_RCPT(
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address.startswith("refused"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(message_from_bytes(content, policy=default))
        if self.taken:
            self.taken.pop(0)()
        return "250 OK"

    def to(self, person: str) -> list[EmailMessage]:
        return [one for one in self.letters if one["To"] == f"{person}@demo.example"]


@dataclass
class Suite:
    folder: Path
    infra: Infra
    database: TestDatabase
    relay: Relay
    home: Home
    auth_port: int
    accreditation_port: int
    smtp_port: int
    ports: dict[int, tuple[int, int]] = field(default_factory=dict)
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def start(self, number: int = 1) -> None:
        ports = self.ports.setdefault(number, (free_port(), free_port()))
        settings = {
            "INSTANCE": str(number),
            "GRPC_LISTEN": f"127.0.0.1:{ports[0]}",
            "METRICS_LISTEN": f"127.0.0.1:{ports[1]}",
            "TLS_DIR": str(self.home.tls("notify")),
            "KEYRING_FILE": str(self.folder / "keyring.json"),
            "DATABASE_URL": self.database.url,
            "NATS_URL": self.infra.nats_url("notify"),
            "NATS_PASSWORD": self.infra.nats_password("notify"),
            "AUTH_URL": f"127.0.0.1:{self.auth_port}",
            "ACCREDITATION_URL": f"127.0.0.1:{self.accreditation_port}",
            "SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "CABINET_URL": "http://localhost:8080",
            **self.settings,
        }
        log = (self.folder / f"notify-{number}.log").open("ab")
        self.processes[number] = subprocess.Popen(
            [sys.executable, "-m", "lkmr_notify"],
            env={
                **os.environ,
                **CIPHERS,
                **{f"NOTIFY_{name}": value for name, value in settings.items()},
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        ready = f"http://127.0.0.1:{ports[1]}/readyz/self"
        wait_until(lambda: httpx2.get(ready).is_success, "notify is ready")

    def stop(self, number: int = 1, how: signal.Signals = signal.SIGTERM) -> int:
        process = self.processes.pop(number)
        process.send_signal(how)
        return process.wait(15)

    def peer(self, caller: str = "gateway") -> Peer:
        return Peer("notify", f"127.0.0.1:{self.ports[1][0]}", tls_dir=self.home.tls(caller))

    def log(self, number: int = 1) -> str:
        return (self.folder / f"notify-{number}.log").read_text(encoding="utf-8")


def write_keyring(path: Path) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    path.write_text(json.dumps({"active": "k1", "keys": {"k1": key}, "index_key": key}))


def _serve(home: Home, program: str, register: Callable[[grpc.Server], None]) -> tuple[Any, int]:
    tls = home.tls(program)
    server = grpc.server(ThreadPoolExecutor(4))
    register(server)
    pair = ((tls / "key.pem").read_bytes(), (tls / "cert.pem").read_bytes())
    authority = (tls / "ca.pem").read_bytes()
    credentials = grpc.ssl_server_credentials([pair], authority, True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    return server, port


@pytest.fixture(scope="module")
def suite(
    infra: Infra,
    silent_nats: Infra,
    database: Callable[..., TestDatabase],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Suite]:
    folder = tmp_path_factory.mktemp("notify")
    home = Home(folder / "home")
    make_all(home)
    write_keyring(folder / "keyring.json")
    auth_server, auth_port = _serve(
        home, "auth", lambda s: auth_rpc.add_AuthServiceServicer_to_server(FakeAuth(), s)
    )
    other, accreditation_port = _serve(
        home,
        "accreditation",
        lambda s: accreditation_rpc.add_AccreditationServiceServicer_to_server(
            FakeAccreditation(), s
        ),
    )
    relay, smtp_port = Relay(), free_port()
    controller = Controller(relay, hostname="127.0.0.1", port=smtp_port)
    controller.start()
    made = Suite(
        folder,
        infra,
        database("notify"),
        relay,
        home,
        auth_port,
        accreditation_port,
        smtp_port,
    )
    try:
        made.start()
        yield made
    finally:
        for number in list(made.processes):
            made.stop(number)
        controller.stop()
        auth_server.stop(None).wait()
        other.stop(None).wait()


@pytest.fixture(scope="module")
def notify_database(database: Callable[..., TestDatabase]) -> TestDatabase:
    """The tables alone, without the service."""
    return database("notify")


@pytest.fixture
async def stored(notify_database: TestDatabase) -> AsyncIterator[Database]:
    """The database as the service opens it."""
    async with Database(notify_database.url) as opened:
        yield opened


@pytest.fixture
async def nothing_announced(stored: Database) -> None:
    await stored.pool.execute("DELETE FROM announcement")
    await stored.pool.execute("DELETE FROM delivery")
