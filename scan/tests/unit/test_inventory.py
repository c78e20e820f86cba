"""What the lists of packages hold, and what they do not."""

from pathlib import Path

import pytest

from lkmr_scan.bill import bill_of_materials
from lkmr_scan.inventory import SHIPPED, NoInventory, Package, installed_system, locked
from lkmr_servicekit.clock import real_now

REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements"
STATUS = """\
Package: libssl3t64
Status: install ok installed
Source: openssl
Version: 3.5.1-1

Package: libc-bin
Status: install ok installed
Source: glibc (2.41-12)
Version: 2.41-12+b1

Package: bash
Status: install ok installed
Version: 5.2.37-2+b3

Package: removed
Status: deinstall ok config-files
Version: 1.0
"""


def a_system(
    folder: Path, about: str = 'ID=debian\nVERSION_ID="13"\n', status: str = STATUS
) -> Path:
    (folder / "etc").mkdir()
    (folder / "var/lib/dpkg").mkdir(parents=True)
    (folder / "etc/os-release").write_text(f'PRETTY_NAME="A system"\n{about}')
    (folder / "var/lib/dpkg/status").write_text(status)
    return folder


def test_a_lock_is_read_as_names_and_versions(tmp_path: Path) -> None:
    (tmp_path / "a.lock").write_text("b==2.0 \\\n    --hash=sha256:00\nA-odd.name==1\n")
    (tmp_path / "b.lock").write_text("sqlalchemy[asyncio]==2.0.58 ; python_version > '3'\n")

    assert locked(tmp_path) == [
        Package("PyPI", "b", "2.0"),
        Package("PyPI", "sqlalchemy", "2.0.58"),
    ]
    assert locked(tmp_path, "a.lock") == [Package("PyPI", "b", "2.0")]


def test_system_packages_are_named_by_their_sources(tmp_path: Path) -> None:
    assert installed_system(a_system(tmp_path)) == [
        Package("Debian:13", "bash", "5.2.37-2+b3"),
        Package("Debian:13", "glibc", "2.41-12"),
        Package("Debian:13", "openssl", "3.5.1-1"),
    ]


def test_a_system_whose_advisories_nobody_knows_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoInventory, match="no list"):
        installed_system(tmp_path)
    with pytest.raises(NoInventory, match="alpine"):
        installed_system(a_system(tmp_path, about="ID=alpine\nVERSION_ID=3.22\n"))


def test_the_bill_names_everything_that_is_shipped_once() -> None:
    shipped = [*locked(REQUIREMENTS, *SHIPPED), Package("Debian:13", "bash", "5.2.37-2+b3")]

    bill = bill_of_materials(shipped, real_now())
    urls = [one["purl"] for one in bill["components"]]

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert len(urls) == len(set(urls)) == len(shipped)
    assert "pkg:deb/debian/bash@5.2.37-2%2Bb3?distro=debian-13" in urls
    assert any(one.startswith("pkg:pypi/cryptography@") for one in urls)
    assert not any(one.startswith("pkg:pypi/pytest@") for one in urls)
    assert bill["dependencies"][0]["dependsOn"] == [one["bom-ref"] for one in bill["components"]]
    assert bill["serialNumber"] == bill_of_materials(shipped[::-1], real_now())["serialNumber"]
