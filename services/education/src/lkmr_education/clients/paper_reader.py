"""Reads the text of a PDF that came from outside: run as a process of its own, with limits.

Reads the file from standard input, writes its text. Anything that goes wrong is no text.
"""

import asyncio
import io
import resource
import sys

MEMORY_BYTES, CPU_SECONDS, WALL_SECONDS = 512 * 1024**2, 5, 8.0
PAGES, MAX_TEXT = 3, 20_000


class PaperReader:
    """The port `TextReader`."""

    async def text_of(self, content: bytes) -> str:
        """The text of the first pages; empty for a picture or an unreadable file."""
        if not content.startswith(b"%PDF-"):
            return ""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lkmr_education.clients.paper_reader",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(WALL_SECONDS):
                found, _ = await process.communicate(content)
        except TimeoutError:
            return ""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return found.decode("utf-8", "replace") if process.returncode == 0 else ""


def main() -> None:
    """Read one file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    from pypdf import PdfReader  # noqa: PLC0415 - loaded under the limits

    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()), strict=False)
    text = "\n".join(page.extract_text() for page in reader.pages[:PAGES])
    sys.stdout.buffer.write(text[:MAX_TEXT].encode())


if __name__ == "__main__":
    main()
