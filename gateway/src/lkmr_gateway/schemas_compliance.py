"""Compliance, staff and law as the JSON API describes them."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from lkmr_gateway.schemas import Query, Source

Verdict = Literal["OK", "WARN", "FAIL", "UNKNOWN"]
Actor = Literal["WORKER", "HR", "HEAD", "PROVIDER", "REGISTER", "CABINET", "NOBODY"]
Admission = Literal["CAN_WORK", "EXPIRING", "CANNOT_WORK", "NOT_CHECKED", "BEHIND"]
FORMATS = ("xlsx", "csv", "pdf")


class StaffQuery(Query):
    """Filters of the board of staff."""

    family_name: str = Field("", max_length=100)
    department: str = Field("", max_length=300)
    specialty: str = Field("", max_length=300)
    admission: Literal["", "CAN_WORK", "EXPIRING", "CANNOT_WORK", "NOT_CHECKED", "BEHIND"] = ""

    def filter(self) -> dict[str, str]:
        """The fields of the filter."""
        return {
            "family_name": self.family_name,
            "department": self.department,
            "specialty": self.specialty,
            "admission": self.admission,
        }


class StaffPageQuery(StaffQuery):
    """Filters and place of a page."""

    page_size: int = Field(0, ge=0, le=200)
    page_token: str = Field("", max_length=512)


class StaffFileQuery(StaffQuery):
    """Filters and form of a file."""

    format: Literal["xlsx", "csv", "pdf"] = "xlsx"


class PageQuery(Query):
    """The place of a page."""

    page_size: int = Field(0, ge=0, le=200)
    page_token: str = Field("", max_length=512)


class Line(BaseModel):
    """A line of a calculation; `counted` is null where nothing is counted."""

    text: str
    value: str
    counted: bool | None
    reason: str


class Finding(BaseModel):
    """What a rule found about one specialty, post or document."""

    verdict: Verdict
    subject: str
    reason: str
    todo: str
    actor: Actor
    deadline: date | None
    calculation: list[Line]


class Rule(Finding):
    """A rule of compliance with the worst of its findings."""

    id: str
    title: str
    source: str
    findings: list[Finding]


class Missing(BaseModel):
    """One thing that stands between a worker and the next accreditation."""

    what: str
    text: str
    amount: int | None
    todo: str
    actor: Actor
    deadline: date | None


class GrowthPoint(BaseModel):
    date: date
    hours: int


class Hours(BaseModel):
    """Academic hours towards the next accreditation."""

    counted: int
    needed: int
    programme: int
    needed_programme: int
    portal: int
    waiting: int
    missing: int
    missing_programme: int
    complete: bool
    expected: int
    start_date: date
    end_date: date
    growth: list[GrowthPoint]


class Standing(BaseModel):
    """Where a worker stands in one specialty; `hours` is null while they are not known."""

    specialty: str
    accreditation: str | None
    state: str | None
    record_date: date | None
    expire_date: date | None
    days_left: int | None
    can_work: bool
    window_open_date: date | None
    safe_submit_date: date | None
    hours_reason: str
    hours: Hours | None


class Discrepancy(BaseModel):
    """A contradiction between registers, profile and documents, and who corrects it."""

    kind: str
    subject: str
    text: str
    expected: str
    found: str
    corrected_by: Actor
    todo: str
    found_date: date


class Compliance(BaseModel):
    """What exactly is missing until the next accreditation, and by which day."""

    sentence: str
    verdict: Verdict
    missing: list[Missing]
    deadline: date | None
    safe_submit_date: date | None
    window_open_date: date | None
    date: date
    specialties: list[Standing]
    rules: list[Rule]
    discrepancies: list[Discrepancy]
    source: Source


class Course(BaseModel):
    """A course that is not taken yet; `kind` is PK, EVENT, IOM or another kind of activity."""

    title: str = ""
    specialty: str = ""
    kind: str = "PK"
    hours: int
    end_date: str = ""


class Courses(BaseModel):
    """What if these courses were taken."""

    courses: list[Course]


class Before(BaseModel):
    sentence: str
    verdict: Verdict
    missing: list[Missing]


class Simulated(Compliance):
    """Compliance as it would be, with what it is now."""

    courses: list[Course]
    before: Before


class Counts(BaseModel):
    """How many may work; `expiring` within 90 days, `window` within 180."""

    total: int
    can_work: int
    expiring: int
    cannot_work: int
    not_checked: int
    behind: int
    extended: int
    window: int


class CountedGroup(Counts):
    name: str


class StaffJob(BaseModel):
    position: str
    specialty: str
    department: str


class StaffMember(BaseModel):
    """A member of staff."""

    worker: str
    name: str
    family_name: str
    given_name: str
    patronymic: str
    jobs: list[StaffJob]
    specialties: list[str]
    admission: Admission
    expire_date: date | None
    days_left: int | None
    extended: bool
    hours: int | None
    hours_missing: int | None
    hours_waiting: int | None
    behind: bool
    verdict: Verdict
    failed_rules: list[str]
    reason: str
    todo: str
    actor: Actor
    deadline: date | None


class StaffOrganization(BaseModel):
    oid: str
    name: str
    region: str


class StaffBoard(BaseModel):
    """A page of the board; those who see totals only get `groups` and no `items`."""

    scope: Literal["DEPARTMENT", "ORGANIZATION", "TOTALS"]
    organization: StaffOrganization
    department: str
    date: date
    counts: Counts
    items: list[StaffMember]
    groups: list[CountedGroup]
    departments: list[str]
    specialties: list[str]
    next_page_token: str


class StaffDetail(Compliance):
    """Compliance of a member of staff."""

    member: StaffMember


class StaffSource(BaseModel):
    """When the register was last heard to its end; `stale` when that is too long ago."""

    system: str
    fetch_time: datetime | None
    stale: bool


class ExpiredDocuments(BaseModel):
    """How many documents of a kind are over, without a later one."""

    kind: str
    title: str
    count: int


class StaffReport(BaseModel):
    """RPT-COMPL: compliance with norms. `not_reported` are parts that other sections bring."""

    report: str
    date: date
    source: StaffSource
    organization: StaffOrganization
    department: str
    counts: Counts
    by_group: list[CountedGroup]
    by_specialty: list[CountedGroup]
    expired: list[StaffMember]
    missing: list[StaffMember]
    behind: list[StaffMember]
    waiting_register: list[StaffMember]
    violations: list[StaffMember]
    documents_expired_by_type: list[ExpiredDocuments]
    not_reported: list[str]


class LawChange(BaseModel):
    """A change of law with its dates."""

    id: str
    title: str
    text: str
    todo: str
    source: str
    announce_date: date
    effective_date: date
    in_force: bool
    keys: list[str]
    roles: list[str]


class LawChangePage(BaseModel):
    items: list[LawChange]
    next_page_token: str
