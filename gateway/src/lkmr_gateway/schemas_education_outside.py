"""Codes, confirmations, kept notices, reports of `/api/v1/education`, for OpenAPI."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lkmr_gateway.schemas_education import ActivityKind, EducationCertificate


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


class BuildProgress(BaseModel):
    """How many of the staff are counted in a report that is being built."""

    done: int
    total: int


class Report(BaseModel):
    """A report for the regional health authority.

    A single one has `content` with the figures, null until it is built.
    """

    model_config = ConfigDict(extra="allow")

    id: str
    organization: dict[str, str]
    period_start: date
    period_end: date
    version: int
    replaces: str | None
    state: Literal[
        "QUEUED",
        "BUILDING",
        "VALIDATED",
        "HAS_ERRORS",
        "SIGNED",
        "SENT",
        "ACCEPTED",
        "REJECTED",
        "CORRECTED",
    ]
    state_label: str
    progress: BuildProgress | None
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
    """Fields read out of a file, for the person to check.

    `picture`: they were recognised in a photo or scan; `reads_pictures`: whether that can be done.
    """

    proposed: ProposedFields
    read: bool
    picture: bool
    reads_pictures: bool
