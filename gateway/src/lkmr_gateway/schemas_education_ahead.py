"""Plan, catalogue, suggestions, staff of `/api/v1/education`, for OpenAPI."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lkmr_gateway.schemas_education import ActivityKind, EducationWarning


class NewPlanItem(BaseModel):
    """A programme of the catalogue, or a wish with title and deadline."""

    model_config = ConfigDict(extra="forbid")

    programme: str = ""
    title: str = ""
    deadline: date | None = None
    required_level: Annotated[int, Field(ge=1, le=9)] | None = None
    specialty: str = ""


class PlanItemChange(BaseModel):
    """What is to be done with an item; without an action only the deadline moves."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["", "ASK", "BEGIN", "FINISH", "REMOVE"] = ""
    deadline: date | None = None
    start_date: date | None = None


class DirectionChoice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    direction: str


class HeadsWord(BaseModel):
    """The word of the head; a refusal has a reason."""

    model_config = ConfigDict(extra="forbid")

    agreed: Literal["true", "false"]
    comment: str = ""


class Vouching(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str


class PlanItem(BaseModel):
    """An item; `title`, `deadline`, `required_level` are the columns of the plan."""

    model_config = ConfigDict(extra="allow")

    id: str
    title: str
    deadline: date
    required_level: int | None
    programme_level: int | None
    level_check: Literal["FITS", "TOO_LOW", "UNKNOWN"]
    level_label: str
    days_left: int
    overdue: bool
    state: Literal["OPEN", "STARTED", "DONE", "REMOVED"]
    agreement: Literal["NONE", "ASKED", "AGREED", "DECLINED"]
    version: int


class Plan(BaseModel):
    """The development plan with its column names and directions of growth."""

    model_config = ConfigDict(extra="allow")

    columns: list[str]
    items: list[PlanItem]
    direction: dict[str, Any] | None
    directions: list[dict[str, Any]]
    present_level: int | None
    required_level: int | None
    warnings: list[EducationWarning]
    next_page_token: str


class Programme(BaseModel):
    """A programme of the catalogue; `price` in roubles."""

    id: str
    title: str
    provider: str
    kind: ActivityKind
    hours: int
    specialties: list[str]
    level: int | None
    start_date: date | None
    end_date: date | None
    form: str
    city: str
    price: int
    url: str
    annotation: str
    new_competence: bool


class ProgrammePage(BaseModel):
    items: list[Programme]
    next_page_token: str


class SuggestedProgramme(Programme):
    """A programme that closes a gap in time, and why it is shown."""

    cycle: str
    specialty: str
    closes_hours: int
    remaining_hours: int
    credited_on: date
    reason: str


class SuggestionPage(BaseModel):
    items: list[SuggestedProgramme]
    cycles: list[dict[str, Any]]
    attestations: list[dict[str, Any]]
    next_page_token: str


class CalendarLink(BaseModel):
    """Where calendar programs read the feed; shown once."""

    url: str


class StaffEducation(BaseModel):
    items: list[dict[str, Any]]
    next_page_token: str
