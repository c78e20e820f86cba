"""Shapes of the API of incidents."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from lkmr_gateway.administration_schemas import Body, PersonName
from lkmr_gateway.schemas import Query


class IncidentQuery(Query):
    """Which incidents."""

    state: Literal["", "DETECTED", "TAKEN", "CLOSED"] = ""


class CloseIncident(Body):
    """What was found and done."""

    resolution: Annotated[str, Field(min_length=5, max_length=500)]


class ReportLeak(Body):
    """The form of a leak; the clocks of 24 and 72 hours run from `discover_time`."""

    discover_time: datetime
    what: str
    cause: str
    harm: str
    measures: str
    contact: str


class AdvanceLeak(Body):
    """That the supervisor was told, and what."""

    step: Literal["NOTICE", "RESULT"]
    text: Annotated[str, Field(min_length=5, max_length=500)]


class MadeIncident(BaseModel):
    """The incident that was made."""

    id: str


class Leak(BaseModel):
    """A leak with its two clocks; empty times are still to come."""

    discover_time: datetime
    notice_due_time: datetime
    notice_time: str
    result_due_time: datetime
    result_time: str
    content: dict[str, str]


class Incident(BaseModel):
    """An incident; readers without identity see no person, session or leak."""

    id: str
    number: int
    kind: str
    severity: Literal["NOTICE", "WARNING", "CRITICAL"]
    state: Literal["DETECTED", "TAKEN", "CLOSED"]
    organization: str
    facts: dict[str, int | str]
    detect_time: datetime
    close_time: str
    person: PersonName | None
    session: str
    resolution: str
    leak: Leak | None


class IncidentPage(BaseModel):
    """Incidents, newest first."""

    items: list[Incident]
    next_page_token: str
