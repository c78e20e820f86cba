"""Writes the table of docs/threat-model.md out of its data: `python -m lkmr_rig.docs`."""

from lkmr_rig.evidence.demands import PAGE, demands, page


def main() -> None:
    """Renew the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), demands()), encoding="utf-8")


if __name__ == "__main__":
    main()
