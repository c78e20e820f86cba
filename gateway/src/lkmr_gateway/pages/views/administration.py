"""Pages of administrators: people and roles, requests, incidents, leaks."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lkmr_gateway.pages.views.frame import Tone, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleItem:
    """A role of a person; `effective` while it counts, `source` in words."""

    id: str
    organization: str
    role: str
    position: str
    source: str
    effective: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonItem:
    """A person; `state` in words with its tone, `checked` once a card of ФРМР was read."""

    id: str
    name: str
    account_number: str
    state: str
    tone: Tone
    blocked: bool
    code_locked: bool
    checked: bool = True
    roles: tuple[RoleItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActItem:
    """What an administrator did, in words, and why; `actor` is the id of that person."""

    time: datetime
    words: str
    actor: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultItem:
    """What went wrong for a person: the code that was shown, its cause in words."""

    time: datetime
    code: str
    cause: str
    operation: str
    trace_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value of a list with its words."""

    value: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleView:
    """`/admin/people`."""

    template: ClassVar[str] = "admin_people.html"
    items: tuple[PersonItem, ...] = ()
    query: str = ""
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """`/admin/people/{person}`; forms are shown to those who may use them."""

    template: ClassVar[str] = "admin_person.html"
    person: PersonItem
    in_register: bool = False
    employee_number: str = ""
    acts: tuple[ActItem, ...] = ()
    faults: tuple[FaultItem, ...] = ()
    session_count: int = 0
    organizations: tuple[Choice, ...] = ()
    roles: tuple[Choice, ...] = ()
    may_assign: bool = False
    may_change: bool = False
    may_block: bool = False
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestItem:
    """A role that somebody asked for."""

    id: str
    person: str
    organization: str
    role: str
    reason: str
    requester: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsView:
    """`/admin/requests`: what waits for the decision of a head."""

    template: ClassVar[str] = "admin_requests.html"
    items: tuple[RequestItem, ...] = ()
    notice: str = ""
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentItem:
    """An incident: kind and state in words; person empty for readers without identity."""

    id: str
    number: int
    kind: str
    tone: Tone
    severity: str
    state: str
    time: datetime
    organization: str
    person: str = ""
    session: str = ""
    closed: bool = False
    facts: tuple[str, ...] = ()
    resolution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsView:
    """`/admin/incidents`."""

    template: ClassVar[str] = "admin_incidents.html"
    items: tuple[IncidentItem, ...] = ()
    only_open: bool = True
    may_work: bool = False
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakClock:
    """A notice to the supervisor: due when, done when, what was told."""

    step: str
    title: str
    due: datetime
    done: datetime | None
    text: str
    open: bool
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """`/admin/incidents/{incident}`."""

    template: ClassVar[str] = "admin_incident.html"
    item: IncidentItem
    clocks: tuple[LeakClock, ...] = ()
    leak: tuple[Choice, ...] = ()
    may_work: bool = False
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakField:
    """A field of the form: its name, its words, what was typed."""

    name: str
    word: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakView:
    """`/admin/leaks/new`: the form of a leak; what was typed stays."""

    template: ClassVar[str] = "admin_leak.html"
    fields: tuple[LeakField, ...] = ()
    discover_date: str = ""
    discover_clock: str = ""
    fault: str = ""
