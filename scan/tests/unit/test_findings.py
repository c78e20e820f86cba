"""What stands about a finding today, and what fails the run."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from lkmr_scan.findings import DAYS, FAILING, Decision, Finding, State, judge, read_decisions

TODAY = date(2026, 11, 26)
ENTRY = "severity = 'LOW'\nfirst_seen = 2026-11-01"


def a_decision(age: int, severity: str = "HIGH", **more: object) -> dict[str, Decision]:
    first = TODAY - timedelta(days=age)
    fields = {"key": "K", "severity": severity, "first_seen": first, **more}
    return {"K": Decision.model_validate(fields)}


def state(decided: dict[str, Decision], severity: str = "HIGH") -> State:
    (judged,) = judge([Finding("K", severity, "text")], decided, TODAY)
    return judged.state


def test_a_finding_that_nobody_looked_at_fails_and_has_its_term_at_once() -> None:
    (judged,) = judge([Finding("K", "CRITICAL", "text")], {}, TODAY)

    assert judged.state in FAILING
    assert (judged.age, judged.fix_until) == (0, TODAY + timedelta(days=1))


@pytest.mark.parametrize(("severity", "days"), DAYS.items())
def test_a_finding_may_live_for_the_term_of_its_severity(severity: str, days: int) -> None:
    assert state(a_decision(days, severity), severity) is State.OPEN
    assert state(a_decision(days + 1, severity), severity) is State.OVERDUE
    assert State.OVERDUE in FAILING


def test_an_explained_finding_grows_old_and_fails_nothing() -> None:
    (judged,) = judge([Finding("K", "HIGH", "text")], a_decision(90, harmless="a reason"), TODAY)

    assert (judged.state, judged.age, judged.harmless) == (State.HARMLESS, 90, "a reason")
    assert judged.state not in FAILING


def test_a_finding_that_was_fixed_and_is_here_again_fails() -> None:
    assert state(a_decision(90, fixed_on=TODAY - timedelta(days=85))) is State.RETURNED
    assert State.RETURNED in FAILING


@pytest.mark.parametrize(
    "entry",
    [
        'severity = "GRAVE"\nfirst_seen = 2026-11-01',
        'severity = "HIGH"\nfirst_seen = 2026-11-02\nfixed_on = 2026-11-01',
        'severity = "HIGH"\nfirst_seen = 2026-11-01\nharmles = "misspelt"',
        f"{ENTRY}\n[[finding]]\nkey = 'K'\n{ENTRY}",
    ],
)
def test_decisions_that_cannot_be_meant_are_refused(entry: str, tmp_path: Path) -> None:
    listed = tmp_path / "scan.toml"
    listed.write_text(f'[[finding]]\nkey = "K"\n{entry}\n')

    with pytest.raises(ValueError, match=r"K: |harmles|twice"):
        read_decisions(listed)
