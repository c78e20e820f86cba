"""The act of a destruction with its extract of the journal (order of Роскомнадзор № 179, 3-5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lkmr_access.erasure import Scope
from lkmr_auth.domain.erasure import Erasure, Fate, Part
from lkmr_servicekit.clock import MOSCOW, day_in


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """A row of the chained journal that tells of the report of a service."""

    service: str
    seq: int
    time: datetime
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who runs the cabinet, as the act names it."""

    name: str
    address: str


def act_of(
    erasure: Erasure, lines: Sequence[JournalLine], operator: Operator, fate: Fate, now: datetime
) -> dict[str, Any]:
    """The fields of the act; it names the person by ids only, so that it outlives the data."""
    day = day_in(MOSCOW, now)
    destroyed = {one.service: _destroyed(one, erasure, fate) for one in erasure.parts}
    subject = {"account": erasure.account_number, "person": f"persons/{erasure.person_id}"}
    reason = fate.reasons[erasure.scope]
    return {
        "act": erasure.name,
        "operator": {"name": operator.name, "address": operator.address},
        "subject": subject,
        "system": fate.system,
        "reason": reason,
        "method": fate.method,
        "officer": f"persons/{erasure.officer_id}",
        "request_time": erasure.request_time.isoformat(),
        "order_time": erasure.order_time.isoformat(),
        "date": max(one.report_time for one in erasure.parts if one.report_time).isoformat(),
        "act_date": day.isoformat(),
        "destroyed": [row for rows in destroyed.values() for row in rows],
        "kept": [
            {"data": one.title, "ground": one.kept, "until": one.until}
            for one in fate.in_force(day)
            if one.kept and erasure.scope is Scope.ACCOUNT
        ],
        "journal": [
            {
                "subject": subject["person"],
                "service": line.service,
                "system": fate.system,
                "categories": [row["data"] for row in destroyed[line.service]],
                "reason": reason,
                "time": line.time.isoformat(),
                "seq": line.seq,
                "hash": line.hash.hex(),
            }
            for line in sorted(lines, key=lambda one: one.seq)
        ],
        "keep_until": fate.keep_until(day).isoformat(),
        "source": fate.source,
    }


def _destroyed(part: Part, erasure: Erasure, fate: Fate) -> list[dict[str, Any]]:
    """The categories of which a service destroyed something, with how much."""
    day = day_in(MOSCOW, erasure.order_time)
    rows = []
    for one in fate.in_force(day):
        count = sum(number for kind, number in part.destroyed.items() if kind in one.kinds)
        if count and erasure.scope in one.ends:
            rows.append({"service": part.service, "data": one.title, "count": count})
    return rows
