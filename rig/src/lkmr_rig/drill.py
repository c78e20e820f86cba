"""A restore drill (учебное восстановление): a copy comes up in an empty place, beside the suite."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lkmr_rig.backup import restore
from lkmr_rig.copies import DRILL, note
from lkmr_rig.guard import free_base
from lkmr_rig.layout import Home
from lkmr_rig.suite import Suite
from lkmr_servicekit.clock import monotonic

NEEDED = ("keys", "secrets")


async def drill(home: Home, source: Path) -> dict[str, Any]:
    """Restore a copy with the keys of the suite into a folder that is thrown away afterwards.

    `restore` compares sums, keys, and the rows of every table. The line for the record is given.
    Raises StartFailed.
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
    finally:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    return note(home, DRILL, monotonic() - begin, manifest)
