"""Days of which security administrators are warned: what the sign-in leans on outside, duties."""

from dataclasses import dataclass
from datetime import date

WARN_DAYS = (30, 14, 7, 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideTerm:
    """`kind` is that of the incident: ESIA_DIRECT_ENDS, KZI_DUE for example."""

    kind: str
    last_day: date

    def warning(self, today: date) -> int | None:
        """The nearest of the warning days that has come; None while it is early."""
        left = (self.last_day - today).days
        return min((days for days in WARN_DAYS if left <= days), default=None)

    def key(self, days: int) -> str:
        """What makes each warning come once, over restarts and instances."""
        return f"terms/{self.kind}/{self.last_day.isoformat()}/{days}"
