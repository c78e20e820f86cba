"""Delegation, emergency access, policies of security."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from lkmr_gateway.pages.views.administration import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOutcome:
    """What became of a form: done (`notice`), or refused, with what was typed into it."""

    typed: dict[str, str] = field(default_factory=dict)
    error: str = ""
    error_code: str = ""
    error_field: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationItem:
    """Who acts for whom; `given` tells that the reader gave it."""

    id: str
    given: bool
    role: str
    giver: str
    delegate: str
    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationsView(FormOutcome):
    """`/delegations`: the form is for heads."""

    template: ClassVar[str] = "delegations.html"
    items: tuple[DelegationItem, ...] = ()
    may_give: bool = False
    today: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyItem:
    """An access to one card; `result` in words, empty before the review."""

    id: str
    card: str
    why: str
    reason: str
    start_time: datetime
    expire_time: datetime
    open: bool
    due: date
    result: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyView(FormOutcome):
    """`/emergency-access`: one card is opened, one reason given."""

    template: ClassVar[str] = "emergency.html"
    items: tuple[EmergencyItem, ...] = ()
    reasons: tuple[Choice, ...] = ()
    may_start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyReviewView:
    """`/admin/emergency-access`: what a head reviews."""

    template: ClassVar[str] = "admin_emergency.html"
    items: tuple[EmergencyItem, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDecisionItem:
    """A value from a day on, who decided it and why."""

    value: str
    effective_date: date
    time: datetime
    person: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyItem:
    """A threshold, or one of `choices` (value and words).

    `value` is that of today in words, empty when another file says it; `everywhere` says whether
    the reader decides for all organisations.
    """

    key: str
    words: str
    source: str
    least: int
    most: int
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    everywhere: bool = True
    decisions: tuple[PolicyDecisionItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesView:
    """`/admin/policies`; `failed` is the key of a form that was refused, `typed` what it said."""

    template: ClassVar[str] = "admin_policies.html"
    items: tuple[PolicyItem, ...] = ()
    today: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    failed: str = ""
    error: str = ""
    error_code: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressItem:
    """An address of the cabinet that people of an organisation sign in at."""

    id: str
    organization: str
    origin: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressesView:
    """`/admin/redirect-addresses`."""

    template: ClassVar[str] = "admin_addresses.html"
    items: tuple[AddressItem, ...] = ()
    organizations: tuple[Choice, ...] = ()
    may_change: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    error: str = ""
    error_code: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSessionItem:
    """A session of anybody; `person_id` and `id` name it for its end."""

    id: str
    person_id: str
    person: str
    account_number: str
    device: str
    place: str
    profile: str
    start_time: datetime
    active_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSessionsView:
    """`/admin/sessions`."""

    template: ClassVar[str] = "admin_sessions.html"
    items: tuple[OpenSessionItem, ...] = ()
    notice: str = ""
