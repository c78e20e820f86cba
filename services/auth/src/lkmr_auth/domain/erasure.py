"""Destruction of personal data (уничтожение): what ends, what holds it, who has reported.

152-ФЗ, art. 21 parts 4, 5 and 7; order of Роскомнадзор № 179 of 28.10.2022: an act and an extract
of the journal confirm it, both are kept for three years.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import Any, Self

from lkmr_access.erasure import Order, Scope
from lkmr_auth.domain.access_errors import ErasureHeld
from lkmr_auth.domain.data_request import DataRequest
from lkmr_auth.domain.person import Person, PersonId

OWN = "auth"
SERVICES: Mapping[Scope, tuple[str, ...]] = {
    Scope.ACCOUNT: (OWN, "accreditation", "education", "notify"),
    Scope.EDUCATION: ("education",),
    Scope.NOTICES: ("notify",),
}
"""Who has to report; a guard compares them with the services that hold sealed columns."""
CONSENTS: Mapping[str, Scope] = {
    "consent-education": Scope.EDUCATION,
    "consent-notices": Scope.NOTICES,
}
"""What a withdrawn consent ends."""


class Hold(Enum):
    """Why an account cannot be destroyed yet (152-ФЗ, art. 21 part 4: a law says otherwise)."""

    CURRENT_JOB = "CURRENT_JOB"
    OPEN_APPLICATION = "OPEN_APPLICATION"
    OPEN_INCIDENT = "OPEN_INCIDENT"
    OPEN_REQUEST = "OPEN_REQUEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known of a person on the day of the decision."""

    person: Person
    day: date
    roles: int
    open_applications: bool
    open_incidents: bool
    open_requests: bool


def require_free(scope: Scope, found: Circumstances) -> None:
    """The end of one purpose is held by nothing. Raises ErasureHeld naming each hold."""
    if scope is not Scope.ACCOUNT:
        return
    working = found.roles or any(job.lasts_on(found.day) for job in found.person.register_jobs)
    held = {
        Hold.CURRENT_JOB: working,
        Hold.OPEN_APPLICATION: found.open_applications,
        Hold.OPEN_INCIDENT: found.open_incidents,
        Hold.OPEN_REQUEST: found.open_requests,
    }
    if holds := [hold.value for hold, holds in held.items() if holds]:
        raise ErasureHeld(holds=",".join(holds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one service destroyed, by kind; nothing is known before it reports."""

    service: str
    destroyed: Mapping[str, int] = field(default_factory=dict)
    event_id: uuid.UUID | None = None
    report_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An ordered destruction; its id is that of the request that asked for it.

    It knows the person by id and account number only. `act` is the signed text, None before all
    services have reported.
    """

    id: uuid.UUID
    person_id: PersonId
    worker_id: str
    account_number: str
    organization_id: str
    scope: Scope
    officer_id: PersonId
    request_time: datetime
    order_time: datetime
    parts: tuple[Part, ...] = ()
    act: str | None = None
    signature: str = ""
    act_time: datetime | None = None

    @property
    def name(self) -> str:
        """`erasures/{erasure}`."""
        return f"erasures/{self.id}"

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Services that have not reported."""
        return tuple(one.service for one in self.parts if one.report_time is None)

    @property
    def order(self) -> Order:
        """As services hear it."""
        return Order(
            erasure=self.name,
            person=self.person_id,
            worker=uuid.UUID(self.worker_id) if self.worker_id else None,
            scope=self.scope,
        )

    @classmethod
    def ordered(
        cls, request: DataRequest, person: Person, officer: PersonId, now: datetime
    ) -> Self:
        """The order that follows from a request."""
        scope = request.scope or Scope.ACCOUNT
        return cls(
            id=request.id,
            person_id=person.id,
            worker_id=person.worker_id,
            account_number=person.account_number,
            organization_id=request.organization_id,
            scope=scope,
            officer_id=officer,
            request_time=request.create_time,
            order_time=now,
            parts=tuple(Part(service=one) for one in SERVICES[scope]),
        )

    def with_report(self, part: Part) -> Self:
        """The first report of a service counts; what it says when asked again adds nothing."""
        parts = (
            part if one.service == part.service and one.report_time is None else one
            for one in self.parts
        )
        return replace(self, parts=tuple(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of personal data and what becomes of it; `kept` is the ground of what stays."""

    title: str
    purpose: str
    valid_from: date
    source: str
    columns: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    ends: frozenset[Scope] = frozenset()
    kept: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """The data file: categories, and the fixed words of an act."""

    categories: Sequence[Category]
    system: str
    method: str
    keep_years: int
    source: str
    reasons: Mapping[Scope, str]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """From the data file. Raises KeyError, TypeError, ValueError."""
        act = content["act"]
        return cls(
            categories=tuple(_category(dict(row)) for row in content["data"]),
            system=act["system"],
            method=act["method"],
            keep_years=act["keep_years"],
            source=act["source"],
            reasons={one: act["reasons"][one.value] for one in Scope},
        )

    def in_force(self, day: date) -> tuple[Category, ...]:
        """The newest word about each category on a day."""
        newest: dict[str, Category] = {}
        for one in sorted(self.categories, key=lambda one: one.valid_from):
            if one.valid_from <= day:
                newest[one.title] = one
        return tuple(newest.values())

    def keep_until(self, made: date) -> date:
        """The last day on which an act of this day must be there; 29 February counts as 28."""
        year = made.year + self.keep_years
        try:
            return made.replace(year=year)
        except ValueError:
            return made.replace(year=year, day=28)


def _category(row: dict[str, Any]) -> Category:
    row["columns"] = tuple(row["columns"])
    row["kinds"] = frozenset(row.get("kinds", ()))
    row["ends"] = frozenset(Scope(one) for one in row.get("ends", ()))
    made = Category(**row)
    if bool(made.ends) == bool(made.kept) or bool(made.kept) != bool(made.until):
        raise ValueError(f"destroyed or kept on a ground until a day: {made.title}")
    return made
