"""The report of the scanners: new and overdue findings fail, explained ones are aged and shown."""

import importlib.util
import sys
from datetime import date, timedelta
from importlib.machinery import SourceFileLoader
from typing import Any

import pytest

from .sources import ROOT

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def scan() -> Any:
    loader = SourceFileLoader("scan", str(ROOT / "scripts" / "scan"))
    spec = importlib.util.spec_from_loader("scan", loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["scan"] = made
    loader.exec_module(made)
    return made


def test_a_finding_that_nobody_looked_at_fails(scan: Any) -> None:
    assert scan.judged([scan.Finding("K", "HIGH", "text")], {}, TODAY) == ["new HIGH: text"]


@pytest.mark.parametrize(("age", "fails"), [(7, False), (8, True)])
def test_a_high_finding_may_live_seven_days(scan: Any, age: int, *, fails: bool) -> None:
    known = {"K": {"severity": "HIGH", "first_seen": TODAY - timedelta(days=age)}}

    assert bool(scan.judged([scan.Finding("K", "HIGH", "text")], known, TODAY)) == fails


def test_an_explained_finding_is_shown_with_its_age(
    scan: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {
        "K": {"severity": "HIGH", "first_seen": TODAY - timedelta(days=90), "harmless": "a reason"}
    }

    assert scan.judged([scan.Finding("K", "HIGH", "text")], known, TODAY) == []
    assert "90 d old, harmless: a reason" in capsys.readouterr().out


def test_advisories_that_cannot_be_reached_are_said_and_fail_nothing(
    scan: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scan, "ADVISORIES", "http://127.0.0.1:9/")
    monkeypatch.setattr(scan, "SCANNERS", {"packages": scan.packages})

    assert scan.main() == 0
    assert "NOT RUN" in capsys.readouterr().out
