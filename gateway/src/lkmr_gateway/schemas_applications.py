"""Applications as the JSON API describes them."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from lkmr_gateway.schemas import Query

FormId = Literal["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"]
State = Literal[
    "DRAFT",
    "REPORT_APPROVAL",
    "SUBMITTED",
    "REGISTERED",
    "FAC_CHECK",
    "RETURNED",
    "NOT_ADMITTED",
    "CAC_REVIEW",
    "PASSED",
    "FAILED",
    "APPEAL_FILED",
    "APPEAL_GRANTED",
    "APPEAL_DENIED",
    "RECORDED",
    "UNKNOWN_EXTERNAL",
    "CONSENT_ASKED",
    "EXTRACT_REQUESTED",
    "READY",
    "IN_WORK",
    "DONE",
    "REFUSED",
    "WITHDRAWN",
    "EXPIRED",
    "DELETED",
]
WorkerAct = Literal[
    "SUBMIT", "ASK_AGREEMENT", "REVISE", "WITHDRAW", "APPEAL", "DELETE", "GRANT", "DENY"
]
StaffAct = Literal["AGREE", "REFUSE_AGREEMENT", "TAKE", "FINISH", "REFUSE", "DOWNLOAD"]
Agreement = Literal["NONE", "AGREED", "REFUSED", "NOT_NEEDED"]


class ApplicationQuery(Query):
    """The place of a page."""

    page_size: int = Field(0, ge=0, le=200)
    page_token: str = Field("", max_length=512)


class FieldOfForm(BaseModel):
    """A question; `when` names another field and the value with which this one is asked."""

    name: str
    label: str
    type: Literal["text", "long", "tel", "email", "date", "choice", "tick"]
    required: bool
    hint: str
    options: dict[str, str]
    when: list[str] | None
    asked: bool
    value: str


class SectionOfForm(BaseModel):
    """Questions of one page."""

    id: str
    title: str
    complete: bool
    begun: bool
    fields: list[FieldOfForm]


class Form(BaseModel):
    """A built-in form; acts (F2, F6, F7) are not begun by themselves."""

    id: FormId
    title: str
    summary: str
    who: list[str]
    begun_by_itself: bool
    sections: list[SectionOfForm]


class FormList(BaseModel):
    items: list[Form]


class ApplicationItem(BaseModel):
    """An application in a list; `limit_date` is the last day of the present step."""

    id: str
    form: FormId
    title: str
    specialty: str
    state: State
    state_text: str
    version: int
    file_set: int
    create_time: datetime
    update_time: datetime
    state_time: datetime
    limit_date: date | None
    registration_number: str
    waiting_for_center: bool
    acts: list[WorkerAct]


class ApplicationPage(BaseModel):
    items: list[ApplicationItem]
    next_page_token: str


class Piece(BaseModel):
    """A piece of the portfolio."""

    code: str
    title: str
    readiness: Literal["READY", "WAITING", "MISSING", "NOT_NEEDED", "UNKNOWN"]
    detail: str
    todo: str


class ReportState(BaseModel):
    """What became of the report; `signature` is a JWS over digest and decision.

    `decided_as` is the role of the head who decided.
    """

    agreement: Agreement
    decide_time: datetime | None
    reason: str
    signature: str
    decided_as: str = ""
    excused: bool = False


class CenterWords(BaseModel):
    """What the accreditation centre said last, in its own words."""

    state: str
    text: str
    registration_number: str
    registered_on: date | None
    meeting_on: date | None
    protocol_number: str
    protocol_on: date | None
    protocol_url: str
    remarks: list[str]


class ApplicationStep(BaseModel):
    actor: Literal["WORKER", "HEAD", "HR", "CENTER", "COMMISSION", "REGISTER", "CABINET"]
    before: State
    after: State
    after_text: str
    reason: str
    file_set: int
    time: datetime


class Application(ApplicationItem):
    """One application with form, portfolio and history; the ETag is its version."""

    sections: list[SectionOfForm]
    portfolio: list[Piece]
    missing: list[Piece]
    complete: bool
    report: ReportState
    center: CenterWords
    delivery: dict[str, Any]
    jobs: list[dict[str, Any]]
    asked_by: str
    consent_until: date | None
    history: list[ApplicationStep]


class StaffApplicationItem(BaseModel):
    """What waits for a decision."""

    id: str
    form: FormId
    title: str
    worker_name: str
    specialty: str
    state: State
    state_text: str
    version: int
    state_time: datetime
    limit_date: date | None
    acts: list[StaffAct]


class StaffApplicationPage(BaseModel):
    items: list[StaffApplicationItem]
    next_page_token: str


class StaffApplication(StaffApplicationItem):
    """What has to be decided, nothing else of the application."""

    fields: list[FieldOfForm]
    report: ReportState
    history: list[ApplicationStep]


class NewApplication(BaseModel):
    """What begins an application; `answers` may hold fields of the form already."""

    form: FormId
    specialty: str = ""
    answers: dict[str, str] = {}


class NewStaffApplication(NewApplication):
    """What personnel begins for a member of the staff: F8 is done at once, F3 asks for consent."""

    worker: str


class Answers(BaseModel):
    """Answers by name of field; others stay as they are."""

    answers: dict[str, str]


class Act(BaseModel):
    """A step; an appeal and a refusal need a reason."""

    reason: str = ""


class Decision(BaseModel):
    """The decision of a head about a report; a refusal needs a reason."""

    decision: Literal["AGREE", "REFUSE"]
    reason: str = ""
