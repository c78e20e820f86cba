"""The threat model names code and tests that exist, and leaves no demand out."""

import re

from lkmr_rig.evidence.demands import PAGE, demands, page

from .sources import ROOT

TEXT = PAGE.read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w./-]+/[\w./-]+?)(?:::(\w+))?`", TEXT)


def test_the_page_is_what_the_data_say() -> None:
    assert page(TEXT, demands()) == TEXT, "run `make docs`"


def test_every_demand_stands_once_and_says_its_gap() -> None:
    rows = demands()

    assert [one.id for one in rows] == [f"SEC-{number:02}" for number in range(1, 31)]
    assert [one.id for one in rows if not one.proven_by and not one.gap] == []
    assert [one.id for one in rows if one.accepted is not None and not one.gap] == []


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
