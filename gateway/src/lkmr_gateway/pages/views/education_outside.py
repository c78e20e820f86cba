"""What others say about studies: documents to vouch for, notices that were not believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.frame import Unavailable

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationsView:
    """Documents of the staff that wait for the personnel office, and those it vouched for.

    What was typed comes back at the document `typed["certificate"]`.
    """

    template: ClassVar[str] = "education_confirmations.html"
    items: Sequence[Json]
    notice: str = ""
    next_href: str = ""
    first_href: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None
    away: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNoticesView:
    """Notices of the portal that were not believed, for operators."""

    template: ClassVar[str] = "education_kept.html"
    items: Sequence[Json]
    waiting: int
    resolved: bool
    notice: str = ""
    next_href: str = ""
    first_href: str = ""
    fault: FormFault | None = None
    away: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsView:
    """Reports of the organisation, and the form of a new one; what was typed comes back."""

    template: ClassVar[str] = "education_reports.html"
    items: Sequence[Json]
    may_build: bool
    next_href: str = ""
    first_href: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None
    away: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """One report: figures, controls, state, and what may be done with it."""

    template: ClassVar[str] = "education_report.html"
    item: Json
    may_build: bool
    may_sign: bool
    notice: str = ""
    fault: FormFault | None = None
