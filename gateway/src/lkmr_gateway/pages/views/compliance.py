"""«Что нужно для аккредитации», «Допуск сотрудников», «Изменения законодательства»."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from lkmr_gateway.pages.views.frame import Fault, Unavailable

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseForm:
    """What was typed into «А если пройти курс?»; `hours_fault` says what is wrong."""

    kind: str = "PK"
    hours: str = ""
    specialty: str = ""
    hours_fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceView:
    """`/compliance`: `made` as the JSON API gives it; `then` with a course, when one was asked."""

    template: ClassVar[str] = "compliance.html"
    made: Json | None
    fault: Unavailable | None = None
    form: CourseForm = CourseForm()
    then: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffView:
    """`/staff`: the board as the JSON API gives it, with the filters as they are set."""

    template: ClassVar[str] = "staff.html"
    board: Json | None
    asked: Mapping[str, str]
    query: str
    next_href: str = ""
    first_href: str = ""
    can_export: bool = False
    fault: Unavailable | Fault | None = None

    def tile_href(self, admission: str) -> str:
        """The same part of the staff with another admission."""
        given = {**self.asked, "admission": admission}
        return "/staff?" + urlencode({key: value for key, value in given.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMemberView:
    """`/staff/{worker}`: what the rules say of one member of staff."""

    template: ClassVar[str] = "staff_member.html"
    made: Json
    documents_href: str = ""
    mentoring_href: str = ""
    extract_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffReportView:
    """`/staff/report`: compliance with norms, as a page that can be printed."""

    template: ClassVar[str] = "staff_report.html"
    made: Json
    tables: Sequence[tuple[str, Sequence[Json]]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LawView:
    """`/law-changes`: cards of changes, those to come first."""

    template: ClassVar[str] = "law_changes.html"
    items: Sequence[Json]
    next_href: str = ""
    first_href: str = ""
