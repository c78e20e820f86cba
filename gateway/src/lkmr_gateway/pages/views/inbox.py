"""«Сообщения»."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from lkmr_gateway.pages.views.frame import Unavailable

_CHANNELS = {"EMAIL": ("письмо", "о"), "SMS": ("SMS", "о"), "PUSH": ("уведомление", "о")}
_STATES = {
    "QUEUED": "ждёт отправки",
    "SENDING": "отправляется",
    "DELIVERED": "доставлено",
    "TEMPORARY_FAILURE": "пока не доставлено, попробуем ещё раз",
    "PERMANENT_FAILURE": "не доставлено",
    "TECHNICAL_FAILURE": "не доставлено: сбой у нас",
    "CANCELLED": "не понадобилось",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A view of the inbox: key in the address, words, what is asked of the service."""

    key: str
    label: str
    view: str = "ALL"
    groups: tuple[str, ...] = ()


TABS = (
    Tab(key="", label="Все"),
    Tab(key="tasks", label="Дела", view="TASKS"),
    Tab(key="documents", label="Документы", groups=("TERMS", "DOCUMENTS", "EXCHANGE")),
    Tab(key="education", label="Обучение", groups=("EDUCATION",)),
    Tab(key="correspondence", label="Переписка", groups=("CORRESPONDENCE", "SCHEDULE")),
    Tab(key="security", label="Безопасность", groups=("SECURITY",)),
    Tab(key="news", label="Новости", groups=("NEWS",)),
    Tab(key="unread", label="Непрочитанные", view="UNREAD"),
    Tab(key="done", label="Сделано", view="DONE"),
)


def tab_of(key: str) -> Tab:
    """The view that an address names; the first one for what is none."""
    return next((tab for tab in TABS if tab.key == key), TABS[0])


def counts_of(counts: Mapping[str, Any] | None, unread: int) -> dict[str, int]:
    """Numbers of the tabs by key; empty where the service did not count."""
    if counts is None:
        return {}
    fixed = {"": counts["all"], "tasks": counts["tasks"], "done": counts["done"], "unread": unread}
    groups = counts["groups"]
    return fixed | {
        tab.key: sum(groups.get(group, 0) for group in tab.groups) for tab in TABS if tab.groups
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryItem:
    """Word of a message on its way outside."""

    channel: str
    state: str
    time: datetime

    @property
    def words(self) -> str:
        """«письмо доставлено», «SMS не доставлено»."""
        channel = _CHANNELS.get(self.channel, (self.channel, "о"))[0]
        return f"{channel} {_STATES.get(self.state, 'в пути')}"

    @property
    def failed(self) -> bool:
        """Whether nothing more is tried over this channel."""
        return self.state in {"PERMANENT_FAILURE", "TECHNICAL_FAILURE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageItem:
    """A message of the inbox; `kind` and `link` as in the JSON API."""

    id: str
    kind: str
    title: str
    text: str
    create_time: datetime
    read_time: datetime | None = None
    link: str = ""
    group: str = ""
    why: str = ""
    task: bool = False
    deadline: date | None = None
    action: str = ""
    owner: str = ""
    done_time: datetime | None = None
    deliveries: tuple[DeliveryItem, ...] = ()

    @property
    def href(self) -> str:
        """The page of the message."""
        return f"/messages/{self.id}"

    @property
    def open_task(self) -> bool:
        """Whether something is still to be done."""
        return self.task and self.done_time is None

    @property
    def remark(self) -> str:
        """What became of it, after the time: «прочитано, не сделано», «сделано»."""
        if self.done_time is not None:
            return "сделано"
        if self.read_time is None:
            return ""
        return "прочитано, не сделано" if self.task else "прочитано"

    @property
    def delivery_words(self) -> str:
        """States of the deliveries that ended, in one line."""
        ended = [one for one in self.deliveries if one.state == "DELIVERED" or one.failed]
        return ", ".join(one.words for one in ended)

    @property
    def icon(self) -> str:
        """The icon of the group."""
        return _ICONS.get(self.group, "mail")


_ICONS = {
    "TERMS": "calendar",
    "DOCUMENTS": "file",
    "EDUCATION": "book",
    "EXCHANGE": "return",
    "SCHEDULE": "clock",
    "CORRESPONDENCE": "user",
    "SECURITY": "lock",
    "NEWS": "info",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageListView:
    """`/messages?tab=&q=&page_token=`; reading and doing are POSTs to `/messages/{id}/…`."""

    template: ClassVar[str] = "messages.html"
    items: tuple[MessageItem, ...] = ()
    unread_count: int = 0
    tab: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    words: str = ""
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None

    @property
    def tabs(self) -> tuple[tuple[Tab, bool, int | None], ...]:
        """Tabs, which is open, their numbers; empty ones beside the usual are left out."""
        shown = []
        for tab in TABS:
            number = self.counts.get(tab.key) if self.counts else None
            usual = tab.key in {"", "tasks", "unread", "done"} or number is None
            if usual or number or tab.key == self.tab:
                shown.append((tab, tab.key == self.tab, number))
        return tuple(shown)

    @property
    def open_tasks(self) -> int:
        """How many tasks wait."""
        return self.counts.get("tasks", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """`/messages/{id}`."""

    template: ClassVar[str] = "message.html"
    item: MessageItem
