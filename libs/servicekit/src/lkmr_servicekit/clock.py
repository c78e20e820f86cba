"""The one source of time: every moment of the domain is asked from a `Clock`."""

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


class Clock(Protocol):
    """Tells the present moment, always with a time zone (UTC)."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of the machine, moved by a fixed offset so that a suite can live on another day."""

    offset: timedelta = timedelta()

    @classmethod
    def from_env(cls) -> "SystemClock":
        """The clock of this process; `LKMR_NOW` (ISO 8601 with offset) is the moment of its start.

        The rig turns `LKMR_NOW` into `LKMR_CLOCK_OFFSET_SECONDS`, so that processes started later,
        or restarted, agree. Raises ValueError when a variable cannot be read.
        """
        if seconds := os.environ.get("LKMR_CLOCK_OFFSET_SECONDS"):
            return cls(timedelta(seconds=float(seconds)))
        if text := os.environ.get("LKMR_NOW"):
            start = datetime.fromisoformat(text)
            if start.tzinfo is None:
                raise ValueError("LKMR_NOW needs an offset, as in 2027-01-15T09:00:00+03:00")
            return cls(start - datetime.now(UTC))
        return cls()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


@dataclass(slots=True)
class FakeClock:
    """A clock that stands still until a test moves it."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 11, 32, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def move(self, **parts: float) -> None:
        """Move forward by `timedelta(**parts)`."""
        self.moment += timedelta(**parts)


def day_in(zone: ZoneInfo, moment: datetime) -> date:
    """The calendar day of a moment in a time zone: a term ends with the day of its organisation."""
    return moment.astimezone(zone).date()


def real_now() -> datetime:
    """The moment of the machine, for what is issued and ends by real time: certificates of TLS."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never goes back; for durations only."""
    return time.monotonic()
