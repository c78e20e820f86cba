"""`python -m lkmr_scan [SCANNER…]`: scan and report."""

import argparse
import json
import sys
from pathlib import Path

from lkmr_scan.bill import bill_of_materials
from lkmr_scan.findings import read_decisions
from lkmr_scan.inventory import SHIPPED, NoInventory, installed_system, locked
from lkmr_scan.releases import ages, look, read_releases, text_of
from lkmr_scan.report import as_json, as_lines, report_of
from lkmr_scan.scanners import SCANNERS, Surroundings, run
from lkmr_servicekit.clock import real_now

HOME = Path(__file__).resolve().parents[3]
ADVISORIES = "https://api.osv.dev"
STDOUT = Path("-")
DEFAULT = ("code", "packages")


def main() -> None:
    """Exit status 1 when something is new, overdue or came back; 2 when the data are not whole."""
    asked = _arguments()
    if asked.look:
        found = look(asked.home / ".tools/bin/uv", locked(asked.requirements), real_now().date())
        (asked.requirements / "releases.toml").write_text(text_of(found), encoding="utf-8")
        return
    try:
        sys.exit(scan(asked))
    except (KeyError, ValueError, OSError) as fault:
        print(f"scan: its own data are not whole: {fault}", file=sys.stderr)
        sys.exit(2)


def scan(asked: argparse.Namespace) -> int:
    """Scan, print, and write what is asked for."""
    where = Surroundings(asked.home, asked.system, asked.advisories)
    now = real_now()
    seen = read_releases(asked.requirements / "releases.toml")
    report = report_of(
        [run(name, where) for name in asked.scanners or DEFAULT],
        read_decisions(asked.home / "docs" / "scan.toml"),
        ages(locked(asked.requirements), seen, now.date()),
        seen.looked_on,
        now.date(),
    )
    for line in as_lines(report):
        print(f"scan: {line}")
    if asked.report == STDOUT:
        print(json.dumps(as_json(report), ensure_ascii=False))
    elif asked.report:
        asked.report.write_text(json.dumps(as_json(report), ensure_ascii=False, indent=1))
    if asked.bill:
        shipped = locked(asked.requirements, *SHIPPED)
        try:
            shipped += installed_system(asked.system)
        except NoInventory as why:
            print(f"scan: the bill names no packages of the system: {why}")
        asked.bill.write_text(json.dumps(bill_of_materials(shipped, now), indent=1))
    for one in report.failing:
        print(f"scan: {one.state.value}: {one.finding.text}", file=sys.stderr)
    return 1 if report.failing else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scan", description=__doc__)
    parser.add_argument("scanners", nargs="*", metavar="|".join(SCANNERS), default=[])
    parser.add_argument("--report", type=Path, help="write the report as JSON; - prints it")
    parser.add_argument("--bill", type=Path, help="write the bill of materials (CycloneDX)")
    parser.add_argument("--look", action="store_true", help="look for newer versions and note them")
    parser.add_argument("--advisories", default=ADVISORIES, help="the database (interface of OSV)")
    parser.add_argument("--home", type=Path, default=HOME, help="the checkout")
    parser.add_argument("--system", type=Path, default=Path("/"), help="the root of the image")
    asked = parser.parse_args()
    if unknown := set(asked.scanners) - set(SCANNERS):
        parser.error(f"no such scanner: {', '.join(sorted(unknown))}")
    asked.requirements = asked.home / "requirements"
    return asked


if __name__ == "__main__":
    main()
