"""Shapes of the JSON API, for its description and for reading queries."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar, cast, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lkmr_gateway.exchange import Refused
from lkmr_gateway.problems import problem
from lkmr_servicekit.errors import FieldFault

MAX_QUERY_FIELDS = 40


class State(StrEnum):
    """Computed states of an accreditation."""

    ACTIVE = "ACTIVE"
    EXPIRING = "EXPIRING"
    IN_RENEWAL = "IN_RENEWAL"
    EXTENDED = "EXTENDED"
    EXPIRED = "EXPIRED"
    ANNULLED = "ANNULLED"
    NOT_ADMITTED_YET = "NOT_ADMITTED_YET"


class Query(BaseModel):
    """Base of queries: a parameter that is not named here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Query):
    """A page of a list: 0 means 50 rows, above 200 is cut."""

    page_size: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    page_token: Annotated[str, Field(max_length=512)] = ""


class AccreditationQuery(PageQuery):
    """Which accreditations, in which order."""

    state: Annotated[list[State], Field(default_factory=list, max_length=7)]
    specialty: Annotated[str, Field(max_length=300)] = ""
    order_by: Literal["", "record_date", "-record_date", "expire_date", "-expire_date"] = ""


class MessageGroup(StrEnum):
    """What a message is about."""

    TERMS = "TERMS"
    DOCUMENTS = "DOCUMENTS"
    EDUCATION = "EDUCATION"
    EXCHANGE = "EXCHANGE"
    SCHEDULE = "SCHEDULE"
    CORRESPONDENCE = "CORRESPONDENCE"
    SECURITY = "SECURITY"
    NEWS = "NEWS"


class MessageQuery(PageQuery):
    """Which messages: a view, groups, words; `unread` is the view UNREAD."""

    unread: bool = False
    view: Literal["", "ALL", "UNREAD", "TASKS", "DONE"] = ""
    group: Annotated[list[MessageGroup], Field(default_factory=list, max_length=8)]
    query: Annotated[str, Field(max_length=200)] = ""


class AuditQuery(PageQuery):
    """Which acts. An operation that ends in a dot, or an object in a slash, is a beginning."""

    actor: Annotated[str, Field(max_length=100)] = ""
    operation: Annotated[str, Field(max_length=100)] = ""
    object: Annotated[str, Field(max_length=300)] = ""
    result: Literal["", "ALLOWED", "DENIED", "FAILED"] = ""
    organization: Annotated[str, Field(max_length=64)] = ""
    since: datetime | None = None
    until: datetime | None = None


class AccessLogQuery(PageQuery):
    """Which of the own entries; `others_only` leaves out what oneself did."""

    others_only: bool = False


Q = TypeVar("Q", bound=Query)
_UNKNOWN = "Такого параметра нет."


class NoQuery(Query):
    """No parameter at all."""


def read_query(kind: type[Q], query: bytes) -> Q:
    """The parameters of a request. Raises Refused with each parameter that does not fit."""
    if not query:
        return kind()
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=MAX_QUERY_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise Refused(
            problem("FIELDS_INVALID", errors=[FieldFault("query", "UNREADABLE")])
        ) from None
    given: dict[str, object] = {}
    repeated = {
        name for name, field in kind.model_fields.items() if get_origin(field.annotation) is list
    }
    faults: list[FieldFault] = []
    for name, value in pairs:
        if name in repeated:
            given[name] = [*cast("list[str]", given.get(name, [])), value]
        elif name in given:
            faults.append(FieldFault(name, "REPEATED", "Параметр указан дважды."))
        else:
            given[name] = value
    try:
        made = kind.model_validate(given)
    except ValidationError as fault:
        faults += [
            FieldFault(
                str(one["loc"][0]) if one["loc"] else "query",
                one["type"].upper(),
                _UNKNOWN if one["type"] == "extra_forbidden" else "Значение не подходит.",
            )
            for one in fault.errors(include_url=False, include_input=False)
        ]
    if faults:
        raise Refused(problem("FIELDS_INVALID", errors=faults))
    return made


def json_body(kind: type[BaseModel]) -> dict[str, Any]:
    """The description of a body that a route reads by itself."""
    schema = kind.model_json_schema()
    return {"requestBody": {"content": {"application/json": {"schema": schema}}, "required": True}}


class Person(BaseModel):
    id: str
    family_name: str
    given_name: str
    patronymic: str
    account_number: str


class Organization(BaseModel):
    id: str
    name: str
    short_name: str


class Profile(BaseModel):
    """A job to switch to; `name` is `<organisation id>/<ROLE>`."""

    name: str
    organization: Organization
    role: str
    position: str
    department: str


class LapsedEntry(BaseModel):
    """`end_date` is the last day; null for an annulled entry."""

    specialty: str
    end_date: date | None


class AccreditationLapse(BaseModel):
    """BLOCK: acts of practice are refused with LKMR-RBAC-006; WARN: it is only said."""

    mode: Literal["WARN", "BLOCK"]
    items: list[LapsedEntry]


class Session(BaseModel):
    """Who is signed in; `expire_time` is the absolute end, `idle_expire_time` the nearer one."""

    person: Person
    organization: Organization | None
    roles: list[str]
    emergency_expire_time: datetime | None
    accreditation_lapse: AccreditationLapse | None
    profiles: list[Profile]
    assurance: Literal["REDUCED", "SIGNED_IN", "STEPPED_UP"]
    expire_time: datetime
    idle_expire_time: datetime
    csrf_token: str


class SentCode(BaseModel):
    """A one-time code that was sent."""

    phone_masked: str
    expire_time: datetime
    attempts_left: int
    resend_time: datetime


class StepUp(BaseModel):
    """How the session can be proven anew; `code` is null while none is under way."""

    assurance: Literal["REDUCED", "SIGNED_IN", "STEPPED_UP"]
    step_up_expire_time: datetime | None
    password_required: bool
    passkey_offered: bool
    backup_code_offered: bool
    code: SentCode | None


class Confirmation(BaseModel):
    """What a person proves themselves with; `password` is that of the cabinet, if one is set."""

    code: str
    password: str = ""


class SteppedUp(BaseModel):
    """The session is proven until `step_up_expire_time`; its cookie has changed."""

    assurance: Literal["STEPPED_UP"]
    step_up_expire_time: datetime
    csrf_token: str


class Source(BaseModel):
    """Where data came from and when; `stale` when it is older than 24 h."""

    system: str
    version: str
    fetch_time: datetime
    stale: bool


class AccreditationOrganization(BaseModel):
    oid: str
    name: str


class Accreditation(BaseModel):
    """An entry of the federal register."""

    id: str
    name: str
    specialty: str
    kind: Literal["PRIMARY", "PRIMARY_SPECIALIZED", "PERIODIC", "CERTIFICATE"]
    state: State
    registry_number: str
    record_date: date | None
    expire_date: date | None
    days_left: int | None
    organizations: list[AccreditationOrganization]
    source: Source


class AccreditationPage(BaseModel):
    items: list[Accreditation]
    next_page_token: str


class Extension(BaseModel):
    order: str
    source: str
    valid_until: date


class OldVersion(BaseModel):
    version: int
    replace_time: datetime
    kind: str
    specialty: str
    registry_number: str
    record_date: date | None
    expire_date: date | None
    annulled: bool


class AccreditationDetail(Accreditation):
    """An entry with its history."""

    version: int
    specialty_code: str
    education_level: str
    commission: str
    protocol_number: str
    protocol_date: date | None
    printed_expire_date: date | None
    extension: Extension | None
    update_time: datetime
    history: list[OldVersion]


class MessageDelivery(BaseModel):
    """Word of a message on its way outside; `reason` says why it failed, without any contact."""

    channel: str
    state: str
    reason: str
    time: datetime


class Message(BaseModel):
    """A message of the inbox; `link` is a path in the cabinet.

    A `task` stays until it is done (`done_time`), by the person or by a fact (`done_by`).
    """

    id: str
    kind: str
    group: str
    title: str
    text: str
    why: str
    urgency: str
    task: bool
    deadline: date | None
    action: str
    owner: str
    create_time: datetime
    read_time: datetime | None
    done_time: datetime | None
    done_by: str
    link: str
    deliveries: list[MessageDelivery]


class MessageCounts(BaseModel):
    """How many messages there are; in the first page only."""

    all: int
    tasks: int
    done: int
    groups: dict[str, int]


class MessagePage(BaseModel):
    items: list[Message]
    next_page_token: str
    unread_count: int
    counts: MessageCounts | None


class OpenSession(BaseModel):
    id: str
    name: str
    current: bool
    device: str
    place: str
    start_time: datetime
    active_time: datetime


class SessionPage(BaseModel):
    """Open sessions and the last sign-ins."""

    model_config = ConfigDict(extra="allow")

    items: list[OpenSession]


class EndedSessions(BaseModel):
    """How many sessions were ended."""

    ended: int


class ConsentDecision(BaseModel):
    """A decision of the registry."""

    document: str
    version: str
    text_hash: str
    decision: Literal["GIVEN", "DECLINED", "WITHDRAWN"]
    time: datetime


class Consent(BaseModel):
    """A text in force and the last decision on it."""

    id: str
    kind: Literal["TERMS", "CONSENT"]
    version: str
    title: str
    purpose: str
    paragraphs: list[str]
    text_hash: str
    decision: Literal["GIVEN", "DECLINED", "WITHDRAWN"] | None
    decided_version: str | None
    decide_time: datetime | None


class OwnProfile(BaseModel):
    """The own account; contacts are masked."""

    account_number: str
    family_name: str
    given_name: str
    patronymic: str
    phone: str
    email: str
    password_set: bool
    consents: list[Consent]
    history: list[ConsentDecision]


class ConsentChoice(BaseModel):
    """Give a consent, or withdraw it."""

    decision: Literal["GIVEN", "WITHDRAWN"]


class FieldError(BaseModel):
    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """An error (RFC 9457): `code` is read out to support, `reason` is for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    reason: str
    instruction: list[str]
    actions: list[dict[str, str]]
    metadata: dict[str, str]
    retry_after: int
    trace_id: str
    time: datetime
    errors: list[FieldError] = Field(default_factory=list)


class AuditEvent(BaseModel):
    """An act. Names of people are not in it: `actor_account` is the number of the account."""

    seq: int
    id: str
    time: datetime
    actor: str
    actor_account: str
    roles: list[str]
    organization: str
    operation: str
    title: str
    object: str
    subject: str
    result: Literal["ALLOWED", "DENIED", "FAILED"]
    reason: str
    purpose: str
    basis: str
    session: str
    source: str
    trace_id: str
    device: str


class AuditPage(BaseModel):
    items: list[AuditEvent]
    next_page_token: str
    archived_before: date | None = Field(
        default=None, description="Первый день под рукой; более ранние записи лежат в архиве"
    )


class AccessActor(BaseModel):
    kind: Literal["SELF", "PERSON", "PROGRAM", "PARTNER", "UNKNOWN"]
    name: str


class AccessDisputed(BaseModel):
    create_time: datetime


class AccessEntry(BaseModel):
    """Who touched the data of the reader, or what the reader did."""

    id: str
    time: datetime
    actor: AccessActor
    automatic: bool
    role: str
    organization: str
    operation: str
    title: str
    object: str
    result: Literal["ALLOWED", "DENIED", "FAILED"]
    reason: str
    purpose: str
    basis: str
    device: str
    dispute: AccessDisputed | None


class AccessPage(BaseModel):
    items: list[AccessEntry]
    next_page_token: str
    archived_before: date | None = Field(
        default=None, description="Первый день под рукой; более ранние записи лежат в архиве"
    )


class AccessDispute(BaseModel):
    name: str
    create_time: datetime


class DisputeText(BaseModel):
    text: str = ""
