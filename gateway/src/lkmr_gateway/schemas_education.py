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
    """When jobs and admissions were asked for, and when the register last confirmed them."""

    fetch_time: datetime | None
    confirm_time: datetime | None = None
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
    in_register: bool
    check_hold: Literal["", "NO_CONSENT"] = ""
    has_file: bool
    scan: Literal["NOT_SCANNED", "NOTHING_FOUND"] | None
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
