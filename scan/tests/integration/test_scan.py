"""The command of the scan against a database of advisories."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lkmr_scan.inventory import locked
from lkmr_scan.releases import read_releases, text_of
from lkmr_servicekit.clock import real_now

from .conftest import Advisories, Scan

NAME = "pypdf"


def an_advisory(key: str = "GHSA-1", **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "published": "2026-11-20T10:00:00Z",
        "aliases": ["CVE-2026-0001"],
        "database_specific": {"severity": "MODERATE"},
        **more,
    }


def version_of(scan: Scan, name: str = NAME) -> str:
    (found,) = [one.version for one in locked(scan.home / "requirements") if one.name == name]
    return found


def findings(report: dict[str, Any], scanner: str) -> list[dict[str, Any]]:
    (one,) = [each for each in report["scanners"] if each["name"] == scanner]
    assert one["ran"], one["absent"]
    held: list[dict[str, Any]] = one["findings"]
    return held


@pytest.mark.proves("F-249")
def test_the_report_tells_ages_terms_and_how_long_fixes_took(
    scan: Scan, advisories: Advisories
) -> None:
    today = real_now().date()
    version = version_of(scan)
    for key in ("GHSA-new", "GHSA-open", "GHSA-late", "GHSA-calm"):
        advisories.add("PyPI", NAME, version, an_advisory(key))
    for key, age, more in (
        ("GHSA-open", 10, {}),
        ("GHSA-late", 30, {}),
        ("GHSA-calm", 40, {"harmless": '"never called"'}),
        ("GHSA-done", 50, {"fixed_on": str(today - timedelta(days=47))}),
    ):
        first = str(today - timedelta(days=age))
        scan.decide(key=f'"{key} {NAME}"', severity='"MEDIUM"', first_seen=first, **more)

    report = scan.report("packages")

    told = {one["key"].split()[0]: one for one in findings(report, "packages")}
    assert {key: (one["state"], one["age_days"]) for key, one in told.items()} == {
        "GHSA-new": ("NEW", 0),
        "GHSA-open": ("OPEN", 10),
        "GHSA-late": ("OVERDUE", 30),
        "GHSA-calm": ("HARMLESS", 40),
    }
    assert told["GHSA-new"]["fix_until"] == str(today + timedelta(days=28))
    assert told["GHSA-late"]["fix_until"] == str(today - timedelta(days=2))
    assert told["GHSA-new"]["published"] == "2026-11-20"
    assert [(one["days"], one["in_time"]) for one in report["fixed"]] == [(3, True)]
    assert report["failed"] is True


def test_every_locked_version_is_asked_about(scan: Scan, advisories: Advisories) -> None:
    scan.report("packages")

    expected = {("PyPI", one.name, one.version) for one in locked(scan.home / "requirements")}
    assert set(advisories.asked) == expected


@pytest.mark.proves("F-257")
def test_a_drill_a_hole_is_found_and_the_patched_version_ends_it(
    scan: Scan, advisories: Advisories
) -> None:
    """An advisory comes, the run fails; the newer version is locked, the run passes."""
    version = version_of(scan)
    fixed_in = {"package": {"name": NAME}, "ranges": [{"events": [{"fixed": "99.0.1"}]}]}
    assert scan.run("packages").returncode == 0

    advisories.add("PyPI", NAME, version, an_advisory(affected=[fixed_in]))
    failed = scan.run("packages")

    assert failed.returncode == 1
    assert f"NEW: {NAME} {version}: GHSA-1 (CVE-2026-0001), fixed in 99.0.1" in failed.stderr

    lock(scan, version, "99.0.1")
    today = str(real_now().date())
    scan.decide(
        key=f'"GHSA-1 {NAME}"', severity='"MEDIUM"', first_seen=today, fixed_on=today
    )  # as the runbook says
    passed = scan.run("packages")

    assert passed.returncode == 0, passed.stderr
    assert f"fixed: GHSA-1 {NAME}: MEDIUM, in 0 d" in passed.stdout
    lock(scan, "99.0.1", version)
    assert scan.run("packages").returncode == 1, "an old lock brings the hole back"


def lock(scan: Scan, before: str, after: str) -> None:
    """What `make lock` does, without an index."""
    requirements = scan.home / "requirements"
    path = requirements / "runtime.lock"
    text = path.read_text()
    path.write_text(
        re.sub(rf"^{NAME}=={re.escape(before)}", f"{NAME}=={after}", text, flags=re.MULTILINE)
    )
    assert path.read_text() != text
    seen = read_releases(requirements / "releases.toml")
    newer = seen.packages[NAME].model_copy(update={"version": after, "newest": after})
    packages = {**seen.packages, NAME: newer}
    written = text_of(seen.model_copy(update={"packages": packages}))
    (requirements / "releases.toml").write_text(written)


def test_packages_of_the_image_are_looked_at_by_their_release(
    scan: Scan, advisories: Advisories, tmp_path: Path
) -> None:
    system = tmp_path / "system"
    (system / "etc").mkdir(parents=True)
    (system / "var/lib/dpkg").mkdir(parents=True)
    (system / "etc/os-release").write_text("ID=debian\nVERSION_ID=13\n")
    (system / "var/lib/dpkg/status").write_text(
        "Package: libssl3t64\nStatus: install ok installed\nSource: openssl\nVersion: 3.5.1-1\n"
    )
    advisories.add("Debian:13", "openssl", "3.5.1-1", {"id": "DSA-1", "published": "2026-11-01"})

    report = scan.report("image", "--system", str(system), "--bill", str(tmp_path / "bill.json"))

    (one,) = findings(report, "image")
    assert (one["key"], one["severity"]) == ("DSA-1 openssl", "HIGH")  # as it tells no severity
    bill = json.loads((tmp_path / "bill.json").read_text())
    assert "pkg:deb/debian/openssl@3.5.1-1?distro=debian-13" in str(bill["components"])


def test_all_pages_are_read_and_withdrawn_advisories_left_out(
    scan: Scan, advisories: Advisories
) -> None:
    version = version_of(scan)
    for key in ("GHSA-1", "GHSA-2", "GHSA-3"):
        advisories.add("PyPI", NAME, version, an_advisory(key))
    advisories.add("PyPI", NAME, version, an_advisory("GHSA-4", withdrawn="2026-11-21T00:00:00Z"))

    report = scan.report("packages")

    keys = sorted(one["key"].split()[0] for one in findings(report, "packages"))
    assert keys == ["GHSA-1", "GHSA-2", "GHSA-3"]


@pytest.mark.parametrize("fault", ["away", "broken"])
def test_data_that_cannot_be_had_are_said_and_fail_nothing(
    scan: Scan, advisories: Advisories, fault: str
) -> None:
    if fault == "away":
        scan.advisories = "http://127.0.0.1:9"
    advisories.broken = True

    done = scan.run("packages")

    assert done.returncode == 0
    assert "packages: NOT RUN: its data cannot be re" in done.stdout


def test_a_package_that_was_locked_without_a_look_is_told(scan: Scan) -> None:
    path = scan.home / "requirements/releases.toml"
    path.write_text(path.read_text().replace(f'"{NAME}"', '"another"'))

    done = scan.run("packages")

    assert done.returncode == 2
    assert NAME in done.stderr
