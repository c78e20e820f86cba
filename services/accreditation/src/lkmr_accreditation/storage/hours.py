"""Statements about hours between their JSON and the values of the domain."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from lkmr_accreditation.domain.hours import Activity, DocumentCheck, Outcome, Statement


def statement_json(statement: Statement) -> dict[str, Any]:
    """A statement for its column; titles and documents stay with the service that owns them."""
    return {
        "specialty": statement.specialty,
        "start": statement.start.isoformat(),
        "end": statement.end.isoformat(),
        "activities": [
            {
                "id": one.id,
                "programme": one.programme,
                "hours": one.hours,
                "outcome": one.outcome.value,
                "finished": _iso(one.finished_on),
                "issued": _iso(one.issued_on),
                "check": one.check.value,
            }
            for one in statement.once
        ],
    }


def statement_of(content: Mapping[str, Any]) -> Statement:
    """A statement from its column."""
    return Statement(
        specialty=content["specialty"],
        start=date.fromisoformat(content["start"]),
        end=date.fromisoformat(content["end"]),
        activities=tuple(
            Activity(
                id=one["id"],
                title="",
                programme=one["programme"],
                hours=one["hours"],
                outcome=Outcome(one["outcome"]),
                finished_on=_day(one["finished"]),
                issued_on=_day(one["issued"]),
                check=DocumentCheck(one["check"]),
            )
            for one in content["activities"]
        ),
    )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
