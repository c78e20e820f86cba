"""Draws the first pages of a PDF from standard input as one picture (PNG): run with limits."""

import io
import math
import resource
import sys

MEMORY_BYTES, CPU_SECONDS = 768 * 1024**2, 10
PAGES, PER_INCH, MAX_PIXELS = 2, 200, 12_000_000
_POINTS = 72


def main() -> None:
    """Draw one file, pages one under another; a huge page is drawn smaller."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    from PIL import Image  # noqa: PLC0415 - loaded under the limits
    from pypdfium2 import PdfDocument  # noqa: PLC0415 - loaded under the limits

    pages = []
    document = PdfDocument(sys.stdin.buffer.read())
    for number in range(min(PAGES, len(document))):
        page = document[number]
        largest = math.sqrt(MAX_PIXELS / max(page.get_width() * page.get_height(), 1.0))
        scale = min(PER_INCH / _POINTS, largest)
        pages.append(page.render(scale=scale, grayscale=True).to_pil().convert("L"))
    size = (max(one.width for one in pages), sum(one.height for one in pages))
    whole, top = Image.new("L", size, 255), 0
    for one in pages:
        whole.paste(one, (0, top))
        top += one.height
    made = io.BytesIO()
    whole.save(made, "PNG", dpi=(PER_INCH, PER_INCH))
    sys.stdout.buffer.write(made.getvalue())


if __name__ == "__main__":
    main()
