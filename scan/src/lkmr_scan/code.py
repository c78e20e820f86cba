"""Dangerous patterns in our own code, found by bandit."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lkmr_scan.findings import Finding

# B608: text of SQL made of constants. Ruff's S608 finds the same, and each place says its reason.
_SKIPPED = "B608"


def dangerous_patterns(root: Path, folders: Sequence[str]) -> list[Finding]:
    """Findings from medium severity; the lower ones are ruff's. Raises OSError without bandit."""
    bandit = Path(sys.executable).with_name("bandit")
    ran = subprocess.run(  # noqa: S603 - our own tool over our own folders
        [bandit, "-q", "-r", *folders, "-ll", "-s", _SKIPPED, "-f", "json"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return [
        Finding(
            f"{one['test_id']} {one['filename']}",
            one["issue_severity"],
            f"{one['filename']}:{one['line_number']} {one['issue_text']}",
        )
        for one in json.loads(ran.stdout)["results"]
    ]


def source_folders(root: Path) -> list[str]:
    """Folders of hand-written code, as the workspace lists them."""
    listed = subprocess.run(
        [sys.executable, "scripts/import-path", "--list"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.split()
