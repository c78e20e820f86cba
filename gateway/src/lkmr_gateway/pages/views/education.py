"""«Обучение (НМО)»: progress, one activity, the form of a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lkmr_gateway.pages.views.frame import Unavailable

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFault:
    """A form that was refused: what to say above it, and at its fields."""

    title: str
    code: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EducationView:
    """Progress with its calculation, and the list of activities; a refused `code` comes back."""

    template: ClassVar[str] = "education.html"
    summary: Json | None
    activities: Sequence[Json]
    may_add: bool
    may_see_staff: bool = False
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None
    notice: str = ""
    code: str = ""
    refusal: FormFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityView:
    """One activity with its steps, documents and changes; what was typed comes back."""

    template: ClassVar[str] = "education_activity.html"
    item: Json
    may_change: bool
    notice: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActivityView:
    """The form of a new activity; what was typed comes back."""

    template: ClassVar[str] = "education_new.html"
    kinds: Mapping[str, str]
    forms: Mapping[str, str]
    specialties: Sequence[str]
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None
