"""Writes docs/errors.md out of the catalogue: `python -m lkmr_gateway.docs`."""

from pathlib import Path

from lkmr_gateway.problems import catalogue_markdown

TARGET = Path(__file__).resolve().parents[3] / "docs" / "errors.md"


def main() -> None:
    """Renew the page."""
    TARGET.write_text(catalogue_markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
