"""«Заявления»: the list, one application as a task list, its sections, the check, decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.frame import Unavailable

Json = Mapping[str, Any]


def places_of(item: Json) -> Mapping[str, str]:
    """The section of each question."""
    return {one["name"]: section["id"] for section in item["sections"] for one in section["fields"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationListView:
    """Own applications, and forms that may be begun."""

    template: ClassVar[str] = "applications.html"
    items: Sequence[Json]
    forms: Sequence[Json]
    specialties: Sequence[str]
    next_href: str = ""
    first_href: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None
    away: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView:
    """One application: what to fill in while it is a draft, where it stands afterwards."""

    template: ClassVar[str] = "application.html"
    item: Json
    notice: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None

    @property
    def places(self) -> Mapping[str, str]:
        """Where each question is asked."""
        return places_of(self.item)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """Questions of one section; what was typed comes back."""

    template: ClassVar[str] = "application_section.html"
    item: Json
    section: Json
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """Names of the questions."""
        return {one["name"]: one["label"] for one in self.section["fields"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """«Проверьте данные»: everything that will be sent, and what is missing."""

    template: ClassVar[str] = "application_check.html"
    item: Json
    fault: FormFault | None = None

    @property
    def places(self) -> Mapping[str, str]:
        """Where each question is asked."""
        return places_of(self.item)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentView:
    """The confirmation: number, time, what comes next."""

    template: ClassVar[str] = "application_sent.html"
    item: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFormView:
    """Personnel begins a form about a member of the staff: `href` takes it, `submit` names it."""

    template: ClassVar[str] = "staff_form.html"
    href: str
    submit: str
    worker: str
    name: str
    specialties: Sequence[str]
    form: Json
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """Names of the questions."""
        section = self.form["sections"][0]
        return {one["name"]: one["label"] for one in section["fields"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffApplicationsView:
    """What waits for a head or for personnel."""

    template: ClassVar[str] = "staff_applications.html"
    items: Sequence[Json]
    next_href: str = ""
    first_href: str = ""
    away: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffApplicationView:
    """What has to be decided."""

    template: ClassVar[str] = "staff_application.html"
    item: Json
    notice: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None
