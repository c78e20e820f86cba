"""Programs that run once at a start: migrations, the import of people."""

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lkmr_rig.layout import CHECKOUT, Home
from lkmr_rig.supervisor import StartFailed, last_lines_of


async def run_program(
    home: Home, name: str, command: tuple[str, ...], environment: Mapping[str, str]
) -> None:
    """Run a program to its end. Raises StartFailed with the end of its log when it fails."""
    path: Path = home.log(name, 1)
    with path.open("ab") as log:
        start = log.tell()
        child = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", *command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=CHECKOUT,
            start_new_session=True,
        )
    try:
        code = await child.wait()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    if code:
        raise StartFailed(f"{name}: код {code}\n{last_lines_of(path, start)}")
