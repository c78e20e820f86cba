"""A restore drill (учебное восстановление): a copy comes up in an empty place, beside the suite."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from lkmr_rig.backup import restore
from lkmr_rig.copies import DRILL, note
from lkmr_rig.environment import Environment
from lkmr_rig.guard import free_base
from lkmr_rig.layout import Home, Ports
from lkmr_rig.suite import Suite
from lkmr_rig.supervisor import StartFailed
from lkmr_servicekit.clock import monotonic

NEEDED = ("keys", "secrets")


async def drill(home: Home, source: Path) -> dict[str, Any]:
    """Restore a copy with the keys of the suite into a folder that is thrown away afterwards.

    `restore` compares sums, keys, and the rows of every table; then the restored journal is
    verified, its archive too. The line for the record is given. Raises StartFailed.
    """
    begin = monotonic()
    place = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="lkmr-drill-"))
    try:
        empty = Home(place / "home")
        empty.folder()
        for name in NEEDED:
            await asyncio.to_thread(shutil.copytree, home.root / name, empty.root / name)
        async with Suite(empty, free_base(), only={"postgres"}) as suite:
            manifest = await restore(empty, suite.ports, source)
            await asyncio.to_thread(_check_journal, empty, suite.ports)
    finally:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    return note(home, DRILL, monotonic() - begin, manifest)


def _check_journal(home: Home, ports: Ports) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "lkmr_auth.cli", "audit", "verify"],
        check=False,
        capture_output=True,
        text=True,
        env=Environment(home, ports, 1).service("auth", 1),
    )
    if checked.returncode:
        raise StartFailed(f"Журнал копии не цел:\n{checked.stdout}{checked.stderr}")
