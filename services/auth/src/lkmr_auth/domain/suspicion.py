"""Rules that find a stranger in a session (SEC-15), over acts of the journal as they come."""

import ipaddress
import math
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

_EARTH_KM = 6371.0
_MOST_SESSIONS = 100_000


class Severity(Enum):
    """How soon somebody must look."""

    NOTICE = "NOTICE"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedAct:
    """An act of the journal, as far as rules look at it. `number` grows without gaps."""

    number: int
    time: datetime
    session: str
    organization: str
    operation: str
    object: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`count` acts of a kind within a span in one session. Empty lists fit everything."""

    kind: str
    severity: Severity
    count: int
    span: timedelta
    block: bool
    operations: frozenset[str] = frozenset()
    results: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    distinct: bool = False

    def fits(self, act: WatchedAct) -> bool:
        """Whether an act counts."""
        return (
            (not self.operations or act.operation in self.operations)
            and (not self.results or act.result in self.results)
            and (not self.reasons or act.reason in self.reasons)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A rule that was broken: in which session, how often."""

    kind: str
    severity: Severity
    session: str
    organization: str
    block: bool
    facts: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Travel:
    """Beyond which distance and speed a move is impossible."""

    kilometres: float
    kilometres_an_hour: float
    severity: Severity

    def is_impossible(self, distance: float, between: timedelta) -> bool:
        """Whether nobody moves so far in that time; small distances are errors of the map."""
        hours = max(between.total_seconds(), 1.0) / 3600
        return distance > self.kilometres and distance / hours > self.kilometres_an_hour


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of the data file."""

    rows: tuple[Rule, ...]
    travel: Travel

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Rules":
        """From the data file. Raises ValueError, KeyError for what cannot be a rule."""
        rows = tuple(_rule(kind, row) for kind, row in content["rule"].items())
        travel = content["travel"]
        return cls(
            rows,
            Travel(
                float(travel["kilometres"]),
                float(travel["kilometres_an_hour"]),
                Severity(travel["severity"]),
            ),
        )

    def times(self, factor: float) -> "Rules":
        """The same rules for a machine where rates are multiplied; a single act stays enough."""
        return replace(
            self,
            rows=tuple(
                replace(row, count=int(row.count * factor)) if row.count > 1 else row
                for row in self.rows
            ),
        )

    @property
    def operations(self) -> frozenset[str]:
        """Acts that some rule looks at whatever their result."""
        return frozenset().union(*(row.operations for row in self.rows))


def _rule(kind: str, row: Mapping[str, Any]) -> Rule:
    if row["count"] < 1 or row["seconds"] < 1:
        raise ValueError(kind)
    return Rule(
        kind=kind,
        severity=Severity(row["severity"]),
        count=row["count"],
        span=timedelta(seconds=row["seconds"]),
        block=row["block"],
        operations=frozenset(row.get("operations", ())),
        results=frozenset(row.get("results", ())),
        reasons=frozenset(row.get("reasons", ())),
        distinct=row.get("distinct", False),
    )


@dataclass(slots=True)
class Watch:
    """Sliding windows over the acts of sessions; an act is looked at once, in order."""

    rules: Rules
    _windows: OrderedDict[tuple[str, str], deque[tuple[datetime, str]]] = field(
        default_factory=OrderedDict
    )

    def observe(self, act: WatchedAct) -> list[Suspicion]:
        """The rules that this act breaks; a broken rule starts counting anew."""
        if not act.session:
            return []
        return [
            found
            for rule in self.rules.rows
            if rule.fits(act) and (found := self._count(rule, act)) is not None
        ]

    def _count(self, rule: Rule, act: WatchedAct) -> Suspicion | None:
        key = (rule.kind, act.session)
        window = self._windows.setdefault(key, deque())
        self._windows.move_to_end(key)
        window.append((act.time, act.object))
        while window and window[0][0] < act.time - rule.span:
            window.popleft()
        if len(self._windows) > _MOST_SESSIONS:
            self._windows.popitem(last=False)
        number = len({name for _, name in window}) if rule.distinct else len(window)
        if number < rule.count:
            return None
        del self._windows[key]
        return Suspicion(
            kind=rule.kind,
            severity=rule.severity,
            session=act.session,
            organization=act.organization,
            block=rule.block,
            facts={"count": number, "seconds": int(rule.span.total_seconds())},
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network is, in degrees."""

    latitude: float
    longitude: float

    def kilometres_to(self, other: "Place") -> float:
        """Distance on the sphere (haversine)."""
        here, there = math.radians(self.latitude), math.radians(other.latitude)
        turn = math.radians(other.longitude - self.longitude)
        half = (
            math.sin((there - here) / 2) ** 2
            + math.cos(here) * math.cos(there) * math.sin(turn / 2) ** 2
        )
        return 2 * _EARTH_KM * math.asin(math.sqrt(half))


@dataclass(frozen=True, slots=True)
class Networks:
    """Where addresses are, by network; the longest prefix wins. An unknown address has no place."""

    rows: Mapping[tuple[int, int, int], Place] = field(default_factory=dict)
    lengths: Sequence[tuple[int, int]] = ()

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Networks":
        """From lines `network,latitude,longitude`; `#` begins a comment. Raises ValueError."""
        rows: dict[tuple[int, int, int], Place] = {}
        for line in lines:
            text = line.partition("#")[0].strip()
            if text:
                name, latitude, longitude = text.split(",")
                network = ipaddress.ip_network(name.strip())
                key = (network.version, network.prefixlen, int(network.network_address))
                rows[key] = Place(float(latitude), float(longitude))
        lengths = sorted({(version, length) for version, length, _ in rows}, reverse=True)
        return cls(rows, tuple(lengths))

    def place_of(self, address: str) -> Place | None:
        """The place of an address; None when nothing is known about it."""
        try:
            given = ipaddress.ip_address(address)
        except ValueError:
            return None
        bits = given.max_prefixlen
        for version, length in self.lengths:
            if version == given.version:
                start = int(given) >> (bits - length) << (bits - length)
                if found := self.rows.get((version, length, start)):
                    return found
        return None
