"""A database of advisories with the interface of OSV, and a checkout to scan."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = 1  # advisories of one package that come with one answer


@dataclass
class Advisories:
    """What is known about versions: (ecosystem, name, version) → advisories."""

    address: str = ""
    known: dict[tuple[str, str, str], list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False

    def add(self, ecosystem: str, name: str, version: str, advisory: dict[str, Any]) -> None:
        self.known.setdefault((ecosystem, name, version), []).append(advisory)

    def matches(self, query: dict[str, Any]) -> dict[str, Any]:
        about = query["package"]
        key = (about["ecosystem"], about["name"], query["version"])
        start = int(query.get("page_token", "0"))
        if not start:
            self.asked.append(key)
        held = self.known.get(key, [])
        page = held[start : start + PAGE]
        result: dict[str, Any] = {"vulns": [{"id": one["id"]} for one in page]} if page else {}
        if start + PAGE < len(held):
            result["next_page_token"] = str(start + PAGE)
        return result

    def told(self, key: str) -> dict[str, Any]:
        return next(one for held in self.known.values() for one in held if one["id"] == key)


@pytest.fixture
def advisories() -> Iterator[Advisories]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer({"results": [made.matches(one) for one in asked["queries"]]})

        def do_GET(self) -> None:
            self.answer(made.told(self.path.rpartition("/")[2]))

        def answer(self, content: dict[str, Any]) -> None:
            body = b"<html>" if made.broken else json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Advisories(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Scan:
    """The command over a copy of the lists, so that a test may change them."""

    home: Path
    advisories: str

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lkmr_scan", *words, "--home", self.home]
        return subprocess.run(
            [*command, "--advisories", self.advisories],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def report(self, *words: str) -> dict[str, Any]:
        target = self.home / "report.json"
        self.run(*words, "--report", str(target))
        told: dict[str, Any] = json.loads(target.read_text())
        return told

    def decide(self, **fields: str) -> None:
        lines = [f"{name} = {value}" for name, value in fields.items()]
        with (self.home / "docs/scan.toml").open("a") as listed:
            listed.write("\n[[finding]]\n" + "\n".join(lines) + "\n")


@pytest.fixture
def scan(advisories: Advisories, tmp_path: Path) -> Scan:
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs/scan.toml", tmp_path / "docs/scan.toml")
    return Scan(tmp_path, advisories.address)
