"""Writes an export of evidence into a folder, and checks one: page, data, manifest, signature."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from lkmr_rig.evidence.demands import demands
from lkmr_rig.evidence.gather import Surroundings, gather
from lkmr_rig.evidence.report import Item, as_json, as_page, items
from lkmr_rig.supervisor import StartFailed
from lkmr_servicekit.clock import real_now

PAGE, DATA = "evidence.md", "evidence.json"
MANIFEST, SEAL = "manifest.json", "manifest.signature.json"
KEY = "journal-public-key.pem"


def export(where: Surroundings, target: Path, outcomes: Mapping[str, str]) -> list[Item]:
    """Fill an empty or new folder; gives what was found. Raises StartFailed."""
    if target.exists() and any(target.iterdir()):
        raise StartFailed(f"{target}: папка не пуста")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    time = real_now()
    found = items(demands(), gather(where), outcomes)
    (target / PAGE).write_text(as_page(found, time), encoding="utf-8")
    data = json.dumps(as_json(found, time), ensure_ascii=False, indent=1, default=str)
    (target / DATA).write_text(data, encoding="utf-8")
    key = where.home.folder("audit") / KEY
    if key.is_file():
        shutil.copyfile(key, target / KEY)
    sums = {path.name: _sum_of(path) for path in sorted(target.iterdir())}
    manifest = target / MANIFEST
    content = {"form": 1, "time": time.isoformat(timespec="seconds"), "files": sums}
    manifest.write_text(json.dumps(content, indent=1), encoding="utf-8")
    signed = where.ask("auth", "lkmr_auth.cli", "evidence", "sign", str(manifest))
    if signed.returncode:
        raise StartFailed(f"Подписать не удалось: {signed.stderr.strip()[-500:]}")
    (target / SEAL).write_text(signed.stdout, encoding="utf-8")
    return found


def changed(folder: Path) -> list[str]:
    """Files that are not what the manifest says, or that it does not know. Raises StartFailed."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise StartFailed(f"{folder}: здесь нет выгрузки подтверждений")
    said = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    there = {
        path.name: _sum_of(path)
        for path in folder.iterdir()
        if path.is_file() and path.name not in {MANIFEST, SEAL}
    }
    return sorted(name for name in said.keys() | there.keys() if said.get(name) != there.get(name))


def _sum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
