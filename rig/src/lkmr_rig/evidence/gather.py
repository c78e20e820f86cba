"""Facts of a system by their names; `docs/threat-model.toml` says which demand they belong to."""

import asyncio
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess, run
from typing import Any

import asyncpg
from cryptography import x509

from lkmr_rig import copies, postgres
from lkmr_rig.evidence.channels import channels
from lkmr_rig.evidence.demands import reviewed
from lkmr_rig.evidence.fact import Fact, absent, fact
from lkmr_rig.evidence.told import BY_AUTH, keys, law, scan
from lkmr_rig.layout import CHECKOUT, SERVICES, Home, Ports, snake
from lkmr_servicekit.clock import real_now

Ask = Callable[..., "CompletedProcess[str]"]
"""Runs a program of a service with its settings: `ask("auth", "lkmr_auth.cli", "evidence", …)`."""
_DAYS_BEFORE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The suite that is looked at. `scan_report` is one that was made before, if any."""

    home: Home
    ports: Ports
    instances: int
    ask: Ask
    scan_report: Path | None = None


def gather(where: Surroundings) -> Mapping[str, Fact]:
    """All facts; what cannot be looked at says why."""
    told = _json(where.ask("auth", "lkmr_auth.cli", "evidence", "facts"))
    found = {
        name: absent("служба auth не ответила") if told is None else made(told)
        for name, made in BY_AUTH.items()
    }
    return found | {
        "channels": channels(where.home, where.ports, where.instances),
        "keys": keys([_key_ring(where, one) for one in SERVICES]),
        "law": law(_json(where.ask("accreditation", "lkmr_accreditation.cli", "law", "facts"))),
        "scan": scan(_scanned(where.scan_report)),
        "copies": _copies(where.home),
        "migrations": _migrations(where),
        "processes": _processes(where.home),
        "seal": _seal(where.home),
        "register": _register(),
        "model": _model(real_now().date()),
    }


def _json(done: "CompletedProcess[str]") -> Any:
    return json.loads(done.stdout) if done.returncode == 0 else None


def _key_ring(where: Surroundings, service: str) -> tuple[str, Any]:
    words = ("lkmr_servicekit.operations", service, "keys", "status", "--json")
    return service, _json(where.ask(service, *words))


def _scanned(given: Path | None) -> Any:
    """A report that was given, or one of now; its exit status is in it."""
    if given is not None:
        return json.loads(given.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.json"
        run(
            [sys.executable, "-m", "lkmr_scan", "--report", str(path)],
            check=False, capture_output=True, cwd=CHECKOUT,
        )  # fmt: skip
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _copies(home: Home) -> Fact:
    lines = copies.noted(home)
    words = {
        copies.BACKUP: "копия",
        copies.RESTORE: "восстановление",
        copies.DRILL: "учебное восстановление",
    }
    told = [
        f"{words[one['kind']]} {one['time']}: строк {one['rows']}, файлов {one['files']},"
        f" {one['seconds']} с"
        for one in lines[-10:]
    ]
    return fact(told, lines[-10:], copies.late(lines, real_now()))


def _migrations(where: Surroundings) -> Fact:
    """The schema of each database against the newest migration of the code."""
    found = asyncio.run(_revisions(where))
    newest = {
        one: max(path.stem[:4] for path in _migrations_of(one).glob("0*.py")) for one in SERVICES
    }
    lines = [f"{one}: схема {found[one]}, в коде {newest[one]}" for one in SERVICES]
    late = [f"{one}: схема отстала от кода" for one in SERVICES if found[one] != newest[one]]
    return fact(lines, found, late)


async def _revisions(where: Surroundings) -> dict[str, str]:
    found = {}
    for service in SERVICES:
        address = postgres.dsn(where.home, where.ports, snake(service))
        connection = await asyncpg.connect(address, timeout=5, ssl=False)
        try:
            found[service] = await connection.fetchval("SELECT version_num FROM alembic_version")
        finally:
            await connection.close()
    return found


def _migrations_of(service: str) -> Path:
    return CHECKOUT / "services" / service / "migrations" / "versions"


def _processes(home: Home) -> Fact:
    path = home.processes
    listed = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    alive = [one for one in listed if _lives(one["pid"])]
    if not alive:
        return absent("система остановлена")
    dead = [f"{one['role']}-{one['instance']} не работает" for one in listed if one not in alive]
    content = [{"role": one["role"], "instance": one["instance"]} for one in alive]
    return fact([f"работает программ: {len(alive)} из {len(listed)}"], content, dead)


def _lives(pid: int | None) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _seal(home: Home) -> Fact:
    path = home.secrets("accreditation") / "seal_certificates"
    if not path.is_file():
        return absent("сертификата печати нет")
    own = x509.load_pem_x509_certificates(path.read_bytes())[0]
    days = (own.not_valid_after_utc - real_now()).days
    content = {
        "subject": own.subject.rfc4514_string(),
        "issuer": own.issuer.rfc4514_string(),
        "serial": f"{own.serial_number:x}",
        "not_after": own.not_valid_after_utc.isoformat(),
    }
    lines = [
        f"печать организации: {content['subject']}",
        f"издатель: {content['issuer']}, действует до {content['not_after']}",
    ]
    ends = [f"сертификат печати заканчивается через {days} дн."] if days < _DAYS_BEFORE else []
    return fact(lines, content, ends)


def _register() -> Fact:
    text = (CHECKOUT / "docs" / "personal-data.md").read_bytes()
    rows = [line for line in text.decode().splitlines() if line.startswith("| ")]
    content = {"rows": len(rows) - 2, "sha256": hashlib.sha256(text).hexdigest()}
    line = f"реестр обработки: строк {content['rows']}, SHA-256 {content['sha256']}"
    return fact([line], content)


def _model(today: date) -> Fact:
    noted = reviewed()
    content = {name: day.isoformat() for name, day in noted.items()}
    late = ["модель угроз не пересмотрена в срок"] if noted["review_on"] < today else []
    line = f"модель угроз просмотрена {content['reviewed_on']}, следующий раз до"
    return fact([f"{line} {content['review_on']}"], content, late)
