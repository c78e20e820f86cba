"""What the pages are told: one frozen view for each template, and the frame around them.

Every moment is aware; pages show it in the time zone of `Chrome.now`. Texts from services and from
the catalogue of codes come as they are; the templates put in the no-break spaces.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal
from urllib.parse import quote, urlencode

Tone = Literal["ok", "info", "warn", "bad", "mute"]
SystemCondition = Literal["UP", "DOWN", "MAINTENANCE", "OVERLOADED", "UNKNOWN"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link with its words."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """An entry of the section menu; only sections that exist and that the role may open."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChoice:
    """A job under which one may work. `value` is `<organisation id>/<ROLE>`; role in words."""

    value: str
    organization: str
    organization_short: str
    role: str
    department: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """One thing above the page that blocks or limits work."""

    tone: Tone
    title: str
    text: str = ""
    action: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClock:
    """When the session ends: after idleness in seconds, and for good (eight hours)."""

    idle_seconds: int
    expire_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """The frame around a page. `person` is the short name («Петров И. А.»); empty: not signed in.

    `path` is the address of the page with its query, `now` the moment in the zone to be shown.
    """

    now: datetime
    nonce: str
    path: str = "/"
    csrf_token: str = ""
    person: str = ""
    account_number: str = ""
    organization: str = ""
    role: str = ""
    profiles: tuple[ProfileChoice, ...] = ()
    sections: tuple[Section, ...] = ()
    unread_count: int = 0
    banner: Banner | None = None
    session: SessionClock | None = None

    @property
    def today(self) -> date:
        """The day of `now` in its own zone."""
        return self.now.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemState:
    """The state of one system: condition, since when, and what it means for the person."""

    name: str
    condition: SystemCondition
    since: datetime | None = None
    until: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A refusal or a fault as the catalogue words it; `differing_fields` only for IDENT codes.

    Names of fields: name, birth_date, policy_number. `support_href` stays empty while there is no
    page that it could open.
    """

    status: int
    code: str
    title: str
    detail: str
    instruction: tuple[str, ...]
    time: datetime
    trace_id: str
    account_number: str = ""
    differing_fields: tuple[str, ...] = ()
    support_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInView:
    """`/` without a session; `notice` explains why one ended, with the code if there is one."""

    template: ClassVar[str] = "sign_in.html"
    systems: tuple[SystemState, ...] = ()
    check_time: datetime | None = None
    return_to: str = ""
    notice: Banner | None = None
    notice_code: str = ""

    @property
    def login_href(self) -> str:
        """Where the only sign-in begins."""
        return "/auth/login" + (f"?return_to={quote(self.return_to)}" if self.return_to else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """`/auth/profile`: POST there with radio `profile` and `csrf_token`."""

    template: ClassVar[str] = "profile.html"
    profiles: tuple[ProfileChoice, ...]
    greeting_name: str = ""
    error: str = ""
    error_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeView:
    """`/auth/code`: POST there with `code`; POST `/auth/code/resend` for a new one."""

    template: ClassVar[str] = "code.html"
    phone_masked: str
    expire_time: datetime
    attempts_left: int
    resend_time: datetime
    error: str = ""
    error_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationView:
    """`/auth/activation`: the account waits for activation."""

    template: ClassVar[str] = "activation.html"
    greeting_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedView:
    """A sign-in that was refused, with what to do. `gosuslugi_href` opens the ESIA profile."""

    template: ClassVar[str] = "refused.html"
    fault: Fault
    retry_href: str = "/auth/login"
    gosuslugi_href: str = ""
    status_href: str = "/status"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """Any other fault; `action` is the one next step, as «На главную»."""

    template: ClassVar[str] = "error.html"
    fault: Fault
    action: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedView:
    """403: a section that is closed to the role, for whom it is open, whom to ask."""

    template: ClassVar[str] = "closed.html"
    fault: Fault
    section: str
    open_to: tuple[str, ...]
    ask: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheckView:
    """`/help/sign-in`. `last_fault` is the last refusal of this browser, if it is known.

    `tls_version` as «TLS 1.3», empty over plain HTTP; `browser` as «Firefox 131».
    """

    template: ClassVar[str] = "self_check.html"
    systems: tuple[SystemState, ...] = ()
    check_time: datetime | None = None
    tls_version: str = ""
    browser: str = ""
    last_fault: Fault | None = None
    gosuslugi_href: str = ""
    recovery_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where data came from and when; `stale` when it is older than 24 h."""

    system: str
    version: str
    fetch_time: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationItem:
    """One register entry as the list of the JSON API gives it; `organizations` are names."""

    id: str
    specialty: str
    kind: str
    state: str
    registry_number: str
    record_date: date | None
    expire_date: date | None
    days_left: int | None
    organizations: tuple[str, ...]
    source: Source

    @property
    def href(self) -> str:
        """The page of the entry."""
        return f"/accreditations/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """A part of a page that could not be filled: what and why in words, with the code."""

    text: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A row of «Требует действий»: what, by which day, why, one button."""

    title: str
    href: str
    why: str
    action: str
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageItem:
    """A message of the inbox; `kind` and `link` as in the JSON API."""

    id: str
    kind: str
    title: str
    text: str
    create_time: datetime
    read_time: datetime | None = None
    link: str = ""

    @property
    def href(self) -> str:
        """The page of the message."""
        return f"/messages/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """«Главная». `accreditations` is None where the role has no right to the section.

    `greeting_name` is given name and patronymic. Tiles are the sections a person may open.
    """

    template: ClassVar[str] = "home.html"
    greeting_name: str
    tasks: tuple[Task, ...] = ()
    accreditations: tuple[AccreditationItem, ...] | None = None
    accreditations_fault: Unavailable | None = None
    messages: tuple[MessageItem, ...] = ()
    messages_fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationListView:
    """`/accreditations?state=&specialty=&order_by=&page_token=`; the filters as they are set.

    `specialties` are the choices; when empty, the specialty is typed. `next_href` is empty on the
    last page, `first_href` on the first one.
    """

    template: ClassVar[str] = "accreditations.html"
    items: tuple[AccreditationItem, ...] = ()
    state: str = ""
    specialty: str = ""
    specialties: tuple[str, ...] = ()
    order_by: str = "-record_date"
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None

    def sort_href(self, order_by: str) -> str:
        """The first page of the same filters in another order."""
        asked = {"state": self.state, "specialty": self.specialty, "order_by": order_by}
        return "/accreditations?" + urlencode({key: value for key, value in asked.items() if value})

    @property
    def filtered(self) -> bool:
        """Whether a filter hides something."""
        return bool(self.state or self.specialty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An act that prolongs an entry beyond its printed day."""

    order: str
    source: str
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OldVersion:
    """An entry as it was until `replace_time`."""

    version: int
    replace_time: datetime
    kind: str
    specialty: str
    registry_number: str
    record_date: date | None
    expire_date: date | None
    annulled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationView:
    """`/accreditations/{id}`; `records` are all entries of the person, this one among them."""

    template: ClassVar[str] = "accreditation.html"
    item: AccreditationItem
    records: tuple[AccreditationItem, ...]
    extract_href: str
    version: int
    update_time: datetime
    specialty_code: str = ""
    education_level: str = ""
    commission: str = ""
    protocol_number: str = ""
    protocol_date: date | None = None
    printed_expire_date: date | None = None
    extension: Extension | None = None
    history: tuple[OldVersion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageListView:
    """`/messages?unread=true&page_token=`; reading is a POST to `/messages/{id}/read`."""

    template: ClassVar[str] = "messages.html"
    items: tuple[MessageItem, ...] = ()
    unread_count: int = 0
    unread_only: bool = False
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """`/messages/{id}`."""

    template: ClassVar[str] = "message.html"
    item: MessageItem


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionItem:
    """An open session: device as «Firefox, Windows», place in words or an address."""

    id: str
    device: str
    place: str
    start_time: datetime
    active_time: datetime
    expire_time: datetime | None = None
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInItem:
    """A sign-in or a refused attempt; `cause` is the title of `code` in the catalogue."""

    time: datetime
    device: str
    place: str
    allowed: bool
    code: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityView:
    """`/security`; a session is ended by a POST to `/security/sessions/{id}/end`."""

    template: ClassVar[str] = "security.html"
    sessions: tuple[SessionItem, ...] = ()
    history: tuple[SignInItem, ...] = ()
    notice: str = ""
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractContent:
    """What stands in an issued extract; the SNILS is masked, names of kinds as in the JSON API."""

    extract_id: str
    code: str
    create_time: datetime
    name: str
    birth_date: date
    snils: str
    specialty: str
    kind: str
    registry_number: str
    record_date: date | None
    expire_date: date | None
    effective_expire_date: date | None
    source_system: str
    source_version: str
    extension: str = ""
    commission: str = ""
    protocol_number: str = ""
    protocol_date: date | None = None
    organizations: tuple[tuple[str, str], ...] = ()
    annulled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyView:
    """`/verify/{code}`, open to everybody who has the code; `state` is that of today."""

    template: ClassVar[str] = "verify.html"
    content: ExtractContent
    matches_register: bool
    state: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    """One code of the catalogue."""

    code: str
    title: str
    detail: str
    instruction: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Id of the entry on the page of codes."""
        return self.code.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGroup:
    """Codes of one area, as «Вход»."""

    name: str
    codes: tuple[CodeEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesView:
    """`/help/codes`, open without sign-in."""

    template: ClassVar[str] = "codes.html"
    groups: tuple[CodeGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessibilityView:
    """`/accessibility`; `contact` is a mail address, empty when none is set."""

    template: ClassVar[str] = "accessibility.html"
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataView:
    """`/personal-data`: who processes what and why; `operator` names the organisation."""

    template: ClassVar[str] = "personal_data.html"
    operator: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLoad:
    """How far the load of the worker register has come."""

    loaded: int
    total: int
    update_time: datetime | None = None

    @property
    def percent(self) -> int:
        """Whole percents; 100 only when everything is loaded."""
        return self.loaded * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """`/status`; `gosuslugi_href` is the status page of the portal, if known."""

    template: ClassVar[str] = "status.html"
    systems: tuple[SystemState, ...] = ()
    check_time: datetime | None = None
    register_load: RegisterLoad | None = None
    gosuslugi_href: str = ""
