"""What is ahead in «Обучение (НМО)»: plan, catalogue, the staff of a head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.frame import Unavailable

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """The development plan; what was typed comes back. `calendar_url` is shown once."""

    template: ClassVar[str] = "education_plan.html"
    plan: Json | None
    may_change: bool
    notice: str = ""
    calendar_url: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None
    away: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogView:
    """Suggestions, and programmes that fit words."""

    template: ClassVar[str] = "education_catalog.html"
    query: str
    kind: str
    kinds: Mapping[str, str]
    found: Sequence[Json]
    suggestions: Json | None
    may_add: bool
    next_href: str = ""
    first_href: str = ""
    away: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffView:
    """Education of the staff, and what waits for the head's word."""

    template: ClassVar[str] = "education_staff.html"
    lines: Sequence[Json]
    may_agree: bool
    may_vouch: bool = False
    may_report: bool = False
    notice: str = ""
    next_href: str = ""
    first_href: str = ""
    fault: FormFault | None = None
    away: Unavailable | None = None
