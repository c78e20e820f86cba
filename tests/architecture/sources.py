"""What the guards look at: the hand-written source files of the workspace."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(folder for folder in (ROOT / "services").iterdir() if folder.is_dir())
SOURCES = ("libs/*/src", "services/*/src", "gateway/src", "stand_ins/*/src", "rig/src", "scan/src")


def python_files(*patterns: str) -> Iterator[Path]:
    """Source files below the given folders, all by default."""
    for pattern in patterns or SOURCES:
        for folder in ROOT.glob(pattern):
            yield from sorted(folder.rglob("*.py"))


def shown(path: Path) -> str:
    """A path as it stands in the repository."""
    return str(path.relative_to(ROOT))
