"""Pages of Gosuslugi that a person is sent to when something has to be mended there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lkmr_gateway.pages.views.frame import Link

_WORDS = {
    "profile": "Открыть профиль Госуслуг",
    "recovery": "Восстановить пароль на Госуслугах",
    "support": "Поддержка Госуслуг",
    "status": "Состояние Госуслуг",
    "identity": "Подтвердить личность на Госуслугах",
    "registration": "Регистрация на Госуслугах",
}


@dataclass(frozen=True, slots=True)
class PortalPages:
    """Addresses below `base`, unless `own` gives a page an address of its own.

    The portal may move its pages at any time, so that every address is a setting.
    """

    base: str
    own: Mapping[str, str] = field(default_factory=dict)

    def href(self, page: str) -> str:
        """The address of a page; empty while no portal is configured."""
        if page in self.own:
            return self.own[page]
        return f"{self.base}/{page}" if self.base and page in _WORDS else ""

    def link(self, page: str) -> Link | None:
        """The page as a link with its words; None where there is none."""
        href = self.href(page)
        return Link(label=_WORDS[page], href=href) if href else None
