"""A file on its way into the cabinet and back is never plain on a wire, nor where it is kept."""

import io
import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from pypdf import PdfWriter

from lkmr_rig.guard import free_base
from lkmr_rig.layout import Ports
from lkmr_rig.threaded import ThreadedSuite, running

from ..support.own_suite import eventually
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
MARK = b"UnmistakableWordsOfACertificate"


def a_pdf(copies: int) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": (MARK * copies).decode()})
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


FILE, OTHER_FILE = a_pdf(2000), a_pdf(100)


class Tap:
    """A wire that is listened to: passes bytes on to a port and keeps both directions."""

    def __init__(self, target: int) -> None:
        self._target, self.heard = target, bytearray()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:  # closed
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # the program behind has not started yet
                near.close()
                continue
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while part := source.recv(65536):
                self.heard += part
                sink.sendall(part)
        except OSError:  # one side hung up
            pass
        finally:
            sink.close()


@contextmanager
def listening(target: int) -> Iterator[Tap]:
    tap = Tap(target)
    try:
        yield tap
    finally:
        tap.close()


@pytest.fixture
def home() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="lkmr-wire-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def carried(
    person: Visitor, tap: Tap, address: str, content: bytes, trust: ssl.SSLContext
) -> bytes:
    """Bring a file through a tap, take it back through it."""
    session = person.api("session")
    scheme, _, host = address.partition("://")
    headers = {
        "host": host,
        "cookie": person.cookie_header(),
        "user-agent": person.user_agent,
        "x-csrf-token": session["csrf_token"],
    }
    with httpx2.Client(
        base_url=f"{scheme}://localhost:{tap.port}", headers=headers, verify=trust, timeout=20
    ) as client:
        made = client.post(
            "/api/v1/documents",
            data={"kind": "OTHER", "issue_date": "2026-01-12"},
            files={"file": ("a.pdf", content, "application/pdf")},
        )
        assert made.status_code == 201, made.text
        taken = client.get(f"/api/v1/documents/{made.json()['id']}/file")
        assert taken.status_code == 200, taken.text
        return taken.content


@pytest.mark.proves("F-043")
def test_a_file_is_plain_neither_on_a_wire_nor_where_it_is_kept(home: Path) -> None:
    ports = Ports(free_base())
    with (
        listening(ports.gateway_https()) as outside,
        listening(ports.grpc("accreditation")) as inside,
        listening(ports.gateway_http()) as local,
    ):
        settings = {
            "LKMR_REGISTER_WORKERS": "50",
            "GATEWAY_ACCREDITATION_URL": f"127.0.0.1:{inside.port}",
        }
        with running(home, ports.base, env=settings) as suite, Visitor(suite) as person:
            person.sign_in("ivanova")
            eventually(lambda: answers(person, "documents"), 20, "the service behind the tap")
            trust = ssl.create_default_context(cafile=str(suite.home.root / "tls" / "ca.pem"))
            secure = f"https://localhost:{ports.gateway_https()}"
            assert carried(person, outside, secure, FILE, trust) == FILE
            assert len(inside.heard) > 2 * len(FILE)
            assert len(outside.heard) > 2 * len(FILE)
            for tap in (outside, inside):
                assert MARK[:16] not in tap.heard
                assert b"%PDF-" not in tap.heard
            kept = [one.read_bytes() for one in files_of(suite)]
            assert [one for one in kept if len(one) > len(FILE)]
            assert not [one for one in kept if MARK[:16] in one or b"%PDF-" in one]

            plain = f"http://localhost:{ports.gateway_http()}"
            carried(person, local, plain, OTHER_FILE, trust)
            assert MARK in local.heard  # the taps do hear what is plain


def answers(person: Visitor, path: str) -> bool:
    return person.request("GET", f"/api/v1/{path}").status_code == 200


def files_of(suite: ThreadedSuite) -> list[Path]:
    return [one for one in suite.home.folder("files").rglob("*") if one.is_file()]
