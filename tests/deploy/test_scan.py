"""The scan that a cluster runs by itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .manifests import OVERLAYS, ROOT, of_kind, pods


@pytest.mark.proves("F-257")
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_cluster_scans_every_night_and_keeps_what_was_found(overlay: str) -> None:
    job = of_kind("CronJob", overlay)["scan"]["spec"]

    assert re.fullmatch(r"\d{1,2} \d{1,2} \* \* \*", job["schedule"]), "daily"
    assert job["timeZone"] == "Europe/Moscow"
    assert "suspend" not in job
    assert job["failedJobsHistoryLimit"] >= 28, "a finding of medium severity may live that long"
    assert job["jobTemplate"]["spec"]["backoffLimit"] == 0, "a finding is no fault to try again"


def test_its_command_is_one_that_the_program_takes(tmp_path: Path) -> None:
    (container,) = dict(pods())["scan"]["containers"]
    (tmp_path / "requirements").symlink_to(ROOT / "requirements")
    (tmp_path / "docs").symlink_to(ROOT / "docs")

    done = subprocess.run(
        [
            *(sys.executable, *container["args"], "--home", tmp_path, "--system", tmp_path),
            *("--advisories", "http://127.0.0.1:9"),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert {"scan: packages: NOT RUN", "scan: image: NOT RUN"} <= {
        ":".join(line.split(":")[:3]) for line in done.stdout.splitlines()
    }
    assert '"packages": {"looked_on"' in done.stdout


def test_the_pipeline_scans_with_every_run() -> None:
    assert re.search(r"scripts/scan \|\| status=1", (ROOT / "scripts/test").read_text())
