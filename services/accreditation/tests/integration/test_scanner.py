"""The scanner over its protocol (INSTREAM), played by a socket of this process."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lkmr_accreditation.clients.scanner import ClamScanner
from lkmr_accreditation.domain.documents import Scan
from lkmr_accreditation.domain.errors import DocumentUnsafe

pytestmark = pytest.mark.servers
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@asynccontextmanager
async def clamd(path: Path, *, answer: bytes = b"") -> AsyncIterator[str]:
    """Reads the portions as clamd does, and finds the EICAR text; `answer` says something else."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(size)
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        writer.write(answer or found)
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    try:
        yield f"unix://{path}"
    finally:
        server.close()
        await server.wait_closed()


async def test_what_the_scanner_finds_is_refused_and_nothing_found_is_said_so(
    tmp_path: Path,
) -> None:
    async with clamd(tmp_path / "clamd.sock") as url:
        scanner = ClamScanner(url)
        assert await scanner.scan(b"x" * 200_000) is Scan.NOTHING_FOUND
        with pytest.raises(DocumentUnsafe):
            await scanner.scan(b"x" * 70_000 + EICAR)


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"\0"])
async def test_an_answer_that_is_no_verdict_is_never_taken_for_good(
    tmp_path: Path, answer: bytes
) -> None:
    async with clamd(tmp_path / "clamd.sock", answer=answer) as url:
        assert await ClamScanner(url).scan(b"%PDF") is Scan.NOT_SCANNED


async def test_without_a_scanner_a_file_is_not_checked(tmp_path: Path) -> None:
    assert await ClamScanner("").scan(EICAR) is Scan.NOT_SCANNED
    assert await ClamScanner(f"unix://{tmp_path}/none.sock").scan(EICAR) is Scan.NOT_SCANNED
    assert await ClamScanner("tcp://127.0.0.1:1").scan(EICAR) is Scan.NOT_SCANNED
