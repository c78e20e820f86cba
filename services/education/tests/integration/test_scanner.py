"""The scanner of this service over the protocol of ClamAV, played by a socket of this process."""

import asyncio
import struct
from pathlib import Path

import pytest

from lkmr_education.clients.scanner import ClamScanner
from lkmr_education.domain.certificate import Scan
from lkmr_education.domain.errors import FileUnsafe

pytestmark = pytest.mark.servers
EVIL = b"evil"


async def clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    content = b""
    while size := struct.unpack("!I", await reader.readexactly(4))[0]:
        content += await reader.readexactly(size)
    writer.write(b"stream: Evil FOUND\0" if EVIL in content else b"stream: OK\0")
    await writer.drain()
    writer.close()


async def test_malware_is_refused_and_no_scanner_is_never_taken_for_a_clean_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "clamd.sock"
    async with await asyncio.start_unix_server(clamd, path):
        scanner = ClamScanner(f"unix://{path}")
        assert await scanner.scan(b"x" * 200_000) is Scan.NOTHING_FOUND
        with pytest.raises(FileUnsafe):
            await scanner.scan(b"x" * 70_000 + EVIL)

    assert await ClamScanner("").scan(EVIL) is Scan.NOT_SCANNED
