"""What counts as evidence, what asks for action, and what is missing: never hidden."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from lkmr_rig import copies
from lkmr_rig.evidence.demands import Acceptance, Demand, demands
from lkmr_rig.evidence.fact import Fact, absent, fact
from lkmr_rig.evidence.report import FACTS, Item, Standing, as_page, items
from lkmr_rig.evidence.results import FAILED, PASSED, SKIPPED, results
from lkmr_rig.evidence.told import assessments, incidents, journal, keys, law, scan
from lkmr_rig.layout import Home

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
TEST = "tests/test_a.py::test_b"
ACCEPTED = Acceptance(
    accepted_on=date(2026, 11, 26), review_on=date(2027, 5, 26), why="none", operator="Купить"
)


def a_demand(**changes: object) -> Demand:
    return Demand(**{"id": "SEC-06", "title": "t", "title_ru": "Т", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("demand", "facts", "outcomes", "standing"),
    [
        (a_demand(), {}, {}, Standing.MISSING),
        (a_demand(), {"x": absent("остановлена")}, {}, Standing.MISSING),
        (a_demand(gap="g", gap_ru="п", accepted=ACCEPTED), {}, {}, Standing.ACCEPTED),
        (a_demand(), {"x": fact(["да"], 1)}, {}, Standing.EVIDENCE),
        (a_demand(proven_by=(TEST,)), {}, {}, Standing.EVIDENCE),
        (a_demand(proven_by=(TEST,), gap="g", gap_ru="п"), {}, {}, Standing.PARTIAL),
        (a_demand(proven_by=(TEST,)), {}, {TEST: FAILED}, Standing.ATTENTION),
        (a_demand(), {"x": fact(["да"], 1, ["нет"])}, {}, Standing.ATTENTION),
    ],
)
def test_a_demand_stands_as_what_was_found_for_it(
    demand: Demand, facts: dict[str, Fact], outcomes: dict[str, str], standing: Standing
) -> None:
    assert Item(demand, facts, outcomes).standing is standing


def test_the_page_names_what_is_missing_and_the_gap() -> None:
    gap = a_demand(gap="g", gap_ru="Средство не сертифицировано", accepted=ACCEPTED)
    page = as_page(items([a_demand(), gap], {}, {}), NOON)

    assert "ПОДТВЕРЖДЕНИЯ НЕТ" in page
    assert "**Пробел:** Средство не сертифицировано." in page
    assert "пересмотр до 2027-05-26" in page


def test_every_fact_of_the_data_has_its_words() -> None:
    assert {name for one in demands() for name in one.facts} == set(FACTS)


def test_outcomes_of_tests_are_read_from_the_reports_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(
        '<testsuites><testsuite><testcase classname="tests.test_a" name="test_b[x]"/>'
        '<testcase classname="tests.test_a" name="test_b[y]"><failure/></testcase>'
        '<testcase classname="services.egisz-bridge.tests.test_c" name="test_d"><skipped/>'
        '</testcase><testcase classname="tests.test_e" name="test_f"/></testsuite></testsuites>'
    )

    found = results(tmp_path)

    assert found[TEST] == FAILED
    assert found["tests/test_a.py"] == FAILED
    assert found["services/egisz-bridge/tests/test_c.py::test_d"] == SKIPPED
    assert found["tests/test_e.py::test_f"] == PASSED


def test_copies_and_drills_that_are_too_old_are_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    manifest = {"time": NOON.isoformat(), "databases": {"auth": {"rows": {"a": 3}}}, "sums": {}}
    assert len(copies.late(copies.noted(home), NOON)) == 2

    copies.note(home, copies.BACKUP, 1.26, manifest)
    line = copies.note(home, copies.DRILL, 2, manifest)

    made = datetime.fromisoformat(line["time"])
    assert (line["rows"], copies.noted(home)[0]["seconds"]) == (3, 1.3)
    assert copies.late(copies.noted(home), made + timedelta(hours=23)) == []
    assert len(copies.late(copies.noted(home), made + timedelta(days=6))) == 1
    assert len(copies.late(copies.noted(home), made + timedelta(days=8))) == 2


def test_a_broken_journal_a_late_leak_and_a_late_assessment_ask_for_action() -> None:
    row = {"sound": False, "rows": 5, "head": 5, "statements": 1, "archived_months": 0}
    broken = journal({"journal": row | {"flaws": ["CHANGED 3"]}, "acts": []})
    leak = {"number": 7, "discover_time": "", "notice_time": None, "result_time": None}
    leaks = [leak | {"notice_kept": False, "result_kept": True}]
    words = {"words": "КЗИ", "due_on": "2026-11-01", "source": "приказ"}
    never = words | {"last": None, "value": None, "document": None, "late": True}

    assert broken.to_do == ("CHANGED 3",)
    assert incidents({"incidents": [], "leaks": leaks}).to_do == (
        "утечка № 7: срок 24 ч не выдержан",
    )
    assert len(assessments({"assessments": [never]}).to_do) == 2


def test_an_old_key_a_late_norm_and_a_finding_ask_for_action() -> None:
    ring = {
        "active": "k1",
        "sealed_by": "file",
        "keys": [{"id": "k1", "made": "2020-01-01T00:00:00+00:00", "data_keys": 2}],
    }
    old = keys([("auth", ring | {"rotate_by": "2020-04-01T00:00:00+00:00"}), ("notify", None)])
    unknown = keys([("auth", ring | {"rotate_by": None})])
    norm = {"key": "law.x", "owner": "юрист", "review_on": "2026-01-01"}
    finding = {"key": "CVE-1", "severity": "HIGH", "state": "OVERDUE", "age_days": 9}
    scanner = {"name": "packages", "ran": True, "absent": ""}
    found = finding | {"fix_until": "2026-11-01", "harmless": ""}
    report = {"day": "2026-11-26", "packages": {"items": []}}

    assert len(old.to_do) == 2
    assert len(unknown.to_do) == 1
    told = {"version": "v", "norms": 1, "in_force": 1, "late": [norm]}
    assert len(law(told).to_do) == 1
    assert len(scan(report | {"scanners": [scanner | {"findings": [found]}]}).to_do) == 1
    away = scanner | {"ran": False, "absent": "ConnectError", "findings": []}
    assert scan(report | {"scanners": [away]}).to_do == ("packages: не выполнено (ConnectError)",)
