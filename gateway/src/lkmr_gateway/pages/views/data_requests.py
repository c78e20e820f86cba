"""Requests about personal data, as their person and as the officer sees them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from lkmr_gateway.pages.views.administration import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestItem:
    """A request: kind, state and outcome in words; `person` on the page of the officer only."""

    id: str
    number: int
    kind: str
    state: str
    open: bool
    text: str
    time: datetime
    due: date
    extend_reason: str = ""
    answer: str = ""
    outcome: str = ""
    answer_time: datetime | None = None
    person: str = ""
    late: bool = False
    erasure: bool = False
    ends: str = ""
    ordered: datetime | None = None
    waits_for: tuple[str, ...] = ()
    act: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureAct:
    """What the act says; `destroyed` with how much, `kept` with ground and term."""

    account: str
    operator: str
    address: str
    system: str
    reason: str
    method: str
    done_time: datetime
    keep_until: date
    destroyed: tuple[tuple[str, int], ...]
    kept: tuple[tuple[str, str, str], ...]
    journal: tuple[tuple[int, datetime, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureActView:
    """`/erasure-acts/{erasure}`: the act with its signature, or what it waits for."""

    template: ClassVar[str] = "erasure_act.html"
    id: str
    ordered: datetime
    waits_for: tuple[str, ...]
    act: ErasureAct | None = None
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestsView:
    """`/data-requests`: own ones and the form of a new one."""

    template: ClassVar[str] = "data_requests.html"
    items: tuple[DataRequestItem, ...] = ()
    kinds: tuple[Choice, ...] = ()
    typed: dict[str, str] = field(default_factory=dict)
    error: str = ""
    error_code: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestsToAnswerView:
    """`/admin/data-requests`: what is due first."""

    template: ClassVar[str] = "admin_data_requests.html"
    items: tuple[DataRequestItem, ...] = ()
    failed: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    error: str = ""
    error_code: str = ""
    notice: str = ""
