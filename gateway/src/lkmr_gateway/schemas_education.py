"""Answers and bodies of `/api/v1/education`, for OpenAPI."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ActivityKind = Literal[
    "PK", "RETRAINING", "DISTANCE", "EVENT", "SEMINAR", "WEBINAR", "CONFERENCE", "IOM", "OTHER"
]
ActivityState = Literal[
    "PLANNED",
    "APPLIED",
    "EMPLOYER_REVIEW",
    "PROVIDER_REVIEW",
    "ENROLLED",
    "RESCHEDULED",
    "IN_PROGRESS",
    "COMPLETED_CLAIMED",
    "CONFIRMED",
    "REJECTED_DOC",
    "FAILED",
    "CANCELLED",
    "REJECTED",
]
Verdict = Literal["COUNTED", "WAITING", "NOT_COUNTED"]
Check = Literal[
    "NOT_CHECKED", "WAITING", "FOUND", "NOT_FOUND", "MISMATCH", "ANNULLED", "SOURCE_DOWN"
]


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """The description of a JSON body that the route reads itself."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": kind.model_json_schema()}},
        }
    }


class NewActivity(BaseModel):
    """An activity to be registered; kind, title, organiser and first day are required."""

    model_config = ConfigDict(extra="forbid")

    kind: ActivityKind
    title: Annotated[str, Field(max_length=500)]
    organizer: Annotated[str, Field(max_length=500)]
    start_date: date
    end_date: date | None = None
    hours: Annotated[int, Field(ge=1, le=2000)] | None = None
    specialty: str = ""
    form: Literal["", "FULL_TIME", "PART_TIME", "DISTANCE"] = ""
    place: str = ""
    level: Annotated[int, Field(ge=1, le=9)] | None = None


class ActivityStep(BaseModel):
    """The state to go to; with days it is a move to other dates."""

    model_config = ConfigDict(extra="forbid")

    to: ActivityState
    reason: str = ""
    start_date: date | None = None
    end_date: date | None = None


class NewCertificate(BaseModel):
    """The document that was received; number and day of issue are required."""

    model_config = ConfigDict(extra="forbid")

    number: str
    issue_date: date
    type: Literal["", "CPD_CERTIFICATE", "RETRAINING_DIPLOMA", "PARTICIPANT"] = ""
    series: str = ""
    issuer: str = ""
    hours: int | None = None


class CreditVerdict(BaseModel):
    """What became of the hours and why."""

    verdict: Verdict
    reason: str
    explanation: str
    counted_hours: int
    unverified: bool


class CreditLine(CreditVerdict):
    """The hours of one activity with the document and check that they rest on."""

    activity: str
    title: str
    kind: ActivityKind
    end_date: date
    hours: int
    certificate: str | None
    check: Check | None
    check_time: datetime | None
    method: str | None
    confirm_time: datetime | None


class CycleYear(BaseModel):
    start_date: date
    end_date: date
    programme_hours: int
    portal_units: int
    waiting_hours: int
    target_units: int


class HoursFigures(BaseModel):
    """Counted and missing hours of a cycle."""

    sufficient: bool
    variant: str
    sentence: str
    counted_hours: int
    required_hours: int
    missing_hours: int
    programme_hours: int
    required_programme_hours: int
    missing_programme_hours: int
    portal_units: int
    waiting_hours: int
    unverified_hours: int
    percent: int


class MainFigures(HoursFigures):
    specialty: str


class EducationCycle(HoursFigures):
    """A cycle with its calculation."""

    id: str
    specialty: str
    specialty_code: str
    state: Literal["OPEN", "CLOSED", "SUPERSEDED"]
    start_date: date
    end_date: date | None
    basis: str
    days_left: int | None
    pace: Literal["GREEN", "YELLOW", "RED"]
    expected_hours: int
    behind_hours: int
    years: list[CycleYear]
    source: str
    calculation: list[CreditLine]


class EducationWarning(BaseModel):
    """A warning W-EDU-NN."""

    id: str
    text: str
    todo: str
    cycle: str
    about: list[str]
    severe: bool


class RecordSource(BaseModel):
    fetch_time: datetime | None
    stale: bool


class EducationSummary(BaseModel):
    """Progress of all cycles; `main` are the figures of the nearest one."""

    main: MainFigures | None
    cycles: list[EducationCycle]
    warnings: list[EducationWarning]
    not_credited: list[CreditLine]
    record: RecordSource
    as_of: date


class EducationCertificate(BaseModel):
    id: str
    activity: str
    type: str
    type_label: str
    issuer: str
    series: str
    number: str
    issue_date: date
    hours: int | None
    origin: str
    check: Check
    check_label: str
    check_fields: list[str]
    check_time: datetime | None
    has_file: bool
    create_time: datetime


class CertificatePage(BaseModel):
    items: list[EducationCertificate]
    next_page_token: str


class EducationActivity(BaseModel):
    """An activity; `credit` tells what became of its hours."""

    model_config = ConfigDict(extra="allow")

    id: str
    kind: ActivityKind
    title: str
    organizer: str
    start_date: date
    end_date: date
    hours: int | None
    specialty: str
    form: str
    place: str
    level: int | None
    source: str
    state: ActivityState
    state_label: str
    reason: str
    version: int
    next_states: list[str]
    create_time: datetime
    update_time: datetime
    credit: dict[str, Any]
    certificate: EducationCertificate | None
    confirmation: dict[str, Any] | None


class ActivityPage(BaseModel):
    items: list[EducationActivity]
    next_page_token: str


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


class CodeTyped(BaseModel):
    """A code of an event (ИКП)."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=100)]


class CodeTaken(BaseModel):
    """The portal's yes; the credit comes by its own notice."""

    answer: Literal["ACCEPTED"]
    hours: int
    sentence: str


class NewConfirmation(BaseModel):
    """A document of a worker for which the personnel office vouches, and why."""

    model_config = ConfigDict(extra="forbid")

    worker: str
    certificate: str
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ConfirmationItem(BaseModel):
    """A document that waits for the word of the personnel office, or has it."""

    model_config = ConfigDict(extra="allow")

    worker: str
    activity: str
    title: str
    kind: ActivityKind
    hours: int | None
    certificate: EducationCertificate
    confirmed: bool
    reason: str


class ConfirmationPage(BaseModel):
    items: list[ConfirmationItem]
    next_page_token: str


class KeptNotice(BaseModel):
    """A notice of the portal that was not believed; it names no person."""

    id: str
    notice: str
    study: str
    revision: int
    state: str
    kind: str
    hours: int
    start_date: str
    end_date: str
    specialty: str
    fault: str
    fault_label: str
    receive_time: datetime
    tries: int
    resolution: Literal["", "APPLIED", "REPEATED", "DISMISSED"]
    resolved_by: str
    resolve_time: datetime | None


class KeptNoticePage(BaseModel):
    items: list[KeptNotice]
    waiting: int
    next_page_token: str


class NewReport(BaseModel):
    """A period, or the rejected report that a corrected version follows."""

    model_config = ConfigDict(extra="forbid")

    period_start: date | None = None
    period_end: date | None = None
    replaces: str = ""


class Report(BaseModel):
    """A report for the regional health authority; a single one has `content` with the figures."""

    model_config = ConfigDict(extra="allow")

    id: str
    organization: dict[str, str]
    period_start: date
    period_end: date
    version: int
    replaces: str | None
    state: Literal["VALIDATED", "HAS_ERRORS", "SIGNED", "SENT", "ACCEPTED", "REJECTED", "CORRECTED"]
    state_label: str
    send_asked: bool
    errors: list[dict[str, str]]
    number: str
    reason: str
    receipt: dict[str, Any] | None
    create_time: datetime
    sign_time: datetime | None
    update_time: datetime


class ReportPage(BaseModel):
    items: list[Report]
    next_page_token: str


class ProposedFields(BaseModel):
    """What may stand in a document; empty where its text does not tell."""

    number: str
    series: str
    issue_date: str
    hours: str


class CertificateProposal(BaseModel):
    """Fields read out of a file, for the person to check; `read` is false for a picture."""

    proposed: ProposedFields
    read: bool


def file_body() -> dict[str, Any]:
    """The description of a form with one file that the route reads itself."""
    form = {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    }
    content = {"multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}
