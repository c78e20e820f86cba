"""Findings, what people have decided about them, and until when they must be fixed."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

DAYS: Mapping[str, int] = {"CRITICAL": 1, "HIGH": 7, "MEDIUM": 28, "LOW": 120}
"""Days to fix, by severity; after the method of ФСТЭК for levels of vulnerabilities (2022)."""


class State(StrEnum):
    """What stands about a finding. NEW, OVERDUE and RETURNED fail the run."""

    NEW = "NEW"
    OPEN = "OPEN"
    OVERDUE = "OVERDUE"
    RETURNED = "RETURNED"
    HARMLESS = "HARMLESS"


FAILING = frozenset({State.NEW, State.OVERDUE, State.RETURNED})


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` names it for ever: rule and file, or advisory and package. A fix may be known."""

    key: str
    severity: str
    text: str
    published: date | None = None


class Decision(BaseModel):
    """What people decided: it is to be fixed in time, is harmless because …, or is fixed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    severity: str
    first_seen: date
    harmless: str = ""
    fixed_on: date | None = None

    @model_validator(mode="after")
    def _check(self) -> "Decision":
        if self.severity not in DAYS:
            raise ValueError(f"{self.key}: severity is one of {', '.join(DAYS)}")
        if self.fixed_on is not None and self.fixed_on < self.first_seen:
            raise ValueError(f"{self.key}: fixed before it was seen")
        return self

    @property
    def fix_until(self) -> date:
        """The last day in time."""
        return self.first_seen + timedelta(days=DAYS[self.severity])

    @property
    def fix_days(self) -> int | None:
        """How long the fix took; None while there is none."""
        return None if self.fixed_on is None else (self.fixed_on - self.first_seen).days


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding in its state today. Ages are in days; a harmless one has no term."""

    finding: Finding
    state: State
    first_seen: date
    age: int
    fix_until: date | None
    harmless: str = ""


def read_decisions(path: Path) -> dict[str, Decision]:
    """Decisions by key. Raises ValueError naming what cannot be taken."""
    listed = tomllib.loads(path.read_text(encoding="utf-8")).get("finding", [])
    made = [Decision.model_validate(one) for one in listed]
    if len({one.key for one in made}) != len(made):
        raise ValueError("a finding is decided twice")
    return {one.key: one for one in made}


def judge(found: Iterable[Finding], decided: Mapping[str, Decision], today: date) -> list[Judged]:
    """The state of each finding; an unknown one was first seen today."""
    return [_judged(one, decided.get(one.key), today) for one in found]


def _judged(finding: Finding, decision: Decision | None, today: date) -> Judged:
    if decision is None:
        until = today + timedelta(days=DAYS[finding.severity])
        return Judged(finding, State.NEW, today, 0, until)
    first, age = decision.first_seen, (today - decision.first_seen).days
    if decision.harmless:
        return Judged(finding, State.HARMLESS, first, age, None, decision.harmless)
    if decision.fixed_on is not None:
        return Judged(finding, State.RETURNED, first, age, decision.fix_until)
    state = State.OVERDUE if today > decision.fix_until else State.OPEN
    return Judged(finding, state, first, age, decision.fix_until)
