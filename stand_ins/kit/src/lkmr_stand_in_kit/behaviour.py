"""How a stand-in, or one system that it plays, behaves at the moment."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any, Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lkmr_servicekit.clock import Clock

Availability = Literal["up", "down", "slow", "overloaded", "maintenance"]
SLOW_SECONDS = 3.0
MAINTENANCE = timedelta(hours=1)


class Behaviour(BaseModel):
    """What requests meet.

    down: the connection is cut. slow: the answer waits `delay_seconds` (3 when none is given).
    overloaded: 429 and 503 in turn, `Retry-After` is `delay_seconds` rounded up, at least 1.
    maintenance: 503 until `until` (an hour when none is given), then as up.
    `delay_seconds` delays the answers of up as well; `error_rate` is the share of 500.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    availability: Availability = "up"
    delay_seconds: float = Field(default=0, ge=0, le=3600)
    error_rate: float = Field(default=0, ge=0, le=1)
    until: AwareDatetime | None = None

    @property
    def delay(self) -> float:
        """Seconds that an answer waits."""
        if self.availability == "slow":
            return self.delay_seconds or SLOW_SECONDS
        return self.delay_seconds if self.availability == "up" else 0.0

    @property
    def silent(self) -> bool:
        """Whether the system, being away, would not call anybody either."""
        return self.availability in ("down", "maintenance")


class BehaviourChange(Behaviour):
    """A new behaviour, of one system when `system` is given, else of all of them."""

    system: str | None = None


class UnknownSystem(ValueError):
    """The stand-in plays no such system."""


class Chance(Protocol):
    """Gives numbers from 0 up to 1."""

    def __call__(self) -> float: ...


class Behaviours:
    """The behaviour of the stand-in and of each system; a restart makes all of them up."""

    def __init__(
        self, clock: Clock, *, systems: Iterable[str] = (), chance: Chance = random.random
    ) -> None:
        self.systems = tuple(systems)
        self._clock, self._chance = clock, chance
        self._whole = Behaviour()
        self._own: dict[str, Behaviour] = {}
        self._overload_statuses = cycle((429, 503))

    def set(self, change: BehaviourChange) -> None:
        """Take a new behaviour; one for all ends those of single systems. Raises UnknownSystem."""
        values = change.model_dump(exclude={"system"})
        if change.availability == "maintenance" and change.until is None:
            values["until"] = self._clock.now() + MAINTENANCE
        if change.system is None:
            self._whole, self._own = Behaviour(**values), {}
        elif change.system in self.systems:
            self._own[change.system] = Behaviour(**values)
        else:
            known = ", ".join(self.systems) or "none"
            raise UnknownSystem(f"no system {change.system!r} here; systems: {known}")

    def of(self, system: str | None = None) -> Behaviour:
        """The behaviour that a request to this system meets now."""
        found = self._own.get(system, self._whole) if system else self._whole
        if found.availability == "maintenance" and found.until and found.until <= self._clock.now():
            return found.model_copy(update={"availability": "up", "until": None})
        return found

    def fails(self, behaviour: Behaviour) -> bool:
        """Whether this request is one of the share that ends in an error."""
        return behaviour.error_rate > 0 and self._chance() < behaviour.error_rate

    def next_overload_status(self) -> int:
        """The status of the next refusal for overload: 429 and 503 in turn."""
        return next(self._overload_statuses)

    def seconds_left(self, behaviour: Behaviour) -> int:
        """Whole seconds until maintenance ends, at least 1."""
        end = behaviour.until or self._clock.now()
        return max(1, round((end - self._clock.now()).total_seconds()))

    def state(self) -> dict[str, Any]:
        """All behaviours as `GET /_control/behaviour` shows them."""
        whole = self.of().model_dump(mode="json", exclude_none=True)
        own = {name: self.of(name).model_dump(mode="json", exclude_none=True) for name in self._own}
        return {**whole, "systems": own}


def as_utc(moment: datetime) -> str:
    """A moment as the stand-ins print it: ISO 8601 in UTC, whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
