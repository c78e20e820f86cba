"""The order of a roll-out, watched by a client that only notes what it is asked."""

import shutil
import subprocess
from pathlib import Path

from .manifests import DEPLOY, KUBECTL

DIGEST = "sha256:" + "0" * 64


def roll_out(folder: Path, overlay: str, *, fail_on: str = "nothing") -> tuple[int, list[str]]:
    """Exit status and calls of a roll-out of a copied tree."""
    client, log = folder / "client", folder / "calls"
    client.write_text(
        f'#!/bin/sh\n[ "$1" = kustomize ] && exec {KUBECTL} "$@"\necho "$*" >> {log}\n'
        f'case "$*" in *{fail_on}*) exit 1 ;; esac\n'
    )
    client.chmod(0o755)
    done = subprocess.run(
        [folder / "deploy/roll-out", overlay],
        env={"KUBECTL": str(client), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, log.read_text().splitlines() if log.exists() else []


def tree(folder: Path, *, digest: str) -> Path:
    shutil.copytree(DEPLOY, folder / "deploy")
    for path in (folder / "deploy/k8s/overlays/production").glob("*.yaml"):
        path.write_text(path.read_text().replace(DIGEST, digest))
    return folder


def test_images_that_are_not_pinned_are_never_rolled_out(tmp_path: Path) -> None:
    status, calls = roll_out(tree(tmp_path, digest=DIGEST), "production")

    assert status == 2
    assert calls == []


def test_programs_come_after_migrations_and_migrations_after_data(tmp_path: Path) -> None:
    status, calls = roll_out(tree(tmp_path, digest="sha256:" + "a" * 64), "production")
    stages = [call.rpartition("stage=")[2] for call in calls if call.startswith("apply ")]
    text = "\n".join(calls)

    assert status == 0
    assert stages == ["foundation", "data", "migrations", "programs"]
    for before, after in (
        ("lkmr-postgres", "stage=migrations"),
        ("delete job", "stage=migrations"),
        ("condition=Complete job", "stage=programs"),
    ):
        assert text.index(before) < text.index(after)
    assert calls[-1].startswith("rollout status -n lkmr deployment/gateway")


def test_a_failed_migration_keeps_the_old_programs(tmp_path: Path) -> None:
    folder = tree(tmp_path, digest="sha256:" + "a" * 64)
    status, calls = roll_out(folder, "production", fail_on="condition=Complete")

    assert status == 1
    assert not [call for call in calls if "stage=programs" in call]
