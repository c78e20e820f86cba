"""What we are made of: packages of the locks, and those of the system below them."""

import re
from dataclasses import dataclass
from pathlib import Path

_PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
SHIPPED = ("runtime.lock", "files.lock")
"""Locks of what goes into images; the others hold tools."""


class NoInventory(Exception):
    """There is nothing of this kind where we run; the text says why."""


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One package; `ecosystem` as advisories call it: PyPI, Debian:12."""

    ecosystem: str
    name: str
    version: str


def locked(folder: Path, *names: str) -> list[Package]:
    """Packages of the locks in a folder, all of them by default."""
    paths = [folder / name for name in names] or sorted(folder.glob("*.lock"))
    pins = {pin for path in paths for pin in _PIN.findall(path.read_text(encoding="utf-8"))}
    return [Package("PyPI", name, version) for name, version in sorted(pins)]


def installed_system(root: Path = Path("/")) -> list[Package]:
    """Source packages of the system that this image stands on. Raises NoInventory."""
    try:
        about = (root / "etc/os-release").read_text(encoding="utf-8")
        listed = (root / "var/lib/dpkg/status").read_text(encoding="utf-8")
    except FileNotFoundError as fault:
        raise NoInventory(f"no list of its packages ({fault.filename})") from None
    facts = dict(re.findall(r'^(ID|VERSION_ID)="?([^"\n]+)"?$', about, re.MULTILINE))
    if facts.get("ID") != "debian" or "VERSION_ID" not in facts:
        raise NoInventory(f"advisories for {facts.get('ID', 'this system')} are not known to us")
    ecosystem = f"Debian:{facts['VERSION_ID']}"
    return sorted({one for block in listed.split("\n\n") for one in _source_of(block, ecosystem)})


def _source_of(block: str, ecosystem: str) -> list[Package]:
    """Advisories name sources: `Source: openssl (3.0.17-1)`, else the package is its own."""
    pairs = re.findall(r"^(Package|Status|Source|Version): (.+)$", block, re.MULTILINE)
    fields: dict[str, str] = dict(pairs)
    if fields.get("Status") != "install ok installed":
        return []
    name, _, version = (fields.get("Source") or fields["Package"]).partition(" ")
    return [Package(ecosystem, name, version.strip("()") or fields["Version"])]
