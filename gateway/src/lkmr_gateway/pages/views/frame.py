"""The frame around pages, what several of them show, and the pages of refusals."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

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
    `closed` are pages that this person may not open: no link leads there.
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
    banners: tuple[Banner, ...] = ()
    session: SessionClock | None = None
    closed: frozenset[str] = frozenset()

    def may(self, page: str) -> bool:
        """Whether a link to this page has a sense."""
        return page not in self.closed

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
class RefusedView:
    """A sign-in that was refused, with what to do. `portal` opens the page where it is mended.

    `retry_seconds` is when the page tries again by itself, 0 when it does not.
    """

    template: ClassVar[str] = "refused.html"
    fault: Fault
    retry_href: str = "/auth/login"
    retry_seconds: int = 0
    portal: Link | None = None
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
