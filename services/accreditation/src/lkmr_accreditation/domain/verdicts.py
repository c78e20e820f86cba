"""What a rule says: OK, WARN, FAIL or UNKNOWN, with reason, source, deadline and calculation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import NamedTuple


class Verdict(Enum):
    """The outcome of a rule. UNKNOWN is shown as such and never counts as OK."""

    OK = "OK"
    WARN = "WARN"
    UNKNOWN = "UNKNOWN"
    FAIL = "FAIL"


_WEIGHT = {Verdict.OK: 0, Verdict.WARN: 1, Verdict.UNKNOWN: 2, Verdict.FAIL: 3}


class Actor(Enum):
    """Who acts next."""

    WORKER = "WORKER"
    HR = "HR"
    HEAD = "HEAD"
    PROVIDER = "PROVIDER"
    REGISTER = "REGISTER"
    CABINET = "CABINET"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that could not be had, and why, in words for people."""

    reason: str


class Line(NamedTuple):
    """One line of a calculation. `counted` is None where nothing is counted."""

    text: str
    value: str = ""
    counted: bool | None = None
    reason: str = ""


class Finding(NamedTuple):
    """What a rule found about one subject: a specialty, a post, a document."""

    verdict: Verdict
    reason: str
    subject: str = ""
    todo: str = ""
    actor: Actor = Actor.NOBODY
    deadline: date | None = None
    calculation: tuple[Line, ...] = ()


class RuleResult(NamedTuple):
    """A rule with all its findings; its own verdict is the worst of them."""

    id: str
    title: str
    source: str
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Finding:
        """The finding that decides; the nearest deadline first among equals."""
        return worst_of(self.findings)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict."""
        return self.worst.verdict


def worst_of(findings: Sequence[Finding]) -> Finding:
    """The worst finding, of equals the one with the nearest deadline, then the first subject.

    Raises ValueError without any finding.
    """
    if len(findings) == 1:
        return findings[0]
    return min(
        findings,
        key=lambda one: (-_WEIGHT[one.verdict], one.deadline or date.max, one.subject),
    )


def worst_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; UNKNOWN of none."""
    return max(verdicts, key=_WEIGHT.__getitem__, default=Verdict.UNKNOWN)


def ok(reason: str, subject: str = "", *lines: Line) -> Finding:
    """A finding that asks for nothing."""
    return Finding(verdict=Verdict.OK, reason=reason, subject=subject, calculation=lines)


def unknown(
    reason: str, subject: str = "", *, todo: str = "", actor: Actor = Actor.NOBODY
) -> Finding:
    """A finding about which nothing can be said."""
    return Finding(verdict=Verdict.UNKNOWN, reason=reason, subject=subject, todo=todo, actor=actor)
