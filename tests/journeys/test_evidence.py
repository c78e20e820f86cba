"""Evidence for the demands on security: what a running system exports is whole and signed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lkmr_rig.evidence.demands import demands
from lkmr_rig.layout import CHECKOUT, SERVICES
from lkmr_rig.threaded import ThreadedSuite
from lkmr_servicekit.clock import MOSCOW, day_in, real_now

from ..privacy.planted import Planted
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
DEMANDS = [f"SEC-{number:02}" for number in range(1, 31)]


def operator(suite: ThreadedSuite, *words: str, code: int = 0) -> str:
    """Run `bin/lkmr`; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "lkmr_rig.operate", *words],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "LKMR_HOME": str(suite.home.root)},
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def exported(suite: ThreadedSuite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an officer does before: assessments are recorded, a copy is made and tried."""
    with Visitor(suite) as doctor:
        doctor.sign_in("sidorova")
    place = tmp_path_factory.mktemp("evidence")
    today = day_in(MOSCOW, real_now()).isoformat()
    for kind in ("KZI", "MATURITY"):
        given = ("--date", today, "--value", "0,92", "--document", "Акт 7")
        assert "0,92" in operator(suite, "assessments", "record", kind, *given)
    operator(suite, "backup", str(place / "copy"))
    operator(suite, "drill", str(place / "copy"))
    scanned = place / "scan.json"
    subprocess.run(  # its database is not asked: a run of tests may have no network
        [sys.executable, "-m", "lkmr_scan", "packages", "--report", str(scanned),
         "--advisories", "http://127.0.0.1:9"],
        check=False, capture_output=True, cwd=CHECKOUT,
    )  # fmt: skip
    operator(suite, "evidence", "export", str(place / "export"), "--scan", str(scanned))
    return place / "export"


@pytest.fixture(scope="module")
def told(exported: Path) -> dict[str, Any]:
    rows = json.loads((exported / "evidence.json").read_text(encoding="utf-8"))["demands"]
    return {row["id"]: row for row in rows}


@pytest.mark.proves("F-027")
def test_a_running_system_gives_evidence_for_each_demand(
    exported: Path, told: dict[str, Any]
) -> None:
    page = (exported / "evidence.md").read_text(encoding="utf-8")

    assert [*told] == DEMANDS
    assert re.findall(r"^## (SEC-\d\d)", page, re.MULTILINE) == DEMANDS
    assert {row["standing"] for row in told.values()} <= {"EVIDENCE", "PARTIAL", "ATTENTION"}
    for row in told.values():
        assert row["proven_by"], row["id"]
        assert all(one["state"] != "ABSENT" for one in row["facts"].values()), row
    for one in demands():
        assert one.gap_ru in page, "a gap is never hidden"
        assert bool(one.gap) == bool(told[one.id]["gap"])
    accepted = told["SEC-06"]["accepted"]
    assert (told["SEC-06"]["standing"], accepted["review_on"] > accepted["accepted_on"]) == (
        "PARTIAL",
        True,
    )


def test_the_facts_are_those_of_the_running_system(told: dict[str, Any]) -> None:
    def content(demand: str, name: str) -> Any:
        return told[demand]["facts"][name]["content"]

    ports = content("SEC-03", "channels")
    assert {(one["agreed"], one["tls_1_2"]) for one in ports} == {("TLSv1.3", None)}
    assert len(ports) == 2 + len(SERVICES)
    assert content("SEC-08", "journal")["journal"]["sound"]
    assert content("SEC-08", "journal")["journal"]["rows"] >= 3
    assert {one["place"] for one in content("SEC-09", "retention")["months"]} == {"TABLE"}
    assert {ring["service"] for ring in content("SEC-04", "keys")} == set(SERVICES)
    assert all(ring["rotate_by"] for ring in content("SEC-04", "keys"))
    assert {one["kind"]: one["value"] for one in content("SEC-17", "assessments")} == {
        "KZI": "0,92",
        "MATURITY": "0,92",
    }
    assert content("SEC-16", "scan")["packages"]["items"]
    assert told["SEC-16"]["standing"] == "ATTENTION"  # the database of advisories was not reached
    assert [one["kind"] for one in content("SEC-24", "copies")] == ["backup", "drill"]
    assert len(content("SEC-23", "migrations")) == len(SERVICES)
    assert content("SEC-29", "law")["norms"] > 10
    assert len(content("SEC-30", "processes")) > len(SERVICES)


def test_no_value_of_a_person_is_in_it(exported: Path) -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in exported.iterdir() if path.is_file()
    )

    assert Planted().found_in(text) == set()


def test_one_changed_letter_is_found(suite: ThreadedSuite, exported: Path) -> None:
    assert "Подпись верна" in operator(suite, "evidence", "check", str(exported))
    page, manifest = exported / "evidence.md", exported / "manifest.json"
    kept, said = page.read_text(encoding="utf-8"), manifest.read_text(encoding="utf-8")
    try:
        page.write_text(kept.replace("SEC-06", "SEC-60", 1), encoding="utf-8")
        assert "ИЗМЕНЕНО evidence.md" in operator(suite, "evidence", "check", str(exported), code=1)
        page.write_text(kept, encoding="utf-8")
        manifest.write_text(said.replace('"form": 1', '"form": 2'), encoding="utf-8")
        assert "НЕВЕРНА" in operator(suite, "evidence", "check", str(exported), code=1)
    finally:
        page.write_text(kept, encoding="utf-8")
        manifest.write_text(said, encoding="utf-8")
