"""The report of a scan: findings with ages and terms, how long fixes took, how old packages are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkmr_scan.findings import FAILING, Decision, Judged, judge
from lkmr_scan.releases import BEHIND_DAYS, LOOK_DAYS, Age
from lkmr_scan.scanners import Ran


@dataclass(frozen=True, slots=True)
class Report:
    """All that a scan came to on a day."""

    today: date
    ran: Sequence[tuple[Ran, Sequence[Judged]]]
    decided: Mapping[str, Decision]
    ages: Sequence[Age]
    looked_on: date

    @property
    def failing(self) -> list[Judged]:
        """What nobody has looked at, what is past its term, and what came back."""
        return [one for _, judged in self.ran for one in judged if one.state in FAILING]

    @property
    def fixed(self) -> list[Decision]:
        """Findings that were fixed, the latest first."""
        done = [one for one in self.decided.values() if one.fixed_on is not None]
        return sorted(done, key=lambda one: str(one.fixed_on), reverse=True)

    @property
    def look_age(self) -> int:
        """Days since newer versions were looked for."""
        return (self.today - self.looked_on).days


def report_of(
    ran: Iterable[Ran],
    decided: Mapping[str, Decision],
    ages: Sequence[Age],
    looked_on: date,
    today: date,
) -> Report:
    """Judge what the scanners found."""
    judged = [(one, judge(one.findings, decided, today)) for one in ran]
    return Report(today, judged, decided, ages, looked_on)


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs; days are ISO dates."""
    return {
        "day": report.today.isoformat(),
        "failed": bool(report.failing),
        "scanners": [
            {
                "name": ran.name,
                "ran": not ran.absent,
                "absent": ran.absent,
                "findings": [_finding(one) for one in judged],
            }
            for ran, judged in report.ran
        ],
        "fixed": [
            {
                "key": one.key,
                "severity": one.severity,
                "first_seen": one.first_seen.isoformat(),
                "fixed_on": str(one.fixed_on),
                "days": one.fix_days,
                "in_time": one.fixed_on is not None and one.fixed_on <= one.fix_until,
            }
            for one in report.fixed
        ],
        "packages": {
            "looked_on": report.looked_on.isoformat(),
            "items": [
                {
                    "name": one.package.name,
                    "version": one.package.version,
                    "age_days": one.age,
                    "newest": one.newest,
                    "behind_days": one.behind,
                }
                for one in report.ages
            ],
        },
    }


def _finding(one: Judged) -> dict[str, Any]:
    published = one.finding.published
    return {
        "key": one.finding.key,
        "severity": one.finding.severity,
        "text": one.finding.text,
        "state": one.state.value,
        "published": published.isoformat() if published else None,
        "first_seen": one.first_seen.isoformat(),
        "age_days": one.age,
        "fix_until": one.fix_until.isoformat() if one.fix_until else None,
        "harmless": one.harmless,
    }


def as_lines(report: Report) -> Iterator[str]:
    """The report for people; every line names what it is about."""
    for ran, judged in report.ran:
        if ran.absent:
            yield f"{ran.name}: NOT RUN: {ran.absent}"
            continue
        yield f"{ran.name}: {len(judged)} findings"
        yield from (f"  {_line(one)}" for one in judged)
    for decision in report.fixed:
        late = "" if decision.fixed_on and decision.fixed_on <= decision.fix_until else ", LATE"
        yield f"fixed: {decision.key}: {decision.severity}, in {decision.fix_days} d{late}"
    yield from _about_ages(report)


def _line(one: Judged) -> str:
    term = f"harmless: {one.harmless}" if one.harmless else f"to be fixed until {one.fix_until}"
    known = f", public since {one.finding.published}" if one.finding.published else ""
    finding = one.finding
    return f"{one.state.value} {finding.severity} {finding.text}{known}; {one.age} d old, {term}"


def _about_ages(report: Report) -> Iterator[str]:
    if not report.ages:
        return
    days = sorted(one.age for one in report.ages)
    behind = [one for one in report.ages if one.behind > BEHIND_DAYS]
    yield (
        f"ages: {len(days)} packages, the middle one {days[len(days) // 2]} d old, the oldest "
        f"{days[-1]} d; {len(behind)} have had a newer version for more than {BEHIND_DAYS} d"
    )
    for one in behind:
        name = f"{one.package.name} {one.package.version}"
        yield f"  {name}: {one.age} d old, {one.newest} is out for {one.behind} d or more"
    if report.look_age > LOOK_DAYS:
        yield f"  newer versions were last looked for {report.look_age} d ago: run `make lock`"
