"""The stand-in as a process of its own, on free ports."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import httpx2
import pytest
import trustme

from lkmr_rig.guard import free_port

NOW = "2026-11-23T14:32:00+03:00"
TOKEN = "token-of-the-tests"


@dataclass
class Running:
    """A started stand-in and what is needed to talk to it."""

    process: subprocess.Popen[bytes]
    base: str
    mutual: str
    log: Path

    def stop(self) -> float:
        """Seconds that the stop by SIGTERM took."""
        begin = monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        return monotonic() - begin

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@dataclass
class Stage:
    """A data folder and an authority; starts stand-ins over them."""

    folder: Path
    authority: trustme.CA
    running: list[Running]

    def start(self, **settings: object) -> Running:
        plain, mutual = free_port(), free_port()
        log = self.folder / f"log-{len(self.running)}.jsonl"
        env = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "LKMR_NOW": NOW,
            "EGISZ_DATA_DIR": str(self.folder / "data"),
            "EGISZ_LISTEN": f"127.0.0.1:{plain}",
            "EGISZ_MTLS_LISTEN": f"127.0.0.1:{mutual}",
            "EGISZ_TLS_CERT": str(self.folder / "cert.pem"),
            "EGISZ_TLS_KEY": str(self.folder / "key.pem"),
            "EGISZ_TLS_CA": str(self.folder / "ca.pem"),
            "EGISZ_FERZL_TOKEN": TOKEN,
            "EGISZ_GENERATED_WORKERS": "50",
            **{f"EGISZ_{name.upper()}": str(value) for name, value in settings.items()},
        }
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "lkmr_egisz_stand_in"], env=env, stdout=sink, stderr=sink
            )
        one = Running(process, f"http://127.0.0.1:{plain}", f"https://localhost:{mutual}", log)
        self.running.append(one)
        self._wait(one)
        return one

    def _wait(self, one: Running) -> None:
        transport = httpx2.HTTPTransport(retries=0)
        with httpx2.Client(transport=transport, trust_env=False) as http:
            until = monotonic() + 20
            while one.process.poll() is None and monotonic() < until:
                try:
                    http.get(f"{one.base}/_control/health").raise_for_status()
                except httpx2.TransportError:
                    continue
                return
        raise AssertionError(one.log.read_text())

    def client_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        self.authority.issue_cert("bridge@localhost").configure_cert(context)
        return context


def staged(folder: Path) -> Iterator[Stage]:
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    leaf.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    stage = Stage(folder, authority, [])
    yield stage
    for one in stage.running:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    yield from staged(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    for stage in staged(tmp_path_factory.mktemp("egisz")):
        stage.start()
        yield stage


@pytest.fixture
async def egisz(shared: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the plain port of a stand-in that this module shares, behaving well."""
    async with httpx2.AsyncClient(base_url=shared.running[0].base, trust_env=False) as http:
        (await http.put("/_control/behaviour", json={})).raise_for_status()
        yield http
