"""Whether a program answers, asked from outside."""

import asyncio
from collections.abc import Awaitable, Callable

from lkmr_rig.layout import LOOPBACK

Probe = Callable[[], Awaitable[bool]]


def http(port: int, path: str) -> Probe:
    """Answers 2xx or 3xx to a plain GET within 2 s."""

    async def ask() -> bool:
        return (await status(port, path)) // 100 in (2, 3)

    return ask


async def status(port: int, path: str) -> int:
    """The status of a plain GET, 0 when there is no answer."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n".encode())
            writer.write(b"Connection: close\r\n\r\n")
            words = (await reader.readline()).split()
            writer.close()
    except (OSError, TimeoutError):
        return 0
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
