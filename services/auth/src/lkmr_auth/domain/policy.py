"""Policies of security (политики безопасности): thresholds as dated data with who and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self

from lkmr_auth.domain.access_errors import PolicyUnknown, PolicyValueInvalid
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.suspicion import Rules

EMERGENCY_MINUTES = "emergency.minutes"
REVIEW_DAYS = "emergency.review_working_days"
DELEGATION_DAYS = "delegation.most_days"
_RULE, _COUNT, _SPEED = "suspicion.", ".count", "suspicion.travel.kilometres_an_hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKind:
    """What may be decided. `value` holds without a decision; empty means: as another file says.

    With `choices` it is one of these words, else a number between `least` and `most`. What
    is `by_organization` each organisation decides for itself.
    """

    key: str
    value: str
    least: int
    most: int
    words: str
    source: str
    choices: tuple[str, ...] = ()
    by_organization: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDecision:
    """A value that holds from a day on, at one organisation or (empty) at all of them."""

    key: str
    value: str
    effective_date: date
    decide_time: datetime
    decider_id: PersonId
    reason: str
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Policies:
    """All kinds of the data file."""

    kinds: Mapping[str, PolicyKind]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """From the data file. Raises KeyError for a row without one of its fields."""
        return cls(
            {
                key: PolicyKind(
                    key=key,
                    value=row["value"],
                    least=row["least"] if "choices" not in row else 0,
                    most=row["most"] if "choices" not in row else 0,
                    words=row["words"],
                    source=row["source"],
                    choices=tuple(row.get("choices", ())),
                    by_organization=row.get("by_organization", False),
                )
                for key, row in content.items()
            }
        )

    def checked(self, key: str, value: str) -> str:
        """A value that may be decided. Raises PolicyUnknown, PolicyValueInvalid."""
        kind = self.kinds.get(key)
        if kind is None:
            raise PolicyUnknown
        if kind.choices:
            word = value.strip().lower()
            if word not in kind.choices:
                raise PolicyValueInvalid(field="value")
            return word
        digits = value.strip()
        if not (digits.isascii() and digits.isdigit()):
            raise PolicyValueInvalid(field="value", least=kind.least, most=kind.most)
        if not kind.least <= int(digits) <= kind.most:
            raise PolicyValueInvalid(field="value", least=kind.least, most=kind.most)
        return str(int(digits))

    def in_force(
        self, decisions: Iterable[PolicyDecision], day: date, organization: str = ""
    ) -> dict[str, str]:
        """The value of each policy on a day: the last decision of the latest day that has come.

        What an organisation decided for itself goes before what holds at all of them.
        """

        def order(one: PolicyDecision) -> tuple[bool, date, datetime]:
            return bool(one.organization), one.effective_date, one.decide_time

        found = {key: kind.value for key, kind in self.kinds.items()}
        for one in sorted(decisions, key=order):
            here = one.organization in {"", organization}
            if here and one.effective_date <= day and one.key in found:
                found[one.key] = one.value
        return found


def with_policies(rules: Rules, values: Mapping[str, str]) -> Rules:
    """The rules about suspicious sessions with what was decided about their thresholds."""
    rows = tuple(
        replace(row, count=int(given))
        if (given := values.get(f"{_RULE}{row.kind}{_COUNT}", ""))
        else row
        for row in rules.rows
    )
    speed = values.get(_SPEED, "")
    travel = replace(rules.travel, kilometres_an_hour=float(speed)) if speed else rules.travel
    return replace(rules, rows=rows, travel=travel)
