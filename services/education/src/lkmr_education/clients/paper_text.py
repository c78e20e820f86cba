"""Writes the text of a PDF from standard input: run as a process of its own, with limits."""

import io
import resource
import sys

MEMORY_BYTES, CPU_SECONDS = 512 * 1024**2, 5
PAGES, MAX_TEXT = 3, 20_000


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
