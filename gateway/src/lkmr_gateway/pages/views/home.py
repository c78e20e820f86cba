"""«Главная»."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lkmr_gateway.pages.views.accreditation import AccreditationItem
from lkmr_gateway.pages.views.frame import Section, Task, Unavailable
from lkmr_gateway.pages.views.inbox import MessageItem


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """«Главная». `accreditations` is None where the role has no right to the section.

    `greeting_name` is given name and patronymic. Tiles are the sections a person may open, those
    of the menu and `more_sections` beside it. `compliance` is as the JSON API says, None while it
    is not known.
    """

    template: ClassVar[str] = "home.html"
    greeting_name: str
    tasks: tuple[Task, ...] = ()
    accreditations: tuple[AccreditationItem, ...] | None = None
    accreditations_fault: Unavailable | None = None
    compliance: Mapping[str, Any] | None = None
    more_sections: tuple[Section, ...] = ()
    messages: tuple[MessageItem, ...] = ()
    messages_fault: Unavailable | None = None
