"""Pages that are open to everybody."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lkmr_gateway.pages.views.frame import SystemState


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
