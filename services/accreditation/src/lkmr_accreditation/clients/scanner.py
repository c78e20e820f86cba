"""ClamAV over its socket (INSTREAM), where one is set up."""

import asyncio
import struct
from contextlib import suppress
from urllib.parse import urlsplit

from lkmr_accreditation.domain.documents import Scan
from lkmr_accreditation.domain.errors import DocumentUnsafe
from lkmr_servicekit.telemetry import counter, log

SECONDS, PART, MAX_ANSWER = 20.0, 64 * 1024, 4096
_scans = counter("lkmr_malware_scans_total", "Scans of uploaded files", ("outcome",))


class ClamScanner:
    """The port `Scanner` over clamd at `unix:///path` or `tcp://host:port`; empty: no scanner."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    async def scan(self, content: bytes) -> Scan:
        """NOT_SCANNED where there is no scanner or it is away. Raises DocumentUnsafe."""
        if not self._url.scheme:
            return Scan.NOT_SCANNED
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as fault:
            log.warning("scanner.away", kind=type(fault).__name__)
            _scans.labels("away").inc()
            return Scan.NOT_SCANNED
        if answer.endswith("FOUND"):
            _scans.labels("found").inc()
            raise DocumentUnsafe
        clean = answer.endswith(": OK")
        _scans.labels("nothing" if clean else "unreadable").inc()
        return Scan.NOTHING_FOUND if clean else Scan.NOT_SCANNED

    async def _ask(self, content: bytes) -> str:
        reader, writer = await self._connected()
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), PART):
                part = content[start : start + PART]
                writer.write(struct.pack("!I", len(part)) + part)
                await writer.drain()
            writer.write(struct.pack("!I", 0))
            await writer.drain()
            answer = await reader.readuntil(b"\0")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return answer[:MAX_ANSWER].rstrip(b"\0").decode("utf-8", "replace").strip()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._url.scheme == "unix":
            return await asyncio.open_unix_connection(self._url.path)
        return await asyncio.open_connection(self._url.hostname, self._url.port)
