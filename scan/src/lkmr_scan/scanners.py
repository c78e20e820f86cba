"""The scanners, and how one is run without its absence hiding anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lkmr_scan.advisories import Unreachable, known_faults
from lkmr_scan.code import dangerous_patterns, source_folders
from lkmr_scan.findings import Finding
from lkmr_scan.inventory import NoInventory, installed_system, locked


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a scan looks: the checkout, the system's root, and the database of advisories."""

    home: Path
    system: Path
    advisories: str


@dataclass(frozen=True, slots=True)
class Ran:
    """What one scanner came to; `absent` says why it could not look at all."""

    name: str
    findings: tuple[Finding, ...] = ()
    absent: str = ""


def _code(where: Surroundings) -> list[Finding]:
    return dangerous_patterns(where.home, source_folders(where.home))


def _packages(where: Surroundings) -> list[Finding]:
    return known_faults(where.advisories, locked(where.home / "requirements"))


def _image(where: Surroundings) -> list[Finding]:
    return known_faults(where.advisories, installed_system(where.system))


SCANNERS: Mapping[str, Callable[[Surroundings], list[Finding]]] = {
    "code": _code,
    "packages": _packages,
    "image": _image,
}


def run(name: str, where: Surroundings) -> Ran:
    """Run one; what it needs and does not find is said, and is no finding."""
    try:
        return Ran(name, tuple(SCANNERS[name](where)))
    except (Unreachable, NoInventory) as why:
        return Ran(name, absent=str(why))
    except FileNotFoundError as fault:
        return Ran(name, absent=f"{Path(str(fault.filename)).name} is not here")
