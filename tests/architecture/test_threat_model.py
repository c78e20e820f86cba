"""The threat model names code and tests that exist, and leaves no demand out."""

import re

from .sources import ROOT

TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w./-]+/[\w./-]+?)(?:::(\w+))?`", TEXT)


def test_every_demand_stands_once_and_says_its_gap() -> None:
    rows = re.findall(r"^\| (SEC-\d\d) .*$", TEXT, re.MULTILINE)
    cells = [line.split(" | ") for line in TEXT.splitlines() if line.startswith("| SEC-")]

    assert rows == [f"SEC-{number:02}" for number in range(1, 31)]
    assert {len(row) for row in cells} == {4}
    unproven = [row[0] for row in cells if row[2] == "–"]
    assert [
        name for name in unproven if "**Gap**" not in TEXT.partition(name)[2].splitlines()[0]
    ] == []


def test_every_file_that_is_named_exists() -> None:
    assert len(NAMED) > 60
    assert sorted({path for path, _ in NAMED if not (ROOT / path).exists()}) == []


def test_every_test_that_is_named_exists() -> None:
    missing = [f"{path}::{name}" for path, name in NAMED if name and not declares(path, name)]

    assert missing == []


def declares(path: str, name: str) -> bool:
    """Whether a file of tests has a test of this name."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.search(rf"^(async )?def {name}\(", text, re.MULTILINE) is not None
