"""How old packages are, from what was seen when they were locked."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from lkmr_scan.inventory import Package, locked
from lkmr_scan.releases import LOOK_DAYS, Release, Releases, ages, read_releases, text_of
from lkmr_scan.report import as_json, as_lines, report_of

REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements"
TODAY = date(2026, 11, 26)
SEEN = Releases(
    looked_on=TODAY - timedelta(days=LOOK_DAYS + 1),
    packages={
        "fresh": Release(
            version="2", released=date(2026, 11, 1), newest="2", newest_released=date(2026, 11, 1)
        ),
        "late": Release(
            version="1", released=date(2026, 1, 1), newest="3", newest_released=date(2026, 8, 1)
        ),
    },
)
LOCKED = [Package("PyPI", "fresh", "2"), Package("PyPI", "late", "1")]


@pytest.mark.proves("F-250")
def test_the_report_tells_the_age_of_every_locked_package() -> None:
    seen, packages = read_releases(REQUIREMENTS / "releases.toml"), locked(REQUIREMENTS)
    assert {(one.name, one.version) for one in packages} == {
        (name, one.version) for name, one in seen.packages.items()
    }, "run `make lock`"

    told = as_json(report_of([], {}, ages(packages, seen, TODAY), seen.looked_on, TODAY))

    items = {one["name"]: one for one in told["packages"]["items"]}
    assert set(items) == {one.name for one in packages}
    for name, one in seen.packages.items():
        assert items[name]["age_days"] == (TODAY - one.released).days
        assert items[name]["newest"] == one.newest


def test_the_oldest_come_first_and_the_newer_version_has_its_age_too() -> None:
    found = ages(LOCKED, SEEN, TODAY)

    assert [(one.package.name, one.age, one.newest, one.behind) for one in found] == [
        ("late", 329, "3", 117),
        ("fresh", 25, "2", 0),
    ]


def test_people_are_told_what_is_behind_and_that_the_look_is_old() -> None:
    report = report_of([], {}, ages(LOCKED, SEEN, TODAY), SEEN.looked_on, TODAY)
    text = "\n".join(as_lines(report))

    assert "late 1: 329 d old, 3 is out for 117 d or more" in text
    assert "fresh 2" not in text
    assert f"looked for {LOOK_DAYS + 1} d ago" in text


def test_the_file_says_what_was_seen_and_names_no_index(tmp_path: Path) -> None:
    packages = {"zope.interface": SEEN.packages["late"], **SEEN.packages}
    written = tmp_path / "releases.toml"
    written.write_text(text_of(Releases(looked_on=TODAY, packages=packages)))

    assert read_releases(written) == Releases(looked_on=TODAY, packages=packages)
    assert "://" not in (REQUIREMENTS / "releases.toml").read_text()
