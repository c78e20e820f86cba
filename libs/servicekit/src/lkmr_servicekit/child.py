"""A process of its own for what must not harm this one: files that came from outside."""

import asyncio
import subprocess
from collections.abc import Sequence

from lkmr_servicekit.telemetry import log


async def answer_of(command: Sequence[str], content: bytes, *, seconds: float) -> bytes | None:
    """What a child writes after it was given `content`; None when it ended by a fault or too late.

    It gets no environment. A thread waits for it: pipes of the event loop break when a child ends
    before it has read everything.
    """
    try:
        child = await asyncio.to_thread(
            subprocess.run,
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": ""},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        log.warning("child.too_slow", program=command[-1], bytes=len(content))
        return None
    if child.returncode:
        log.warning("child.failed", program=command[-1], code=child.returncode)
        return None
    found: bytes = child.stdout
    return found
