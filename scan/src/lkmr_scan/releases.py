"""How old the locked packages are: when each version came out, and what has come out since.

`requirements/releases.toml` is written when the locks are renewed: the report needs no index.
"""

import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lkmr_scan.inventory import Package

BEHIND_DAYS = 90
"""A newer version that has been out for longer is named in the report; our own measure."""
LOOK_DAYS = 31
"""The look for newer versions is to be repeated monthly; our own measure."""


class Release(BaseModel):
    """The locked version of a package, and the newest one at the last look."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    released: date
    newest: str
    newest_released: date


class Releases(BaseModel):
    """All of them. `looked_on` is the day when newer versions were last looked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    looked_on: date
    packages: dict[str, Release]


@dataclass(frozen=True, slots=True)
class Age:
    """How old a package is today, in days. `behind` is how long a newer one has been out."""

    package: Package
    age: int
    newest: str
    behind: int


def read_releases(path: Path) -> Releases:
    """What was seen at the last look. Raises ValueError naming what cannot be taken."""
    return Releases.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def ages(packages: Iterable[Package], seen: Releases, today: date) -> list[Age]:
    """The oldest first. Raises KeyError for a package that was locked without a look."""
    made = []
    for one in packages:
        known = seen.packages[one.name]
        behind = (today - known.newest_released).days if known.newest != one.version else 0
        made.append(Age(one, (today - known.released).days, known.newest, max(behind, 0)))
    return sorted(made, key=lambda age: (-age.age, age.package))


def look(uv: Path, packages: Iterable[Package], today: date) -> Releases:
    """Ask the index that uv is configured with. Raises CalledProcessError."""
    pins = sorted(packages)
    here = _files_of(uv, [f"{one.name}=={one.version}" for one in pins])
    newest = _files_of(uv, [one.name for one in pins])
    return Releases(
        looked_on=today,
        packages={
            one.name: Release(
                version=here[one.name]["version"],
                released=_day(here[one.name]),
                newest=newest[one.name]["version"],
                newest_released=_day(newest[one.name]),
            )
            for one in pins
        },
    )


def _files_of(uv: Path, names: list[str]) -> Mapping[str, Mapping[str, Any]]:
    """What the index knows of each package's files, by name."""
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder, "asked.in"), Path(folder, "pylock.told.toml")
        asked.write_text("\n".join(names), encoding="utf-8")
        subprocess.run(  # noqa: S603 - our own tool
            [
                *(uv, "pip", "compile", "-q", asked, "--no-deps", "--no-header"),
                *("--format", "pylock.toml", "--python-version", "3.11", "-o", told),
            ],
            check=True,
        )
        return {one["name"]: one for one in tomllib.loads(told.read_text())["packages"]}


def _day(package: Mapping[str, Any]) -> date:
    """The day on which the first file of a version came out."""
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
    first: date = min(one["upload-time"] for one in files).date()
    return first


def text_of(releases: Releases) -> str:
    """The file: one line a package, and never the address of an index."""
    lines = [f"looked_on = {releases.looked_on}", "", "[packages]"]
    for name, one in sorted(releases.packages.items()):
        lines.append(
            f'"{name}" = {{version = "{one.version}", released = {one.released}, '
            f'newest = "{one.newest}", newest_released = {one.newest_released}}}'
        )
    return "# Written by `make lock`; do not edit.\n" + "\n".join(lines) + "\n"
